#include "agent/usb/journal/statement_spool.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

#include <fmt/core.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "agent/devices/private_file.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/wire/statement/session_statement.h"

namespace assay::agent::statement_spool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".statement";
constexpr std::size_t kAtOnce = 1000;       // files of one look
constexpr std::size_t kMostRefused = 1000;  // files kept for a person; more are removed

Result<> made(const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder.parent_path(), failed);
    if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        return fail_errno(errno, printable(folder.string()));
    return {};
}

Result<std::vector<fs::path>> waiting_in(const fs::path& folder, std::string_view ending) {
    std::vector<fs::path> out;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
        if (at->path().extension() == ending && out.size() < kAtOnce) out.push_back(at->path());
    }
    if (failed && failed != std::errc::no_such_file_or_directory)
        return fail(ErrorCode::io, printable(folder.string()) + ": " + failed.message());
    std::ranges::sort(out);  // their names begin with when they were put
    return out;
}

// What any host would say of it. Whose key it is only the verifier knows.
Result<Bytes> document_of(const fs::path& file) {
    const auto bytes = TRY(read_small_file(file, limits::kJournalDocument));
    const auto document = TRY(decode_session_document(as_view(bytes)));
    const auto statement = TRY(parse_session_statement(document.text));
    if (statement.action == "challenge") {
        if (!document.public_key.empty() || !document.signature.empty())
            return fail(ErrorCode::malformed, "a challenge is not signed");
    } else if (!TRY(session_signature_verifies(document.public_key, document.text, document.signature))) {
        return fail(ErrorCode::refused, "the signature is not of this statement and key");
    }
    return to_bytes(std::string_view(bytes));
}

void set_aside(const fs::path& file) {
    std::error_code failed;
    const auto refused = waiting_in(file.parent_path(), ".refused");
    if (refused && refused->size() >= kMostRefused) {
        fs::remove(file, failed);
    } else {
        fs::rename(file, fs::path(file).replace_extension(".refused"), failed);
    }
}

}  // namespace

Result<fs::path> put(const fs::path& folder, const SessionDocument& document) {
    TRY_VOID(made(folder));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    auto file = folder / fmt::format("{:020}-{:08x}{}", microseconds, std::random_device{}(), kEnding);
    TRY_VOID(write_private_file(file, encode_session_document(document)));
    return file;
}

Result<std::size_t> take_in(const fs::path& folder, AnchoredJournal& journal, Host& host) {
    std::size_t taken = 0;
    for (const auto& file : TRY(waiting_in(folder, kEnding))) {
        auto document = document_of(file);
        if (!document) {
            if (document.error().code == ErrorCode::not_found) continue;  // taken back
            set_aside(file);
            continue;
        }
        auto record = TRY(new_record(host));
        record.kind = DeviceEventKind::session;
        record.document = std::move(*document);
        TRY_VOID(journal.append(std::move(record)));
        // Where the machine stops here it is journaled once more: the verifier takes a statement once.
        std::error_code failed;
        fs::remove(file, failed);
        if (failed) return fail(ErrorCode::io, printable(file.string()) + ": " + failed.message());
        ++taken;
    }
    return taken;
}

Result<std::unique_ptr<Intake>> Intake::start(fs::path folder, AnchoredJournal& journal, Host& host,
                                              Events events) {
    TRY_VOID(made(folder));
    FileDescriptor changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!changes || inotify_add_watch(changes.get(), folder.c_str(), IN_MOVED_TO | IN_ONLYDIR) < 0)
        return fail_errno(errno, printable(folder.string()));
    FileDescriptor stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!stop) return fail_errno(errno, "eventfd");
    std::unique_ptr<Intake> out(new Intake(std::move(folder), std::move(changes), std::move(stop),
                                           std::move(events)));  // NOLINT: private constructor
    out->thread_ = std::thread([self = out.get(), &journal, &host] { self->run(journal, host); });
    return out;
}

Intake::~Intake() {
    static_cast<void>(eventfd_write(stop_.get(), 1));
    if (thread_.joinable()) thread_.join();
}

void Intake::run(AnchoredJournal& journal, Host& host) {
    constexpr int kAgain = 30'000;  // milliseconds: what a full disk left is tried again
    std::array<pollfd, 2> wait{pollfd{stop_.get(), POLLIN, 0}, pollfd{changes_.get(), POLLIN, 0}};
    while (wait[0].revents == 0) {
        const auto taken = take_in(folder_, journal, host);
        if (!taken) events_.trouble("statements: " + printable(describe(taken.error())));
        if (taken && *taken > 0) events_.taken();
        poll(wait.data(), wait.size(), kAgain);
        alignas(inotify_event) std::array<char, 4096> told{};
        while (read(changes_.get(), told.data(), told.size()) > 0) {
        }
    }
}

}  // namespace assay::agent::statement_spool

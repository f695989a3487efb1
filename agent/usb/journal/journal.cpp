#include "agent/usb/journal/journal.h"

#include <cerrno>
#include <limits>
#include <mutex>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/devices/file_descriptor.h"
#include "evidence/base/cause.h"
#include "evidence/base/fault.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::agent {
namespace {

using journal_frames::Scan;

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

std::unexpected<Error> failed(const std::filesystem::path& path, std::string_view what) {
    const int error = errno;
    return std::unexpected(error_of_errno(error, fmt::format("{} {}", what, printable(path.string()))));
}

Result<void> write_all(int fd, ByteView bytes, std::size_t offset, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const auto n = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(path, "writing");
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::size_t>(n);
    }
    return {};
}

std::unexpected<Error> injected() {
    return fail(ErrorCode::io, "an injected fault");
}

Result<void> write_frame(int fd, ByteView frame, std::size_t offset, const std::filesystem::path& path) {
#ifdef ASSAY_FAULTS  // in two pieces, so that a test can end the process between them
    const auto half = frame.size() / 2;
    TRY_VOID(write_all(fd, frame.first(half), offset, path));
    if (ASSAY_FAULT("journal: half of the record written")) return injected();
    return write_all(fd, frame.subspan(half), offset + half, path);
#else
    return write_all(fd, frame, offset, path);
#endif
}

Result<Bytes> read_all(int fd, const std::filesystem::path& path) {
    struct stat info{};
    if (fstat(fd, &info) != 0) return failed(path, "reading");
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size > journal_frames::kMaxFile)
        return fail(ErrorCode::limit, fmt::format("{}: {} bytes", printable(path.string()), size));
    Bytes bytes(size);
    std::size_t done = 0;
    while (done < size) {
        const auto n = pread(fd, bytes.data() + done, size - done, static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(path, "reading");
        if (n == 0) break;  // cut off by its writer in the meantime
        done += static_cast<std::size_t>(n);
    }
    bytes.resize(done);
    return bytes;
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0) return failed(folder, "syncing");
    return {};
}

// Written under another name, synced, then renamed: the file is the old one or the new one, never half of it.
Result<void> replace_file(const std::filesystem::path& folder, const std::filesystem::path& name,
                          ByteView bytes) {
    const auto temporary = folder / (name.string() + ".new");
    // The lock's holder alone writes here, so what stands under that name is of a crash, or put there.
    ::unlink(temporary.c_str());
    const FileDescriptor fd(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!fd) return failed(temporary, "making");
    TRY_VOID(write_all(fd.get(), bytes, 0, temporary));
    if (ASSAY_FAULT("journal: new file written") || fsync(fd.get()) != 0) return failed(temporary, "syncing");
    if (ASSAY_FAULT("journal: new file synced")) return injected();
    if (rename(temporary.c_str(), (folder / name).c_str()) != 0) return failed(temporary, "renaming");
    if (ASSAY_FAULT("journal: new file renamed")) return injected();
    return sync_folder(folder);
}

Result<Scan> scan_named(ByteView bytes, const std::filesystem::path& path) {
    auto scanned = journal_frames::scan(bytes);
    if (scanned) return scanned;
    auto error = scanned.error();
    error.context = fmt::format(
        "the device journal {} is damaged: {}. It stays as it is. Keep a copy for the investigation, then "
        "move it away and "
        "restart the agent; the verifier will report the break in the chain",
        printable(path.string()), error.context);
    return std::unexpected(error);
}

// An open-file-description lock: unlike flock(2) it can be asked for without being taken.
struct flock whole_file() {
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

Result<FileDescriptor> take_lock(const std::filesystem::path& folder) {
    const auto path = folder / "lock";
    FileDescriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!fd) return failed(path, "opening");
    auto lock = whole_file();
    if (fcntl(fd.get(), F_OFD_SETLK, &lock) == 0) return fd;
    if (errno != EAGAIN && errno != EACCES) return failed(path, "locking");
    return fail(ErrorCode::conflict,
                fmt::format("another assay-agent writes the journal in {}: is the service running?",
                            printable(folder.string())));
}

}  // namespace

struct Journal::State {
    std::filesystem::path folder;
    FileDescriptor lock;
    FileDescriptor file;
    mutable std::mutex mutex;
    JournalPosition base;
    JournalPosition head;
    std::size_t size = 0;
    bool dirty = false;  // something may stand behind `size`
    std::optional<TornWrite> torn;

    [[nodiscard]] std::filesystem::path path() const { return folder / "journal"; }
    Result<void> open_file();
    Result<void> cut_back();
};

Result<void> Journal::State::open_file() {
    file = FileDescriptor(::open(path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) {
        TRY_VOID(replace_file(folder, "journal", journal_frames::encode_header({})));
        file = FileDescriptor(::open(path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    }
    if (!file) return failed(path(), "opening");
    const auto bytes = TRY(read_all(file.get(), path()));
    const auto scanned = TRY(scan_named(bytes, path()));
    base = scanned.base;
    head = scanned.head;
    size = scanned.good_size;
    if (scanned.torn == 0) return {};
    torn = TornWrite{scanned.good_size, scanned.torn, folder / "journal.torn"};
    TRY_VOID(replace_file(folder, "journal.torn", ByteView(bytes).subspan(scanned.good_size)));
    dirty = true;
    return cut_back();
}

Result<void> Journal::State::cut_back() {
    if (!dirty) return {};
    if (ftruncate(file.get(), static_cast<off_t>(size)) != 0) return failed(path(), "cutting back");
    if (fdatasync(file.get()) != 0) return failed(path(), "syncing");
    dirty = false;
    return {};
}

Result<Journal> Journal::open(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder.parent_path(), error);
    if (mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) return failed(folder, "making");
    auto state = std::make_unique<State>();
    state->folder = folder;
    state->lock = TRY(take_lock(folder));
    TRY_VOID(state->open_file());
    return Journal(std::move(state));
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Result<JournalPosition> Journal::append(JournalRecord record) {
    const std::lock_guard guard(state_->mutex);
    auto& state = *state_;
    TRY_VOID(state.cut_back());
    record.sequence = state.head.sequence + 1;
    record.previous = state.head.digest;
    const auto encoded = encode_journal_record(record);
    // A record that no reader would take must not get into the chain.
    TRY_VOID(decode_journal_record(encoded));
    const auto frame = journal_frames::encode_frame(encoded);
    const auto room =
        journal_frames::kMaxFile - (record.kind == DeviceEventKind::gap ? 0 : journal_frames::kReserve);
    if (state.size + frame.size() > room) {
        return fail(ErrorCode::limit,
                    fmt::format("the device journal {} is full: it shrinks when the verifier acknowledges it",
                                printable(state.path().string())));
    }
    if (ASSAY_FAULT("journal: before the record is written")) return injected();
    state.dirty = true;
    auto written = write_frame(state.file.get(), frame, state.size, state.path());
    if (written && ASSAY_FAULT("journal: record written, not synced")) written = injected();
    if (written && fdatasync(state.file.get()) != 0) written = failed(state.path(), "syncing");
    if (written && ASSAY_FAULT("journal: record synced")) written = injected();
    if (!written) {
        static_cast<void>(state.cut_back());  // if that fails as well, the next append tries it again first
        return std::unexpected(written.error());
    }
    state.dirty = false;
    state.size += frame.size();
    state.head = {record.sequence, journal_digest(encoded)};
    return state.head;
}

Result<void> Journal::prune_through(std::uint64_t sequence) {
    const std::lock_guard guard(state_->mutex);
    auto& state = *state_;
    TRY_VOID(state.cut_back());
    if (sequence <= state.base.sequence || sequence > state.head.sequence) return {};
    const auto bytes = TRY(read_all(state.file.get(), state.path()));
    const auto scanned = TRY(scan_named(bytes, state.path()));
    const auto count = static_cast<std::size_t>(sequence - scanned.base.sequence);
    if (count > scanned.frames.size())
        return fail(ErrorCode::internal, "the journal is shorter than its head says");
    const auto& last = scanned.frames[count - 1];
    const auto from = last.offset + last.record.size() + journal_frames::kFrameOverhead;
    const JournalPosition base{sequence, last.digest};
    auto rewritten = journal_frames::encode_header(base);
    rewritten.insert(rewritten.end(), bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end());
    TRY_VOID(replace_file(state.folder, "journal", rewritten));
    FileDescriptor file(::open(state.path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!file) return failed(state.path(), "opening");
    state.file = std::move(file);
    state.base = base;
    state.size = rewritten.size();
    return {};
}

JournalPosition Journal::head() const {
    const std::lock_guard guard(state_->mutex);
    return state_->head;
}

std::size_t Journal::size() const {
    const std::lock_guard guard(state_->mutex);
    return state_->size;
}

const std::optional<TornWrite>& Journal::torn_write() const {
    return state_->torn;
}

Result<LoadedJournal> load_journal(const std::filesystem::path& folder) {
    const auto path = folder / "journal";
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) return LoadedJournal{};
    if (!file) return failed(path, "opening");
    LoadedJournal journal;
    journal.bytes = TRY(read_all(file.get(), path));
    journal.scan = TRY(scan_named(journal.bytes, path));
    return journal;
}

Result<JournalSection> read_journal(const std::filesystem::path& folder, std::uint64_t sequence,
                                    std::size_t max_bytes) {
    const auto loaded = TRY(load_journal(folder));
    const auto& scanned = loaded.scan;
    JournalSection section{scanned.head.sequence, scanned.head.digest, {}};
    std::size_t total = 0;
    auto at = scanned.base.sequence;
    for (const auto& frame : scanned.frames) {
        if (++at <= sequence) continue;
        if (section.records.size() == limits::kJournalRecords || frame.record.size() > max_bytes - total) {
            section.head_sequence = at - 1;
            section.head = TRY(decode_journal_record(frame.record)).previous;
            break;
        }
        total += frame.record.size();
        section.records.push_back(to_bytes(frame.record));
    }
    return section;
}

Result<bool> journal_has_writer(const std::filesystem::path& folder) {
    const auto path = folder / "lock";
    const FileDescriptor fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno == ENOENT) return false;
    if (!fd) return failed(path, "opening");
    auto lock = whole_file();
    if (fcntl(fd.get(), F_OFD_GETLK, &lock) != 0) return failed(path, "asking for the lock of");
    return lock.l_type != F_UNLCK;
}

}  // namespace assay::agent

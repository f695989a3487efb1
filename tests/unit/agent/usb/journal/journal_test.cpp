#include "agent/usb/journal/journal.h"

#include <csignal>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence/base/hex.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/support/machine/text.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
using test::decoded;
using test::insertion;
using test::read_text;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPlenty = 1U << 20U;

void overwrite(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

struct Folder {
    test::TempFolder temporary;
    fs::path path = temporary.path() / "journal";
    [[nodiscard]] fs::path file() const { return path / "journal"; }
    void fill(int records) const {
        auto journal = Journal::open(path);
        REQUIRE(journal);
        for (int i = 1; i <= records; ++i) REQUIRE(journal->append(insertion("S" + std::to_string(i))));
    }
};

}  // namespace

TEST_CASE("an empty journal file is the one that its format page shows") {
    const Folder folder;
    folder.fill(0);
    CHECK(to_hex(as_view(read_text(folder.file())))
              .ends_with("f80616231a64c6eb8a6e3ba829a734e44cc47bc3a03fbbba37cd4e66823a43f4"));
    CHECK(read_text(folder.file()).size() == 80);
}

TEST_CASE("records form a chain from 1 on that survives a restart of the writer") {
    const Folder folder;
    folder.fill(2);
    folder.fill(1);
    const auto section = read_journal(folder.path, 0, kPlenty);
    REQUIRE(section);
    const auto records = decoded(*section);
    REQUIRE(records.size() == 3);
    CHECK(records[0].previous == Digest());
    for (std::size_t i = 0; i < records.size(); ++i) {
        CHECK(records[i].sequence == i + 1);
        if (i > 0) CHECK(records[i].previous == journal_digest(section->records[i - 1]));
    }
    CHECK(section->head_sequence == 3);
    CHECK(section->head == journal_digest(section->records.back()));
}

TEST_CASE("what was acknowledged is not read again") {
    const Folder folder;
    folder.fill(3);
    const auto section = read_journal(folder.path, 2, kPlenty);
    REQUIRE(section);
    REQUIRE(section->records.size() == 1);
    CHECK(decoded(*section).front().sequence == 3);
    CHECK(read_journal(folder.path, 3, kPlenty)->records.empty());
    CHECK(read_journal(folder.path, 3, kPlenty)->head_sequence == 3);
}

TEST_CASE("a journal larger than a submission is given in parts whose heads are in the chain") {
    const Folder folder;
    folder.fill(5);
    const auto whole = read_journal(folder.path, 0, kPlenty).value();
    const auto part = read_journal(folder.path, 1, whole.records[1].size() + whole.records[2].size());
    REQUIRE(part);
    CHECK(part->records == std::vector<Bytes>{whole.records[1], whole.records[2]});
    CHECK(part->head_sequence == 3);
    CHECK(part->head == journal_digest(whole.records[2]));
}

TEST_CASE("no journal at all reads as an empty one") {
    const Folder folder;
    CHECK(read_journal(folder.path, 0, kPlenty) == JournalSection{});
    CHECK(journal_has_writer(folder.path) == false);
}

TEST_CASE("a write that was cut off at any byte is cut back, kept, reported, and the chain goes on") {
    const Folder folder;
    folder.fill(1);
    const auto before = read_text(folder.file());
    folder.fill(1);
    const auto whole = read_text(folder.file());
    for (auto size = before.size() + 1; size < whole.size(); ++size) {
        CAPTURE(size);
        overwrite(folder.file(), whole.substr(0, size));
        CHECK(read_journal(folder.path, 0, kPlenty)->head_sequence ==
              1);  // a reader leaves it out, and alone
        CHECK(read_text(folder.file()).size() == size);
        auto journal = Journal::open(folder.path);
        REQUIRE(journal);
        REQUIRE(journal->torn_write());
        CHECK(journal->torn_write()->offset == before.size());
        CHECK(read_text(journal->torn_write()->kept) == whole.substr(before.size(), size - before.size()));
        CHECK(read_text(folder.file()) == before);
        REQUIRE(journal->append(insertion("S1")));
        CHECK(read_text(folder.file()) == whole);
    }
}

TEST_CASE("pages of the last write that never reached the disk are a torn write") {
    const Folder folder;
    folder.fill(1);
    const auto before = read_text(folder.file());
    folder.fill(1);
    auto zeros_first = read_text(folder.file());
    std::fill_n(zeros_first.begin() + static_cast<std::ptrdiff_t>(before.size()), 60, '\0');
    auto zeros_last = read_text(folder.file());
    std::fill_n(zeros_last.end() - 60, 60, '\0');
    for (const auto& file : {zeros_first, zeros_last, before + std::string(4096, '\0')}) {
        overwrite(folder.file(), file);
        const auto journal = Journal::open(folder.path);
        REQUIRE(journal);
        CHECK(journal->torn_write());
        CHECK(read_text(folder.file()) == before);
    }
}

TEST_CASE("any changed byte before the last record is corruption: named, and the file stays as it is") {
    const Folder folder;
    folder.fill(2);
    const auto two = read_text(folder.file()).size();
    folder.fill(1);
    const auto whole = read_text(folder.file());
    for (std::size_t i = 0; i < two; ++i) {
        CAPTURE(i);
        auto damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        overwrite(folder.file(), damaged);
        const auto journal = Journal::open(folder.path);
        REQUIRE_FALSE(journal);
        CHECK(journal.error().code == ErrorCode::malformed);
        CHECK(journal.error().offset);
        CHECK(journal.error().context.find(folder.file().string()) != std::string::npos);
        CHECK(journal.error().context.find("move it away") != std::string::npos);
        CHECK(read_text(folder.file()) == damaged);
        CHECK_FALSE(read_journal(folder.path, 0, kPlenty));
    }
    CHECK_FALSE(fs::exists(folder.path / "journal.torn"));
}

TEST_CASE("a damaged record is named by its number") {
    const Folder folder;
    folder.fill(1);
    const auto first = read_text(folder.file()).size();
    folder.fill(2);
    auto damaged = read_text(folder.file());
    damaged[first + 20] = '!';
    overwrite(folder.file(), damaged);
    const auto journal = Journal::open(folder.path);
    REQUIRE_FALSE(journal);
    CHECK(journal.error().context.find("record 2 is damaged") != std::string::npos);
    CHECK(journal.error().offset == first);
}

TEST_CASE("a record taken out of the middle breaks the chain") {
    const Folder folder;
    folder.fill(1);
    const auto one = read_text(folder.file()).size();
    folder.fill(1);
    const auto two = read_text(folder.file()).size();
    folder.fill(1);
    auto shorter = read_text(folder.file());
    shorter.erase(one, two - one);
    overwrite(folder.file(), shorter);
    CHECK_FALSE(Journal::open(folder.path));
}

TEST_CASE("a second writer is refused while the first one lives") {
    const Folder folder;
    {
        const auto first = Journal::open(folder.path);
        REQUIRE(first);
        const auto second = Journal::open(folder.path);
        REQUIRE_FALSE(second);
        CHECK(second.error().code == ErrorCode::conflict);
        CHECK(journal_has_writer(folder.path) == true);
        CHECK(journal_has_writer(folder.path) == true);  // asking does not take it
    }
    CHECK(journal_has_writer(folder.path) == false);
    CHECK(Journal::open(folder.path));
}

TEST_CASE("acknowledged records are pruned, and the chain goes on from them") {
    const Folder folder;
    folder.fill(4);
    const auto whole = read_journal(folder.path, 0, kPlenty).value();
    {
        auto journal = Journal::open(folder.path);
        REQUIRE(journal);
        const auto size = journal->size();
        REQUIRE(journal->prune_through(3));
        CHECK(journal->size() < size);
        REQUIRE(journal->prune_through(99));  // not there yet: nothing happens
        REQUIRE(journal->append(insertion("S5")));
    }
    const auto section = read_journal(folder.path, 3, kPlenty);
    REQUIRE(section);
    REQUIRE(section->records.size() == 2);
    CHECK(section->records[0] == whole.records[3]);
    CHECK(decoded(*section)[1].sequence == 5);
    CHECK(decoded(*section)[1].previous == whole.head);
    CHECK(read_journal(folder.path, 0, kPlenty)->records.size() == 2);
}

TEST_CASE("a full disk is an error, and the chain is what it was before") {
    const Folder folder;
    folder.fill(1);
    const auto before = read_text(folder.file());
    auto journal = Journal::open(folder.path);
    REQUIRE(journal);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit old_limit{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
    rlimit tight = old_limit;
    tight.rlim_cur = before.size() + 20;  // the write gets 20 bytes through, then fails
    REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    const auto refused = journal->append(insertion("S1"));
    REQUIRE(setrlimit(RLIMIT_FSIZE, &old_limit) == 0);
    static_cast<void>(std::signal(SIGXFSZ, old_handler));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::io);
    CHECK(read_text(folder.file()) == before);
    REQUIRE(journal->append(insertion("S1")));
    CHECK(decoded(read_journal(folder.path, 0, kPlenty).value()).back().sequence == 2);
}

TEST_CASE("a record that no reader would take does not get into the chain") {
    const Folder folder;
    auto journal = Journal::open(folder.path);
    REQUIRE(journal);
    auto nameless = insertion("S1");
    nameless.boot_id = "no boot id";
    CHECK_FALSE(journal->append(nameless));
    CHECK(journal->head() == JournalPosition{});
}

TEST_CASE("a folder that may not be read is refused with the remedy") {
    if (geteuid() == 0) return;  // root may read everything
    const Folder folder;
    folder.fill(1);
    fs::permissions(folder.path, fs::perms::none);
    const auto section = read_journal(folder.path, 0, kPlenty);
    fs::permissions(folder.path, fs::perms::owner_all);
    REQUIRE_FALSE(section);
    CHECK(section.error().code == ErrorCode::refused);
}

TEST_CASE(
    "a writer killed at any moment leaves what it acknowledged, and readers beside it see a whole chain") {
    const Folder folder;
    folder.fill(0);
    std::uint64_t acknowledged = 0;
    for (int round = 0; round < 8; ++round) {
        int pipe_ends[2];
        REQUIRE(pipe(pipe_ends) == 0);
        const auto child = fork();
        if (child == 0) {
            close(pipe_ends[0]);
            auto journal = Journal::open(folder.path);
            for (int i = 0; i < 100; ++i) {  // bounded: the journal is read again and again beside it
                const auto head = journal ? journal->append(insertion("S")) : Result<JournalPosition>{};
                if (!head || write(pipe_ends[1], &head->sequence, sizeof head->sequence) < 0) _exit(1);
            }
            pause();
            _exit(0);
        }
        close(pipe_ends[1]);
        std::uint64_t sequence = 0;
        for (int i = 0; i < 20 + round && ::read(pipe_ends[0], &sequence, sizeof sequence) > 0; ++i) {
            const auto seen = read_journal(folder.path, acknowledged, kPlenty);  // beside the writer
            REQUIRE(seen);
            CHECK(seen->head_sequence >= sequence);
        }
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        while (::read(pipe_ends[0], &sequence, sizeof sequence) > 0) acknowledged = sequence;
        acknowledged = std::max(acknowledged, sequence);
        close(pipe_ends[0]);
        const auto after = Journal::open(folder.path);
        REQUIRE(after);
        CHECK(after->head().sequence >= acknowledged);
    }
    CHECK(acknowledged >= 8 * 20);
}

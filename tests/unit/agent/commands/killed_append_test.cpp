#include <array>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <set>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/commands/commands.h"
#include "agent/devices/tpm/tpm.h"
#include "agent/usb/journal/anchored_journal.h"
#include "client/command_line/command_line.h"
#include "evidence/base/fault.h"
#include "tests/support/machine/skip.h"
#include "tests/support/tpm/swtpm.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
using namespace assay::command_line;
using State = AnchorStatus::State;

namespace {

// Every place between two steps of a record's way to the disk and into the TPM. A new one is entered here.
const std::set<std::string> kPoints{"journal: before the record is written",
                                    "journal: half of the record written",
                                    "journal: record written, not synced",
                                    "journal: record synced",
                                    "journal: record on disk, not in the TPM",
                                    "journal: record extended, not counted",
                                    "journal: record counted",
                                    "journal: indices defined, point not saved",
                                    "journal: point saved, anchor not written",
                                    "journal: point advanced, records not pruned",
                                    "journal: new file written",
                                    "journal: new file synced",
                                    "journal: new file renamed"};

int told = -1;  // the pipe on which the child tells how far it came

void tell(std::string_view line) {
    const auto text = std::string(line) + "\n";
    static_cast<void>(!write(told, text.data(), text.size()));
}

void die(std::string_view point) {
    tell(point);
    static_cast<void>(kill(getpid(), SIGKILL));
    std::abort();
}

// A life of a journal: set up, written, pruned, written.
void live(const std::string& tcti, const std::filesystem::path& folder) {
    auto tpm = Tpm::open(tcti);
    if (!tpm) std::_Exit(2);
    auto journal = Journal::open(folder);
    if (!journal) std::_Exit(3);
    AnchoredJournal anchored(std::move(*journal), folder, tpm->get());
    if (!anchored.set_up("", false, test::start_record())) std::_Exit(4);
    const auto append = [&](const std::string& serial) {
        const auto head = anchored.append(test::insertion(serial));
        if (!head) std::_Exit(5);
        tell("+" + std::to_string(head->sequence));
    };
    append("S1");
    append("S2");
    if (!anchored.prune_through(2)) std::_Exit(6);
    append("S3");
}

struct Death {
    int status = 0;
    std::string point;
    std::uint64_t acknowledged = 0;  // the newest record whose append returned
};

Death killed_at(std::uint64_t n, const std::string& tcti, const std::filesystem::path& folder) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const auto child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        close(ends[0]);
        told = ends[1];
        fault::arm(n, "journal", die);
        live(tcti, folder);
        std::_Exit(0);
    }
    close(ends[1]);
    std::string text;
    std::array<char, 256> buffer{};
    for (ssize_t got = 0; (got = read(ends[0], buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(got));
    close(ends[0]);
    Death out;
    REQUIRE(waitpid(child, &out.status, 0) == child);
    for (std::size_t at = 0; at < text.size();) {
        const auto line = text.substr(at, text.find('\n', at) - at);
        at += line.size() + 1;
        if (line.starts_with("+"))
            out.acknowledged = std::stoull(line.substr(1));
        else
            out.point = line;
    }
    return out;
}

int journal_verify(const std::string& tcti, const std::filesystem::path& state) {
    command_line::Command app("assay-agent", "test");
    const auto json = std::make_shared<bool>(false);
    command_line::prepare(app, *json, "");
    const AskSettings ask = [&]() -> Result<Settings> {
        Settings settings;
        settings.tcti = tcti;
        settings.state = state;
        return settings;
    };
    add_journal_commands(app, ask, json);
    const std::array<const char*, 3> arguments{"assay-agent", "journal", "verify"};
    return command_line::run(app, static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE(
    "wherever the agent is killed, its journal goes on, has what it acknowledged, and the TPM vouches for "
    "it") {
    if (!fault::built_in()) ASSAY_SKIP("this build has no fault points (ASSAY_FAULTS)");
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    std::set<std::string> met;
    std::uint64_t deaths = 0;
    for (bool killed = true; killed; ++deaths) {
        const test::TempFolder state;
        const auto folder = state.path() / "journal";
        const auto death = killed_at(deaths, swtpm->tcti(), folder);
        killed = WIFSIGNALED(death.status) && WTERMSIG(death.status) == SIGKILL;
        INFO("death " << deaths << " at '" << death.point << "'");
        if (!killed) REQUIRE((WIFEXITED(death.status) && WEXITSTATUS(death.status) == 0));
        if (killed) met.insert(death.point);
        {
            auto tpm = Tpm::open(swtpm->tcti());
            REQUIRE(tpm);
            auto journal = Journal::open(folder);
            REQUIRE(journal);
            CHECK(journal->head().sequence >= death.acknowledged);
            AnchoredJournal anchored(std::move(*journal), folder, tpm->get());
            anchored.catch_up();
            // As at each start of the service: what was begun is brought to its end.
            REQUIRE(anchored.set_up("", false, test::start_record()));
            const auto before = anchored.head().sequence;
            const auto head = anchored.append(test::insertion("after"));
            REQUIRE(head);
            CHECK(head->sequence == before + 1);
            CHECK_FALSE(anchored.trouble());
            CHECK(anchor_status(folder, **tpm).state == State::anchored);
        }
        CHECK(journal_verify(swtpm->tcti(), state.path()) == 0);
        auto tpm = Tpm::open(swtpm->tcti());
        REQUIRE(tpm);
        REQUIRE((*tpm)->remove_journal_indices(""));
    }
    CHECK(met == kPoints);
    CHECK(deaths > kPoints.size());
}

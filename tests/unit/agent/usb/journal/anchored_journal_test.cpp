#include "agent/usb/journal/anchored_journal.h"

#include <fstream>

#include <catch2/catch.hpp>

#include "tests/support/machine/temp_folder.h"
#include "tests/support/tpm/stub_tpm.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
using State = AnchorStatus::State;
using Setup = AnchoredJournal::Setup;

namespace {

struct Anchored {
    test::TempFolder folder;
    test::JournalTpm tpm;
    std::unique_ptr<AnchoredJournal> journal;
    int appended = 0;

    Anchored() { open(); }
    void open() {
        journal.reset();
        const auto at = folder.path() / "j";
        journal = std::make_unique<AnchoredJournal>(Journal::open(at).value(), at, &tpm);
    }
    Result<Setup> set_up(bool renew = false, const std::string& auth = "") {
        return journal->set_up(auth, renew, test::start_record());
    }
    void append(int count = 1) {
        for (int i = 0; i < count; ++i)
            REQUIRE(journal->append(test::insertion("S" + std::to_string(++appended))));
    }
    AnchorStatus status() { return anchor_status(folder.path() / "j", tpm); }
};

}  // namespace

TEST_CASE("the TPM has each record when append returns, counted once") {
    Anchored host;
    REQUIRE(host.set_up().value() == Setup::done);
    const auto base = *host.tpm.indices.counter - 1;
    host.append(3);
    CHECK(host.status().state == State::anchored);
    CHECK(host.status().through == 4);
    CHECK(host.tpm.indices.counter == base + 4);
    CHECK_FALSE(host.journal->trouble());
}

TEST_CASE("setting up twice changes nothing, and a journal that had records is anchored from then on") {
    Anchored host;
    host.append(2);
    CHECK(host.journal->trouble());
    REQUIRE(host.set_up().value() == Setup::done);
    CHECK_FALSE(host.journal->trouble());
    const auto before = host.tpm.indices;
    CHECK(host.set_up().value() == Setup::already);
    CHECK(host.tpm.indices == before);
    CHECK(host.status().state == State::anchored);
}

TEST_CASE("a set-up that a crash ended before its record is taken up where it was") {
    Anchored host;
    host.tpm.fault = Error{ErrorCode::tpm, "TPM_RC_NV_UNAVAILABLE", {}};
    host.tpm.indices.counter = 6;
    host.tpm.indices.counter_defined = host.tpm.indices.value_defined = true;
    REQUIRE(anchor_point::save(host.folder.path() / "j", {0, Digest{}, 6}));
    host.tpm.fault.reset();
    REQUIRE(host.set_up().value() == Setup::done);
    CHECK(host.status().state == State::anchored);
    CHECK(host.tpm.indices.counter == 7);
}

TEST_CASE("while the TPM is busy the journal goes on, says since when, and brings it up later in order") {
    Anchored host;
    REQUIRE(host.set_up());
    host.tpm.fault = Error{ErrorCode::tpm, "TPM_RC_NV_RATE", {}};
    host.tpm.faults_after = GENERATE(0, 1);  // before the extension, and between it and the count
    host.append(3);
    REQUIRE(host.journal->trouble());
    CHECK(host.journal->trouble()->reason.find("NV_RATE") != std::string::npos);
    CHECK(host.journal->trouble()->since_ms > 0);
    CHECK(host.status().state == State::behind);
    host.tpm.fault.reset();
    SECTION("with the next record") {
        host.append();
    }
    SECTION("with the next attestation") {
        host.journal->catch_up();
    }
    SECTION("after a restart of the agent") {
        host.open();
        host.journal->catch_up();
    }
    CHECK_FALSE(host.journal->trouble());
    CHECK(host.status().state == State::anchored);
}

TEST_CASE("where the owner has a password it is asked for, and the journal goes on without") {
    Anchored host;
    host.tpm.owner_auth = "secret";
    const auto refused = host.set_up();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::refused);
    host.append();
    CHECK(host.status().state == State::absent);
    CHECK(host.set_up(false, "secret").value() == Setup::done);
}

TEST_CASE("a journal that was cut or changed is not the one that the TPM vouches for") {
    Anchored host;
    REQUIRE(host.set_up());
    host.append(3);
    const auto file = host.folder.path() / "j" / "journal";
    const auto size = std::filesystem::file_size(file);
    SECTION("the newest record is gone") {
        host.append();
        host.journal.reset();
        std::filesystem::resize_file(file, size);
    }
    SECTION("the counter moved alone") {
        *host.tpm.indices.counter += 1;
    }
    SECTION("the value moved alone") {
        host.tpm.indices.value = tcg::extended(*host.tpm.indices.value, Digest{});
    }
    CHECK(host.status().state == State::foreign);
    host.open();
    host.append();
    CHECK(host.status().state == State::foreign);
    REQUIRE(host.journal->trouble());
    CHECK_FALSE(host.set_up());
}

TEST_CASE("indices that are gone are not set up anew in silence") {
    Anchored host;
    REQUIRE(host.set_up());
    host.tpm.indices = {};  // TPM2_Clear
    host.append();
    CHECK(host.status().state == State::absent);
    const auto again = host.set_up();
    REQUIRE_FALSE(again);
    CHECK(again.error().context.find("--renew") != std::string::npos);
    REQUIRE(host.set_up(true).value() == Setup::done);
    CHECK(host.status().state == State::anchored);
}

TEST_CASE("pruned records stay in what the TPM is compared with") {
    Anchored host;
    host.append(2);
    REQUIRE(host.set_up());
    host.append(3);
    REQUIRE(host.journal->prune_through(4));
    CHECK(host.status().state == State::anchored);
    host.append();
    host.open();
    host.append();
    CHECK(host.status().state == State::anchored);
    CHECK(host.status().through == 8);
}

TEST_CASE("a damaged anchor file is named, with the remedy") {
    Anchored host;
    REQUIRE(host.set_up());
    const auto file = host.folder.path() / "j" / "anchor";
    for (const std::string text :
         {"", "{}", R"({"v":2})", R"({"v":1,"sequence":-1,"counter":1,"value":"00"})",
          R"({"v":1,"sequence":1,"counter":1,"value":"zz"})"}) {
        std::ofstream(file) << text;
        const auto status = host.status();
        CHECK(status.state == State::foreign);
        CHECK(status.reason.find("anchor") != std::string::npos);
        CHECK(status.reason.find("--renew") != std::string::npos);
    }
}

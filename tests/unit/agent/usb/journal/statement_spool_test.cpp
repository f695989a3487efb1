#include "agent/usb/journal/statement_spool.h"

#include <fstream>

#include <catch2/catch.hpp>

#include "evidence/wire/statement/session_statement.h"
#include "tests/support/machine/temp_folder.h"
#include "tests/support/tpm/key_holder.h"
#include "tests/support/tpm/stub_tpm.h"
#include "tests/unit/agent/usb/builder.h"

using namespace assay;
using namespace assay::agent;
namespace fs = std::filesystem;

namespace {

struct Spooled {
    test::TempFolder temp;
    test::JournalTpm tpm;
    test::FakeHost host;
    fs::path journal_folder = temp.path() / "j", folder = temp.path() / "statements";
    AnchoredJournal journal{Journal::open(journal_folder).value(), journal_folder, &tpm};
    test::KeyHolder escort;

    Spooled() { REQUIRE(journal.set_up("", false, test::start_record())); }

    SessionDocument document(const std::string& action = "open") const {
        SessionStatement statement{.action = action,
                                   .role = action == "challenge" ? "" : "escort",
                                   .session = "s",
                                   .host = "rack-7",
                                   .order = "W-1",
                                   .order_digest = {},
                                   .nonce = "n",
                                   .device = {},
                                   .at = 1'700'000'000};
        SessionDocument out{
            .text = session_statement_text(statement).value(), .public_key = {}, .signature = {}};
        if (action == "challenge") return out;
        out.public_key = escort.public_key();
        out.signature = escort.sign(out.text);
        return out;
    }
    std::vector<SessionDocument> journaled() const {
        std::vector<SessionDocument> out;
        const auto section = read_journal(journal_folder, 0, 1U << 20U).value();
        for (const auto& record : section.records) {
            const auto decoded = decode_journal_record(record).value();
            if (decoded.kind == DeviceEventKind::session)
                out.push_back(decode_session_document(*decoded.document).value());
        }
        return out;
    }
    std::size_t files(const std::string& ending) const {
        std::size_t count = 0;
        for (const auto& entry : fs::directory_iterator(folder)) count += entry.path().extension() == ending;
        return count;
    }
};

}  // namespace

TEST_CASE("what was laid down is journaled in order, anchored, and gone from the folder") {
    Spooled spool;
    const auto challenge = spool.document("challenge"), opening = spool.document();
    const auto file = statement_spool::put(spool.folder, challenge).value();
    CHECK((fs::status(spool.folder).permissions() & fs::perms::all) == fs::perms::owner_all);
    REQUIRE(statement_spool::put(spool.folder, opening));
    CHECK(statement_spool::take_in(spool.folder, spool.journal, spool.host).value() == 2);
    CHECK(spool.journaled() == std::vector{challenge, opening});
    CHECK_FALSE(fs::exists(file));
    CHECK(anchor_status(spool.journal_folder, spool.tpm).state == AnchorStatus::State::anchored);
    CHECK(statement_spool::take_in(spool.folder, spool.journal, spool.host).value() == 0);
}

TEST_CASE("a signature that does not verify, and what is no document, are set aside and never journaled") {
    Spooled spool;
    auto document = spool.document();
    SECTION("signature") {
        document.signature[0] ^= std::byte{1};
    }
    SECTION("text") {
        document.text += "x";
    }
    SECTION("unsigned") {
        document.signature.clear();
    }
    SECTION("a signed challenge") {
        document = spool.document("challenge");
        document.signature = Bytes(64);
    }
    const auto file = statement_spool::put(spool.folder, document).value();
    CHECK(statement_spool::take_in(spool.folder, spool.journal, spool.host).value() == 0);
    std::ofstream(spool.folder / "0.statement") << "no document";
    REQUIRE(statement_spool::put(spool.folder, spool.document()));
    CHECK(statement_spool::take_in(spool.folder, spool.journal, spool.host).value() == 1);
    CHECK(spool.files(".refused") == 2);
    CHECK(spool.files(".statement") == 0);
    CHECK(spool.journaled().size() == 1);
}

TEST_CASE("while the journal takes no record the statement waits") {
    Spooled spool;
    REQUIRE(statement_spool::put(spool.folder, spool.document()));
    spool.host.files.clear();  // no boot id, so no record
    CHECK_FALSE(statement_spool::take_in(spool.folder, spool.journal, spool.host));
    CHECK(spool.files(".statement") == 1);
    CHECK(spool.journaled().empty());
}

TEST_CASE("while the service runs a statement is journaled at once, what lay there before too") {
    Spooled spool;
    std::atomic<int> taken = 0;
    REQUIRE(statement_spool::put(spool.folder, spool.document("challenge")));
    const auto intake = statement_spool::Intake::start(spool.folder, spool.journal, spool.host,
                                                       {[&taken] { ++taken; }, [](const std::string&) {}})
                            .value();
    const auto wait_for = [&](int count) {
        for (int i = 0; i < 500 && taken < count; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return taken.load();
    };
    CHECK(wait_for(1) == 1);
    REQUIRE(statement_spool::put(spool.folder, spool.document()));
    CHECK(wait_for(2) == 2);
    CHECK(spool.journaled().size() == 2);
}

#include "tests/unit/verifier/service/casework/site_world.h"
#include "verifier/service/store/site/site.h"

using namespace assay;
using namespace assay::test;

TEST_CASE("a session that both signed at a host without network covers the device that came under it") {
    Site site;
    CHECK(site.outcome(site.visit()) == "ACCOMPANIED");
    CHECK(site.refusals().empty());
    const auto proofs = must(store::SiteDocuments(site.service.store()).list({.kind = "signature"}));
    CHECK(proofs.size() == 2);
}

TEST_CASE("one signature less, and the same visit is unattested") {
    Site site;
    auto records = site.visit();
    const auto missing = GENERATE(1, 2);
    records.erase(records.begin() + missing);
    CHECK(site.outcome(records) == "UNATTESTED");
}

TEST_CASE("statements may come with an earlier report than the device, or with a later one") {
    Site site;
    const auto records = site.visit();
    const auto split = GENERATE(1, 2, 3);
    site.give_all();
    CHECK(site.report({records.begin(), records.begin() + split}, site.right_clock()).status == 200);
    site.given_ = true;
    CHECK(site.outcome({records.begin() + split, records.end()}) == "ACCOMPANIED");
}

TEST_CASE("a late signature in the journal covers the device that its descriptors name, and no other") {
    Site site;
    site.service.now += 300;
    auto late = site.statement("late", "escort", 5);
    late.session = late.nonce = "";
    late.device = sha256(stick()).hex();
    SECTION("its own") {
        CHECK(site.outcome({site.record(4, 200), site.journaled(5, 5, late, &site.escort)}) == "ACCOMPANIED");
    }
    SECTION("another's") {
        late.device = sha256(as_view("another")).hex();
        CHECK(site.outcome({site.record(4, 200), site.journaled(5, 5, late, &site.escort)}) == "UNATTESTED");
    }
    SECTION("by the technician") {
        late.role = "technician";
        CHECK(site.outcome({site.record(4, 200), site.journaled(5, 5, late, &site.technician)}) ==
              "UNATTESTED");
        CHECK(site.refusals().find("the escort's") != std::string::npos);
    }
}

TEST_CASE("a signature that was held back for more than five minutes, or is of the future, is refused") {
    Site site;
    site.service.now += 900;
    auto records = site.visit();
    const auto signed_ago = GENERATE(40 + 302, 40 - 302, 0);
    const bool near = signed_ago == 0;
    auto statement = site.statement("open", "escort", near ? 40 : signed_ago);
    records[2] = site.journaled(3, 40, statement, &site.escort);
    CHECK(site.outcome(records) == (near ? "ACCOMPANIED" : "UNATTESTED"));
    CHECK(site.refusals().empty() == near);
}

TEST_CASE("a sign of life counts from its own time, however late it was journaled, and once") {
    Site site;
    site.service.now += 1200;
    auto records = site.visit();
    for (auto i : {0, 1, 2}) {
        const auto ago = 1000 - i;
        const auto number = static_cast<std::uint64_t>(i + 1);
        const auto role = i == 1 ? "technician" : "escort";
        records[static_cast<std::size_t>(i)] =
            i == 0 ? site.journaled(number, ago, site.statement("challenge", "", ago))
                   : site.journaled(number, ago, site.statement("open", role, ago),
                                    i == 1 ? &site.technician : &site.escort);
    }
    // The session lapsed 10 minutes after it was opened. The device came 10 s ago.
    SECTION("none: it lapsed") {
        CHECK(site.outcome(records) == "UNATTESTED");
    }
    SECTION("a fresh one covers it") {
        records[3] = site.record(4, 10);
        records.insert(records.begin() + 3,
                       site.journaled(5, 300, site.statement("heartbeat", "escort", 300), &site.escort));
        CHECK(site.outcome(records) == "ACCOMPANIED");
    }
    SECTION("signed 605 s before the device, journaled within the five minutes: too old") {
        records.insert(records.begin() + 3,
                       site.journaled(5, 320, site.statement("heartbeat", "escort", 615), &site.escort));
        CHECK(site.outcome(records) == "UNATTESTED");
        CHECK(site.refusals().empty());
    }
    SECTION("the technician's sign of life is none") {
        records.insert(records.begin() + 3,
                       site.journaled(5, 300, site.statement("heartbeat", "escort", 300), &site.technician));
        CHECK(site.outcome(records) == "UNATTESTED");
    }
}

TEST_CASE(
    "a signature with the technician's key as the escort's gives way to the escort's own, until both "
    "signed") {
    Site site;
    auto records = site.visit();
    const auto own = records[2];
    records[2] = site.journaled(3, 45, site.statement("open", "escort", 45), &site.technician);
    SECTION("his own comes before the device") {
        auto escorts = site.journaled(5, 40, site.statement("open", "escort", 40), &site.escort);
        records.insert(records.begin() + 3, escorts);
        CHECK(site.outcome(records) == "ACCOMPANIED");
        CHECK(site.refusals().empty());
    }
    SECTION("it comes after the device: that one was under the session of one person") {
        records.push_back(site.journaled(5, 5, site.statement("open", "escort", 5), &site.escort));
        CHECK(site.outcome(records) == "SELF_ESCORT");
    }
    SECTION("once both have signed it is refused") {
        records[2] = own;
        records.insert(records.begin() + 3,
                       site.journaled(5, 30, site.statement("open", "escort", 30), &site.technician));
        CHECK(site.outcome(records) == "ACCOMPANIED");
        CHECK(site.refusals().find("has signed this session already") != std::string::npos);
    }
}

TEST_CASE("a session ends where it was closed, and with its boot") {
    Site site;
    auto records = site.visit();
    SECTION("closed before the device came") {
        records.insert(records.begin() + 3,
                       site.journaled(5, 20, site.statement("close", "escort", 20), &site.escort));
        CHECK(site.outcome(records) == "UNATTESTED");
    }
    SECTION("closed after it came") {
        records.push_back(site.journaled(5, 2, site.statement("close", "escort", 2), &site.escort));
        CHECK(site.outcome(records) == "ACCOMPANIED");
    }
    SECTION("opened in another boot") {
        records[0].boot_id = "00000000-0000-4000-8000-000000000002";
        CHECK(site.outcome(records) == "UNATTESTED");
        CHECK(site.refusals().find("another boot") != std::string::npos);
    }
}

TEST_CASE("what is no statement is refused with its reason, and the rest of the journal is judged") {
    Site site;
    auto records = site.visit();
    auto& broken = records[2];
    std::string reason;
    const auto changed = [&](auto change, const char* why) {
        auto statement = site.statement("open", "escort", 40);
        change(statement);
        broken = site.journaled(3, 40, statement, &site.escort);
        reason = why;
    };
    SECTION("no CBOR") {
        broken.document = to_bytes("hello");
        reason = "session document";
    }
    SECTION("another order") {
        changed([](auto& s) { s.order = "W-2"; }, "another challenge");
    }
    SECTION("another nonce") {
        changed([](auto& s) { s.nonce = std::string(64, 'c'); }, "another challenge");
    }
    SECTION("another version of the order") {
        changed([](auto& s) { s.order_digest = std::string(64, 'd'); }, "another challenge");
    }
    SECTION("a session that no challenge opened") {
        changed([](auto& s) { s.session = std::string(18, '0'); }, "no challenge");
    }
    SECTION("no role") {
        changed([](auto& s) { s.role = "visitor"; }, "no such action or role");
    }
    SECTION("a text that is nearly one") {
        SessionDocument document{
            .text = must(session_statement_text(site.statement("open", "escort", 40))) + " ",
            .public_key = site.escort.public_key(),
            .signature = {}};
        document.signature = site.escort.sign(document.text);
        broken.document = encode_session_document(document);
        reason = "canonical";
    }
    CHECK(site.outcome(records) == "UNATTESTED");
    CHECK(site.refusals().find(reason) != std::string::npos);
}

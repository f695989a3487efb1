#pragma once

#include <array>

#include <catch2/catch.hpp>

#include "evidence/wire/section/journal.h"
#include "evidence/wire/statement/session_document.h"
#include "evidence/wire/statement/session_statement.h"
#include "tests/support/builders/wire_samples.h"
#include "tests/support/tpm/key_holder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/judge/accompaniment/time.h"
#include "verifier/service/store/site/site.h"

/// A site whose verifier has a directory, an order, door events and signatures, through its API alone.
namespace assay::test {

using accompaniment::instant_text;
using api::Response;
using api::Role;
using nlohmann::json;

// A stick's descriptors: one configuration with one interface of mass storage, SCSI, bulk only.
inline Bytes stick() {
    const std::array<unsigned char, 36> bytes{18, 1,    0x10, 2, 0, 0, 0, 64, 0x81, 0x07, 0x81, 0x55,
                                              0,  1,    1,    2, 3, 1, 9, 2,  18,   0,    1,    1,
                                              0,  0x80, 50,   9, 4, 0, 0, 0,  8,    6,    0x50, 0};
    return to_bytes(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

inline api::Caller an_admin() {
    return {Role::admin, true, "ada"};
}

// A site with one rack, a technician of a vendor, an escort of ours, an order for rack-7 from now to in an
// hour.
struct Site {
    TestService service;
    KeyHolder technician, escort;
    std::string ek = sha256(as_view("ekrack-7")).hex();

    explicit Site(const std::string& connection = {}) : service(connection) {
        service.now -= kHour;  // no act is before the one before it, and the directory is given then
        service.enrol("rack-7");
        service.now += kHour;
    }

    std::string at(std::int64_t after) const { return instant_text((kStart + after) * 1000); }

    json directory() const {
        return {{"zones",
                 {{{"id", "site-1"}, {"kind", "site"}},
                  {{"id", "room-1"}, {"kind", "room"}, {"parent", "site-1"}},
                  {{"id", "B07"}, {"kind", "rack"}, {"parent", "room-1"}}}},
                {"persons",
                 {{{"id", "p-tech"},
                   {"name", "Tess"},
                   {"employer", "vendor"},
                   {"credentials", {"b-tech"}},
                   {"keys", {technician.id()}}},
                  {{"id", "p-esc"},
                   {"employer", "us"},
                   {"credentials", {"b-esc"}},
                   {"keys", {escort.id()}},
                   {"unescorted_zones", {"site-1"}},
                   {"escort_zones", {"site-1"}}}}},
                {"hosts", {{{"id", "asset-7"}, {"ek", ek}, {"zone", "B07"}}}},
                {"entities", {{{"id", "us"}, {"approved", true}}, {{"id", "vendor"}, {"approved", true}}}},
                {"issuers", {{{"id", "dc-ops"}, {"entity", "us"}}}}};
    }
    json order() const {
        return {{"id", "W-1"},
                {"created_at", at(-86400)},
                {"created_by", "p-req"},
                {"issuer", "dc-ops"},
                {"requester", "p-req"},
                {"technicians", {"p-tech"}},
                {"hosts", {"asset-7"}},
                {"from", at(-60)},
                {"to", at(3600)},
                {"devices", {{{"kind", "storage"}}}},
                {"state", "approved"},
                {"history",
                 {{{"at", at(-80000)},
                   {"by", "p-boss"},
                   {"field", "state"},
                   {"old", "draft"},
                   {"new", "approved"}}}}};
    }
    json badges(std::int64_t watermark) const {
        const auto row = [&](const char* id, const char* badge) {
            return json{{"source", "doors"}, {"event_id", id},      {"credential", badge},
                        {"direction", "in"}, {"zone_to", "room-1"}, {"occurred_at", at(-600)}};
        };
        return {{"feeds", {{{"source", "doors"}, {"watermark", at(watermark)}, {"zones", {"site-1"}}}}},
                {"rows", {row("1", "b-tech"), row("2", "b-esc")}}};
    }
    // As the ticket system and the doors bring it.
    Response give_order(const json& order) {
        return service.post("/v1/work-orders", order, TestService::an_order_feed());
    }
    Response give_badges(const json& badges) {
        return service.post("/v1/badges", badges, {Role::badge_feed, true, "doors", "p-bo", "doors"});
    }
    // An hour before now, so that all of it was here when the first device came.
    void give_all() { give_all(directory()); }
    void give_all(const json& directory) {
        service.now -= kHour;
        REQUIRE(service.give_directory(directory).status == 200);
        REQUIRE(service.post("/v1/accompaniment/policy", {{"issuers", {"dc-ops"}}}, an_admin()).status ==
                200);
        REQUIRE(give_order({{"orders", {order()}}}).status == 200);
        service.now += kHour;
        given_ = true;
    }
    // `after` seconds later ticket system and doors have told all that was until then.
    void deliver(std::int64_t after = 300) {
        service.now += after;
        const auto now = service.now - kStart;
        const auto orders = give_order({{"watermark", at(now)}, {"orders", json::array()}});
        INFO(orders.body);
        REQUIRE(orders.status == 200);
        const auto rows = give_badges(badges(now));
        INFO(rows.body);
        REQUIRE(rows.status == 200);
    }
    // `changes`: members of the request that differ.
    Response ask_for_session(const json& changes = json::object()) {
        json request{{"host", "rack-7"}, {"order", "W-1"}, {"technician", "p-tech"}, {"escort", "p-esc"}};
        request.update(changes);
        return service.post("/v1/sessions", request, TestService::a_desk());
    }
    std::string open_session(const json& changes = json::object()) {
        const auto answer = ask_for_session(changes);
        INFO(answer.body);
        REQUIRE(answer.status == 201);
        return json_of(answer).at("id");
    }
    // `ago`: how many seconds before it is posted.
    Response sign(const std::string& session, const std::string& role, const KeyHolder& by,
                  const std::string& action = "open", std::int64_t ago = 0) {
        const auto draft = json_of(service.get("/v1/sessions/" + session + "/challenge", {}));
        SessionStatement statement{.action = action,
                                   .role = role,
                                   .session = session,
                                   .host = "rack-7",
                                   .order = draft.at("order"),
                                   .order_digest = draft.at("order_digest"),
                                   .nonce = draft.at("nonce"),
                                   .device = {},
                                   .at = service.now - ago};
        return service.post("/v1/sessions/" + session + "/sign", signed_body(statement, by));
    }
    std::string session_signed_by_both(const json& changes = json::object()) {
        auto session = open_session(changes);
        REQUIRE(sign(session, "technician", technician).status == 200);
        REQUIRE(sign(session, "escort", escort).status == 200);
        return session;
    }
    static json signed_body(const SessionStatement& statement, const KeyHolder& by) {
        return {{"action", statement.action},
                {"role", statement.role},
                {"at", statement.at},
                {"public_key", to_base64url(by.public_key())},
                {"signature", to_base64url(by.sign(must(session_statement_text(statement))))}};
    }
    // A stick that came `ago` seconds before, as record `number` of the host's journal.
    JournalRecord record(std::uint64_t number, std::int64_t ago) const {
        auto device = sample::usb_device();
        device.serial = "4C530001230915";
        device.descriptors = stick();
        return {.sequence = number,
                .boot_id = "00000000-0000-4000-8000-000000000001",
                .wall_ms = (service.now - ago) * 1000,
                .boottime_ms = static_cast<std::uint64_t>(10'000 - ago) * 1000,
                .kernel_sequence = 1,
                .kind = DeviceEventKind::insert,
                .device = device,
                .lost = 0,
                .previous = {}};
    }
    // The host's report with these records and this clock.
    Response report(const std::vector<JournalRecord>& records, const ClockSection& clock) {
        JournalSection journal;
        for (const auto& each : records) {
            journal.records.push_back(encode_journal_record(each));
            journal.head_sequence = each.sequence;
            journal.head = journal_digest(journal.records.back());
        }
        const TestService::Sections sections{{"journal", encode_journal_section(journal)},
                                             {"clock", encode_clock_section(clock)}};
        return service.submit("rack-7",
                              TestService::evidence("rack-7", service.challenge("rack-7"), sections));
    }
    ClockSection right_clock() const {
        return {.wall_ms = service.now * 1000, .boottime_ms = 10'000'000, .synchronised = true};
    }
    void plug(std::uint64_t number, std::int64_t ago) {
        const auto answer = report({record(number, ago)}, right_clock());
        INFO(answer.body);
        REQUIRE(answer.status == 200);
    }
    json verdict(const std::string& event) {
        const auto answer = service.get("/v1/hosts/rack-7/accompaniment?event=" + event);
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        const auto all = json_of(answer);
        REQUIRE(!all.empty());
        return all.back();
    }
    // What the host journals for its session "0a..": each statement as its record, `ago` seconds before.
    SessionStatement statement(const std::string& action, const std::string& role, std::int64_t ago) const {
        return {.action = action,
                .role = role,
                .session = std::string(18, 'a'),
                .host = "rack-7",
                .order = "W-1",
                .order_digest = {},
                .nonce = std::string(64, 'b'),
                .device = {},
                .at = service.now - ago};
    }
    JournalRecord journaled(std::uint64_t number, std::int64_t ago, const SessionStatement& statement,
                            const KeyHolder* by = nullptr) const {
        SessionDocument document{.text = must(session_statement_text(statement)),
                                 .public_key = by == nullptr ? Bytes() : by->public_key(),
                                 .signature = {}};
        if (by != nullptr) document.signature = by->sign(document.text);
        auto out = record(number, ago);
        out.kind = DeviceEventKind::session;
        out.device.reset();
        out.document = encode_session_document(document);
        return out;
    }
    // Challenge, both signatures, and the stick's insertion: a visit at a rack without network.
    std::vector<JournalRecord> visit() const {
        return {journaled(1, 60, statement("challenge", "", 60)),
                journaled(2, 50, statement("open", "technician", 50), &technician),
                journaled(3, 40, statement("open", "escort", 40), &escort), record(4, 10)};
    }
    // Reports it with the doors' events, and says what came of record 4.
    std::string outcome(const std::vector<JournalRecord>& records) {
        if (!given_) give_all();
        deliver(0);
        const auto answer = report(records, right_clock());
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        // For ten minutes the escort may still sign; after them the next badge rows settle it.
        deliver();
        if (verdict("rack-7/4").at("outcome") == "UNDETERMINED") deliver(1200);
        return verdict("rack-7/4").at("outcome");
    }
    // Why records were not taken.
    std::string refusals() {
        std::string out;
        for (const auto& document :
             must(store::SiteDocuments(service.store()).list({.kind = "statement-refused"})))
            out += document.document + "\n";
        return out;
    }
    static constexpr std::int64_t kHour = 3600;
    bool given_ = false;
};

}  // namespace assay::test

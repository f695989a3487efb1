#include <array>

#include <catch2/catch.hpp>
#include <openssl/x509.h>

#include "evidence/wire/journal.h"
#include "evidence/wire/session_statement.h"
#include "tests/support/wire_samples.h"
#include "tests/unit/verifier/api/test_service.h"
#include "verifier/accompaniment/time.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;
using accompaniment::instant_text;
using nlohmann::json;

namespace {

// Somebody with an Ed25519 key.
struct KeyHolder {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                                                            EVP_PKEY_free};

    [[nodiscard]] Bytes public_key() const {
        unsigned char* out = nullptr;
        const auto size = i2d_PUBKEY(key.get(), &out);
        const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owned(
            out, [](unsigned char* p) { OPENSSL_free(p); });
        return to_bytes(std::string_view(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)));
    }
    [[nodiscard]] std::string id() const { return public_key_id(public_key()); }
    [[nodiscard]] Bytes sign(const std::string& text) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                              EVP_MD_CTX_free);
        Bytes out(64);
        std::size_t size = out.size();
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
        EVP_DigestSign(context.get(), as_writable_uchar(out), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
        return out;
    }
};

// A stick's descriptors: one configuration with one interface of mass storage, SCSI, bulk only.
Bytes stick() {
    const std::array<unsigned char, 36> bytes{18, 1,    0x10, 2, 0, 0, 0, 64, 0x81, 0x07, 0x81, 0x55,
                                              0,  1,    1,    2, 3, 1, 9, 2,  18,   0,    1,    1,
                                              0,  0x80, 50,   9, 4, 0, 0, 0,  8,    6,    0x50, 0};
    return to_bytes(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

api::Caller an_admin() {
    return {Role::admin, true, "ada"};
}

// A site with one rack, a technician of a vendor, an escort of ours, an order for rack-7 from now to in an
// hour.
struct Site {
    TestService service;
    KeyHolder technician, escort;
    std::string ek = sha256(as_view("ekrack-7")).hex();

    Site() { service.enrol("rack-7"); }

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
    void give_all() {
        REQUIRE(service.post("/v1/directory", directory(), TestService::an_operator()).status == 200);
        REQUIRE(service.post("/v1/accompaniment/policy", {{"issuers", {"dc-ops"}}}, an_admin()).status ==
                200);
        REQUIRE(service
                    .post("/v1/work-orders", {{"watermark", at(7000)}, {"orders", {order()}}},
                          TestService::an_operator())
                    .status == 200);
    }
    std::string open_session() {
        const auto answer = service.post(
            "/v1/sessions",
            {{"host", "rack-7"}, {"order", "W-1"}, {"technician", "p-tech"}, {"escort", "p-esc"}},
            TestService::an_operator());
        REQUIRE(answer.status == 201);
        return json_of(answer).at("id");
    }
    Response sign(const std::string& session, const std::string& role, const KeyHolder& by,
                  const std::string& action = "open") {
        const auto draft = json_of(service.get("/v1/sessions/" + session + "/challenge", {}));
        SessionStatement statement{.action = action,
                                   .role = role,
                                   .session = session,
                                   .host = "rack-7",
                                   .order = "W-1",
                                   .order_digest = draft.at("order_digest"),
                                   .nonce = draft.at("nonce"),
                                   .device = {},
                                   .at = service.now};
        return service.post("/v1/sessions/" + session + "/sign",
                            {{"action", action},
                             {"role", role},
                             {"at", statement.at},
                             {"public_key", to_base64url(by.public_key())},
                             {"signature", to_base64url(by.sign(must(session_statement_text(statement))))}});
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
};

}  // namespace

TEST_CASE(
    "a stick under a signed session, with both badged in, is accompanied as soon as the feed has come that "
    "far") {
    Site site;
    site.give_all();
    const auto session = site.open_session();
    CHECK(site.sign(session, "technician", site.technician).status == 200);
    CHECK(site.sign(session, "escort", site.escort).status == 200);
    site.service.now += 60;
    site.plug(1, 10);
    CHECK(site.verdict("rack-7/1").at("outcome") == "UNDETERMINED");
    CHECK(site.service.post("/v1/badges", site.badges(3000), TestService::an_operator()).status == 200);
    const auto verdict = site.verdict("rack-7/1");
    INFO(verdict.dump(1));
    CHECK(verdict.at("outcome") == "ACCOMPANIED");
    CHECK(verdict.at("version") == 2);
    CHECK(verdict.at("timeline").at("lanes").size() == 5);
}

TEST_CASE(
    "without the escort's signature the same visit is unattested, and the change from undetermined is kept") {
    Site site;
    site.give_all();
    const auto session = site.open_session();
    CHECK(site.sign(session, "technician", site.technician).status == 200);
    site.service.now += 60;
    site.plug(1, 10);
    CHECK(site.service.post("/v1/badges", site.badges(3000), TestService::an_operator()).status == 200);
    site.service.now += 1200;
    site.plug(2, 0);
    CHECK(site.verdict("rack-7/1").at("outcome") == "UNATTESTED");
    const auto versions = json_of(site.service.get("/v1/hosts/rack-7/accompaniment?event=rack-7/1"));
    CHECK(versions.front().at("outcome") == "UNDETERMINED");
}

TEST_CASE("one person's two keys are one person: signing as both is self-escort") {
    Site site;
    auto directory = site.directory();
    directory["persons"][0]["keys"].push_back(site.escort.id());
    directory["persons"][1]["keys"] = json::array();
    CHECK(site.service.post("/v1/directory", directory, TestService::an_operator()).status == 200);
    CHECK(site.service.post("/v1/accompaniment/policy", {{"issuers", {"dc-ops"}}}, an_admin()).status == 200);
    CHECK(site.service
              .post("/v1/work-orders", {{"watermark", site.at(7000)}, {"orders", {site.order()}}},
                    TestService::an_operator())
              .status == 200);
    const auto session = site.open_session();
    CHECK(site.sign(session, "technician", site.technician).status == 200);
    CHECK(site.sign(session, "escort", site.escort).status == 200);
    site.service.now += 60;
    CHECK(site.service.post("/v1/badges", site.badges(3000), TestService::an_operator()).status == 200);
    site.plug(1, 10);
    const auto verdict = site.verdict("rack-7/1");
    CHECK(verdict.at("outcome") == "SELF_ESCORT");
    CHECK(verdict.at("severity") == "critical");
}

TEST_CASE("a signature by nobody's key, of another session, or too old is refused and changes nothing") {
    Site site;
    site.give_all();
    const auto session = site.open_session();
    const KeyHolder stranger;
    CHECK(site.sign(session, "escort", stranger).status == 403);
    const auto other = site.open_session();
    SessionStatement statement{.action = "open",
                               .role = "escort",
                               .session = other,
                               .host = "rack-7",
                               .order = "W-1",
                               .order_digest = {},
                               .nonce = "guessed",
                               .device = {},
                               .at = site.service.now};
    const json body{{"action", "open"},
                    {"role", "escort"},
                    {"at", statement.at},
                    {"public_key", to_base64url(site.escort.public_key())},
                    {"signature", to_base64url(site.escort.sign(must(session_statement_text(statement))))}};
    CHECK(site.service.post("/v1/sessions/" + session + "/sign", body).status == 403);
    site.service.now += 1;
    CHECK(site.sign(session, "escort", site.escort).status == 200);
    CHECK(site.sign(session, "escort", site.escort).status == 409);
}

TEST_CASE("an order whose history lost a change is refused, and kept as it was") {
    Site site;
    site.give_all();
    auto rewritten = site.order();
    rewritten["history"] = json::array();
    rewritten["state"] = "draft";
    const auto answer = site.service.post("/v1/work-orders", rewritten, TestService::an_operator());
    CHECK(answer.status == 409);
    CHECK(answer.body.find("p-boss") != std::string::npos);
    const auto kept = json_of(site.service.get("/v1/work-orders?id=W-1"));
    CHECK(kept[0].at("order").at("state") == "approved");
}

TEST_CASE(
    "a badge row that cannot be read is set aside with its reason, and the rest of its batch is kept, once") {
    Site site;
    site.give_all();
    auto batch = site.badges(100);
    batch["rows"].push_back(
        {{"source", "doors"}, {"event_id", "3"}, {"credential", "x"}, {"occurred_at", "yesterday"}});
    for (int i = 0; i < 2; ++i) {
        const auto answer = json_of(site.service.post("/v1/badges", batch, TestService::an_operator()));
        CHECK(answer.at("added") == (i == 0 ? 2 : 0));
        CHECK(answer.at("rejected") == 1);
    }
    const auto rejected = json_of(site.service.get("/v1/badges/rejected"));
    REQUIRE(rejected.size() == 1);
    CHECK(rejected[0].at("reason").get<std::string>().find("occurred_at") != std::string::npos);
}

TEST_CASE("viewers see pseudonyms, operators see names") {
    Site site;
    site.give_all();
    CHECK(site.service.get("/v1/directory").body.find("Tess") == std::string::npos);
    CHECK(site.service.get("/v1/directory", TestService::an_operator()).body.find("Tess") !=
          std::string::npos);
    CHECK(site.service.get("/v1/hosts/rack-7/accompaniment/case").body.find("Tess") == std::string::npos);
}

TEST_CASE("what a host's verdicts stand on can be taken away and judged again by the same readers") {
    Site site;
    site.give_all();
    site.service.now += 60;
    site.plug(1, 10);
    const auto files = json_of(site.service.get("/v1/hosts/rack-7/accompaniment/case"));
    for (const auto* name : {"events.json", "orders.json", "badges.json", "sessions.json", "directory.json",
                             "policy.json", "now.json"})
        CHECK(files.contains(name));
    CHECK(files.at("events.json").at("events").size() == 1);
}

TEST_CASE("without a directory nothing is judged here, and the simple rule of sessions stands") {
    Site site;
    site.service.now += 60;
    site.plug(1, 10);
    CHECK(json_of(site.service.get("/v1/hosts/rack-7/accompaniment")).empty());
    // A directory that comes later judges what happened before.
    site.give_all();
    CHECK(!json_of(site.service.get("/v1/hosts/rack-7/accompaniment")).empty());
}

TEST_CASE("whatever a record says, its host's evidence is taken, and the event is judged or not told apart") {
    Site site;
    site.give_all();
    site.service.now += 60;
    auto record = site.record(1, 10);
    auto clock = site.right_clock();
    std::vector<JournalRecord> records;
    SECTION("a clock that lost its battery: 1970, and the event is of an earlier boot") {
        record.boot_id = "00000000-0000-4000-8000-00000000000f";
        record.wall_ms = 1'000;
        clock.wall_ms = 60'000;
    }
    SECTION("clocks at the ends of their types") {
        record.boot_id = "00000000-0000-4000-8000-00000000000f";
        record.wall_ms = INT64_MAX;
        clock.wall_ms = INT64_MIN;
    }
    SECTION("a boot clock that ran for ages") {
        record.boottime_ms = 0;
        clock.boottime_ms = UINT64_MAX;
    }
    SECTION("a port path as long as a text may be") {
        record.device->port_path = std::string(4000, '1');
        record.device->controller = std::string(4000, 'x');
    }
    SECTION("one sequence twice") {
        records.push_back(record);
    }
    records.push_back(record);
    const auto answer = site.report(records, clock);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    const auto verdict = site.verdict("rack-7/1");
    CHECK(verdict.at("outcome") != "ACCOMPANIED");
    // Nor does it keep other hosts' events from being judged.
    CHECK(site.service.post("/v1/badges", site.badges(3000), TestService::an_operator()).status == 200);
}

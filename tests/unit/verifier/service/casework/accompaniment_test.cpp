#include <algorithm>
#include <map>

#include "tests/unit/verifier/service/casework/site_world.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

TEST_CASE(
    "a stick under a signed session, with both badged in, is accompanied as soon as the feed has come that "
    "far") {
    Site site;
    site.give_all();
    site.session_signed_by_both();
    site.service.now += 60;
    site.plug(1, 10);
    CHECK(site.verdict("rack-7/1").at("outcome") == "UNDETERMINED");
    site.deliver();
    const auto verdict = site.verdict("rack-7/1");
    INFO(verdict.dump(1));
    CHECK(verdict.at("outcome") == "ACCOMPANIED");
    CHECK(verdict.at("version") == 3);  // the orders' watermark made the second
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
    site.deliver();
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
    site.give_all(directory);
    CHECK(site.sign(site.open_session(), "escort", site.escort).status == 403);  // it is p-tech's
    site.session_signed_by_both({{"unlisted", true}});
    site.service.now += 60;
    site.plug(1, 10);
    site.deliver();
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
    const auto answer = site.give_order(rewritten);
    CHECK(answer.status == 409);
    CHECK(answer.body.find("p-boss") != std::string::npos);
    const auto kept = json_of(site.service.get("/v1/work-orders?id=W-1"));
    CHECK(kept[0].at("order").at("state") == "approved");
}

TEST_CASE(
    "a badge row that cannot be read is set aside with its reason, and the rest of its batch is kept, once") {
    Site site;
    site.give_all();
    auto batch = site.badges(0);
    batch["rows"].push_back(
        {{"source", "doors"}, {"event_id", "3"}, {"credential", "x"}, {"occurred_at", "yesterday"}});
    for (int i = 0; i < 2; ++i) {
        const auto answer = json_of(site.give_badges(batch));
        CHECK(answer.at("added") == (i == 0 ? 2 : 0));
        CHECK(answer.at("rejected") == 1);
    }
    const auto rejected = json_of(site.service.get("/v1/badges/rejected"));
    REQUIRE(rejected.size() == 1);
    CHECK(rejected[0].at("reason").get<std::string>().find("occurred_at") != std::string::npos);
}

TEST_CASE("a badge row that comes again with other content is refused with both, and the first one counts") {
    Site site;
    site.give_all();
    auto batch = site.badges(0);
    REQUIRE(json_of(site.give_badges(batch)).at("added") == 2);
    batch["rows"][0]["occurred_at"] = site.at(-3000);
    for (int i = 0; i < 2; ++i) {
        const auto answer = json_of(site.give_badges(batch));
        CHECK(answer.at("added") == 0);
        CHECK(answer.at("rejected") == 1);
    }
    // Its line is the one in what was sent, also behind rows that could not be read.
    batch["rows"].insert(batch["rows"].begin(), {{"source", "doors"}});
    batch["rows"][1]["occurred_at"] = site.at(-2000);
    REQUIRE(json_of(site.give_badges(batch)).at("rejected") == 2);
    std::map<std::int64_t, int> lines;
    for (const auto& row : json_of(site.service.get("/v1/badges/rejected"))) ++lines[row.at("line")];
    CHECK(lines == std::map<std::int64_t, int>{{0, 2}, {1, 1}});

    auto rejected = json_of(site.service.get("/v1/badges/rejected"));
    std::erase_if(rejected.get_ref<json::array_t&>(), [&](const json& row) {
        return row.at("content").get<std::string>().find(site.at(-3000)) == std::string::npos;
    });
    REQUIRE(rejected.size() == 1);
    const auto reason = rejected[0].at("reason").get<std::string>();
    CHECK(reason.find("row 1 was received before with other content") != std::string::npos);
    CHECK(reason.find(site.at(-600)) != std::string::npos);
    CHECK(rejected[0].at("content").get<std::string>().find(site.at(-3000)) != std::string::npos);
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

TEST_CASE(
    "a directory is read once for each version of it, and anew where the vendor data says another thing") {
    Site site;
    site.give_all();
    const auto decided = [&](const std::string& entity) {
        const auto files = json_of(site.service.get("/v1/hosts/rack-7/accompaniment/case"));
        const auto& all = files.at("directory.json").at("entities");
        const auto found =
            std::ranges::find_if(all, [&](const json& each) { return each.at("id") == entity; });
        REQUIRE(found != all.end());
        return found->value("decided", "");
    };
    const auto read = [&] { return site.service.service().directory.read(); };
    CHECK(decided("vendor").empty());
    const auto first = read();
    site.service.now += 60;
    site.plug(1, 10);
    CHECK(decided("vendor").empty());
    CHECK(read() == first);

    auto another = site.directory();
    another["entities"][1]["id"] = "maker";
    another["persons"][0]["employer"] = "maker";
    REQUIRE(site.service.give_directory(another).status == 200);
    CHECK(decided("maker").empty());
    CHECK(read() == first + 1);

    site.service.vendors() = must(vendors::load(
        {{{"vendors/maker.toml",
           "id = \"maker\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Maker Works\"]\nsource = \"test\"\n"}},
         {},
         {{"decisions/test.toml",
           "[[decisions]]\nentities = [\"maker\"]\ndecision = \"allow\"\n"
           "reason = \"ours\"\napprover = \"carla\"\nfrom = 2024-01-01\n"}},
         {}}));
    CHECK_FALSE(decided("maker").empty());
    CHECK(read() == first + 2);
}

TEST_CASE("without a directory nothing is judged here, and the simple rule of sessions stands") {
    Site site;
    site.service.now += 60;
    site.plug(1, 10);
    CHECK(json_of(site.service.get("/v1/hosts/rack-7/accompaniment")).empty());
    // A directory that comes later judges what comes then, and not what happened before.
    site.service.now += 2 * Site::kHour;
    site.give_all();
    CHECK(json_of(site.service.get("/v1/hosts/rack-7/accompaniment")).empty());
    site.plug(2, 10);
    CHECK(json_of(site.service.get("/v1/hosts/rack-7/accompaniment")).size() == 1);
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
    site.deliver();
}

TEST_CASE("a verdict that becomes another between two reports is told by the next one, with its device") {
    Site site;
    site.give_all();
    std::vector<JudgedEvent> judged;
    site.service.alter = [&](const judge::Context& context, AttestationResult&) {
        judged = context.known_host.judged.value();
    };
    site.service.now += 60;
    site.plug(1, 10);
    REQUIRE(judged.size() == 1);
    CHECK(judged.front().outcome == "UNDETERMINED");
    site.service.now += 1200;
    site.deliver();
    CHECK(site.verdict("rack-7/1").at("outcome") == "UNATTESTED");
    REQUIRE(site.report({}, site.right_clock()).status == 200);
    REQUIRE(judged.size() == 1);
    CHECK(judged.front().outcome == "UNATTESTED");
    REQUIRE(judged.front().device);
    CHECK(judged.front().device->ids == "0781:5581");
    CHECK(judged.front().device->serial == "4C530001230915");
    CHECK(judged.front().device->gone_record == 0);
}

TEST_CASE("what was there is told to a report that brings records, and to no other") {
    Site site;
    std::optional<std::vector<PresentDevice>> present;
    site.service.alter = [&](const judge::Context& context, AttestationResult&) {
        present = context.known_host.present;
    };
    site.plug(1, 20);
    REQUIRE(present);
    CHECK(present->empty());
    REQUIRE(site.report({}, site.right_clock()).status == 200);
    CHECK_FALSE(present);
}

TEST_CASE("a root hub is no device event") {
    Site site;
    site.give_all();
    auto hub = site.record(1, 10);
    hub.kind = DeviceEventKind::present;
    hub.provenance = Provenance::coldplug;
    hub.device->port_path = "usb1";
    hub.device->devnum = 1;
    hub.device->descriptors.at(4) = std::byte{9};
    hub.device->descriptors.at(8) = std::byte{0x6b};
    hub.device->descriptors.at(9) = std::byte{0x1d};
    hub.device->descriptors.at(10) = std::byte{2};
    hub.device->descriptors.at(11) = std::byte{0};
    REQUIRE(site.report({hub}, site.right_clock()).status == 200);
    CHECK(json_of(site.service.get("/v1/hosts/rack-7/accompaniment")).empty());
    hub.device->port_path = "1-4";
    REQUIRE(site.report({hub}, site.right_clock()).status == 200);
    CHECK(json_of(site.service.get("/v1/hosts/rack-7/accompaniment")).size() == 1);
}

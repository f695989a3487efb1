#include <catch2/catch.hpp>

#include "tests/support/appraisal/baseline_builder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/judge/accompaniment/time.h"
#include "verifier/service/store/site/site.h"

using namespace assay;
using namespace assay::test;
using accompaniment::instant_text;
using nlohmann::json;

namespace {

// A host whose model has a signed baseline, in a room with nobody in it, and an order for remote media.
struct BaselineSite {
    TestService service;
    EvidenceBuilder builder;

    BaselineSite() {
        service.enrol("rack-7");
        service.vendors() = with_baselines({bmc_baseline()});
        const json directory{{"zones", {{{"id", "site-1"}, {"kind", "site"}}}},
                             {"persons", {{{"id", "p-tech"}, {"employer", "us"}}}},
                             {"hosts",
                              {{{"id", "asset-7"},
                                {"ek", sha256(as_view("ekrack-7")).hex()},
                                {"zone", "site-1"},
                                {"model", "Server 1"}}}},
                             {"entities", {{{"id", "us"}, {"approved", true}}}},
                             {"issuers", {{{"id", "dc-ops"}, {"entity", "us"}}}}};
        REQUIRE(service.give_directory(directory).status == 200);
        REQUIRE(
            service
                .post("/v1/accompaniment/policy", {{"issuers", {"dc-ops"}}}, {api::Role::admin, true, "ada"})
                .status == 200);
        REQUIRE(
            service.post("/v1/work-orders", {{"orders", {order()}}}, TestService::an_order_feed()).status ==
            200);
    }
    static std::string at(std::int64_t after) { return instant_text((kStart + after) * 1000); }
    static json order() {
        return {{"id", "W-1"},
                {"created_at", at(-86400)},
                {"created_by", "p-req"},
                {"issuer", "dc-ops"},
                {"requester", "p-req"},
                {"technicians", {"p-tech"}},
                {"hosts", {"asset-7"}},
                {"from", at(-60)},
                {"to", at(3600)},
                {"remote_media", true},
                {"state", "approved"},
                {"history",
                 {{{"at", at(-80000)},
                   {"by", "p-boss"},
                   {"field", "state"},
                   {"old", "draft"},
                   {"new", "approved"}}}}};
    }
    // The BMC's own log has a session of this kind.
    void bmc_log(const std::string& kind) {
        const json session{{"host", sha256(as_view("ekrack-7")).hex()},
                           {"kind", kind},
                           {"user", "p-tech"},
                           {"from", at(0)},
                           {"to", at(600)}};
        const auto text = session.dump();
        REQUIRE(store::SiteDocuments(service.store())
                    .put({{.kind = "bmc-session",
                           .id = kind,
                           .host = "rack-7",
                           .from_ms = kStart * 1000,
                           .to_ms = (kStart + 600) * 1000,
                           .digest = sha256(as_view(text)).hex(),
                           .document = text,
                           .stored_at = kStart,
                           .stored_by = "test"}}));
    }
    // The host reports its records; the verdict on the last.
    std::string outcome_of(std::vector<JournalRecord> records) {
        service.now += 600;
        JournalSection journal;
        for (auto& record : records) {
            record.sequence = ++journal.head_sequence;
            record.boot_id = "00000000-0000-4000-8000-000000000001";
            record.wall_ms = (service.now - 310) * 1000;
            record.boottime_ms = 9'690'000;
            record.previous = journal.head;
            journal.records.push_back(encode_journal_record(record));
            journal.head = journal_digest(journal.records.back());
        }
        REQUIRE(service
                    .post("/v1/work-orders",
                          {{"watermark", instant_text(service.now * 1000)}, {"orders", json::array()}},
                          TestService::an_order_feed())
                    .status == 200);
        const ClockSection clock{
            .wall_ms = service.now * 1000, .boottime_ms = 10'000'000, .synchronised = true};
        const TestService::Sections sections{{"journal", encode_journal_section(journal)},
                                             {"clock", encode_clock_section(clock)},
                                             {"smbios", encode_smbios_section(builder.smbios())}};
        const auto answer =
            service.submit("rack-7", TestService::evidence("rack-7", service.challenge("rack-7"), sections));
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        const auto verdicts = json_of(
            service.get("/v1/hosts/rack-7/accompaniment?event=rack-7/" + std::to_string(records.size())));
        return verdicts.empty() ? "none" : verdicts.back().at("outcome").get<std::string>();
    }
    [[nodiscard]] JournalRecord found(UsbDevice device) const {
        return about(DeviceEventKind::present, device);
    }
    [[nodiscard]] JournalRecord comes(UsbDevice device) const {
        return about(DeviceEventKind::insert, device);
    }

  private:
    [[nodiscard]] JournalRecord about(DeviceEventKind kind, UsbDevice device) const {
        auto record = builder.event(kind);
        record.device = std::move(device);
        return record;
    }
};

}  // namespace

TEST_CASE("the BMC's empty disk is the baseline's, by the signed baseline of the host's model") {
    BaselineSite site;
    CHECK(site.outcome_of({site.found(bmc_device())}) == "BASELINE");
    BaselineSite without;
    without.service.vendors() = with_baselines({});
    CHECK(without.outcome_of({without.found(bmc_device())}) != "BASELINE");
    BaselineSite lapsed;
    auto baseline = bmc_baseline();
    baseline.span.to = kStart - 86'400 * 30;
    lapsed.service.vendors() = with_baselines({baseline});
    CHECK(lapsed.outcome_of({lapsed.found(bmc_device())}) != "BASELINE");
}

TEST_CASE("a medium that is put in later is judged by its own time: ordered and logged, or not") {
    BaselineSite site;
    CHECK(site.outcome_of({site.found(bmc_device()), bmc_use(site.builder, 734'003'200)}) !=
          "REMOTE_MEDIA_OK");
    CHECK(json_of(site.service.get("/v1/hosts/rack-7/accompaniment?event=rack-7/1")).back().at("outcome") ==
          "BASELINE");
    BaselineSite logged;
    logged.bmc_log("media");
    CHECK(logged.outcome_of({logged.found(bmc_device()), bmc_use(logged.builder, 734'003'200)}) ==
          "REMOTE_MEDIA_OK");
    BaselineSite empty;
    CHECK(empty.outcome_of({empty.found(bmc_device()), bmc_use(empty.builder, 0)}) == "none");
}

TEST_CASE("without an order for remote media what the BMC has active is unauthorised") {
    BaselineSite site;
    site.service.now += 7'200;  // the order is over
    CHECK(site.outcome_of({site.found(bmc_device()), bmc_use(site.builder, 734'003'200)}) ==
          "UNAUTHORISED_REMOTE_MEDIA");
}

TEST_CASE("the BMC's ids at another port are an impersonation, whatever is active on it") {
    BaselineSite site;
    CHECK(site.outcome_of({site.comes(bmc_device("1-4"))}) == "IMPERSONATION");
    BaselineSite other;
    CHECK(other.outcome_of({other.comes(bmc_device("1-4", usb_descriptors_of(0x0781, 0x5581)))}) !=
          "IMPERSONATION");
}

TEST_CASE("a medium in a stick at the front is no act of the BMC") {
    BaselineSite site;
    const auto stick = bmc_device("1-4", usb_descriptors_of(0x0781, 0x5581));
    auto use = bmc_use(site.builder, 734'003'200, false, "1-4");
    use.device = stick;
    CHECK(site.outcome_of({site.comes(stick), use}) == "none");
}

#include <catch2/catch.hpp>

#include "tests/support/builders/device_builder.h"
#include "tests/support/builders/wire_samples.h"
#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/migrations.h"

using namespace assay;
using namespace builders;

namespace {

const Sections kSections{{"pci", to_bytes("pci bytes")}};

store::Attestation leaving_open(store::Store& store, int number, std::vector<OpenMatter> open) {
    auto next = attestation(*store::Hosts(store).find("web-1"), number, kSections);
    next.next.open = std::move(open);
    return next;
}

std::vector<OpenMatter> open_of(store::Store& store) {
    return store::Hosts(store).find("web-1")->known.open.value_or(std::vector<OpenMatter>());
}

}  // namespace

STORE_TEST(stays_open,
           "what is open is there after a restart and at another verifier, until a report ends it") {
    const std::vector matters{sample::device_matter(), sample::change_matter()};
    {
        const auto store = with_hosts(database);
        REQUIRE(store::Attestations(*store).add(leaving_open(*store, 1, matters)));
    }
    const auto store = database.open();
    const auto other = database.open();
    REQUIRE(open_of(*store) == matters);
    REQUIRE(open_of(*other) == matters);
    REQUIRE_FALSE(store::Hosts(*store).find("web-2")->known.open);
    REQUIRE(store::Attestations(*other).add(leaving_open(*other, 2, {})));
    REQUIRE(open_of(*store).empty());
}

STORE_TEST(open_unproven, "evidence that is not authentic leaves open what was") {
    const auto store = with_hosts(database);
    REQUIRE(store::Attestations(*store).add(leaving_open(*store, 1, {sample::device_matter()})));
    auto forged = leaving_open(*store, 2, {});
    forged.next.authentic = false;
    REQUIRE(store::Attestations(*store).add(forged));
    REQUIRE(open_of(*store) == std::vector{sample::device_matter()});
}

STORE_TEST(open_exchange, "a new TPM ends nothing that is open, and its monitor and boots begin anew") {
    const auto store = with_hosts(database);
    auto before = leaving_open(*store, 1, {sample::device_matter()});
    before.next.watch = sample::watch_point();
    before.boot_of = "1:0f";
    REQUIRE(store::Attestations(*store).add(before));
    REQUIRE(store::Hosts(*store).find("web-1")->known.watch == sample::watch_point());
    store::Replacement order;
    order.id = "r1";
    order.host = "web-1";
    order.reason = "board";
    order.ordered_by = "otto";
    order.ordered_at = kNow;
    order.expires_at = kNow + 3600;
    REQUIRE(store::Replacements(*store).order(order));
    REQUIRE(store::Enrolments(*store).add_token(token("token r1", "web-1")));
    auto pending = enrolment("enrolment r1", "token r1", identity("web-1", "new", "new ak"));
    pending.replacement = "r1";
    REQUIRE(store::Enrolments(*store).add(pending, kNow));
    REQUIRE(store::Enrolments(*store).activate(pending, kNow + 10));
    REQUIRE(open_of(*store) == std::vector{sample::device_matter()});
    REQUIRE_FALSE(store::Hosts(*store).find("web-1")->known.watch);
    REQUIRE(database.number("SELECT COUNT(*) FROM host_state WHERE boot_of <> ''") == 0);
}

STORE_TEST(open_bundle, "a bundle of that time has what was open then, and it is put away once") {
    const auto store = with_hosts(database);
    REQUIRE(store::Attestations(*store).add(leaving_open(*store, 1, {sample::device_matter()})));
    const auto sections = database.number("SELECT COUNT(*) FROM sections");
    for (int i = 2; i <= 4; ++i) {
        auto next = leaving_open(*store, i, {sample::device_matter()});
        next.known_before.news.emplace().not_compared = std::to_string(i);
        next.known_before.present.emplace();
        REQUIRE(store::Attestations(*store).add(next));
        REQUIRE(store::Results(*store).newest_bundle("web-1")->known_host == next.known_before);
    }
    REQUIRE(database.number("SELECT COUNT(*) FROM sections") == sections + 1);
}

STORE_TEST(whole_boot,
           "the boot that later ones are compared with is kept with the host, as the appraisal says") {
    const auto store = with_hosts(database);
    auto first = leaving_open(*store, 1, {});
    first.boot_of = "1:0f";
    REQUIRE(store::Attestations(*store).add(first));
    REQUIRE(store::Hosts(*store).find("web-1")->boot_of == "1:0f");
    auto forged = leaving_open(*store, 2, {});
    forged.next.authentic = false;
    forged.boot_of = "2:ee";
    REQUIRE(store::Attestations(*store).add(forged));
    REQUIRE(store::Hosts(*store).find("web-1")->boot_of == "1:0f");
    const auto bundle = store::Results(*store).bundle_of("web-1", 1);
    REQUIRE(bundle);
    REQUIRE(bundle->known_host == first.known_before);
    REQUIRE(store::Results(*store).bundle_of("web-1", 7).error().code == ErrorCode::not_found);
}

STORE_TEST(open_update,
           "a device that was told before the update of the database, and is still in, is open after it") {
    const auto store = with_hosts(database);
    using Kind = DeviceEventKind;
    auto one = attestation(*store::Hosts(*store).find("web-1"), 1, kSections);
    one.next.journal_sequence = 3;
    one.devices.head = 3;
    one.devices.sightings = {
        test::sighting("web-1", test::stick_record(1, Kind::insert, "1-4", std::string(test::kStickSerial)),
                       0),
        test::sighting("web-1", test::stick_record(2, Kind::insert, "1-5", "other"), 5)};
    auto finding = sample::finding();
    finding.evidence = "journal: record 1";
    one.result.findings = {finding};
    name(one);
    REQUIRE(store::Attestations(*store).add(one));
    auto quiet = attestation(*store::Hosts(*store).find("web-1"), 2, kSections);
    quiet.next.journal_sequence = 3;
    REQUIRE(store::Attestations(*store).add(quiet));
    REQUIRE(open_of(*store).empty());

    auto handle = store::Database::open(database.connection());
    REQUIRE(handle);
    REQUIRE((*handle)->write(store::move_open_matters));
    const auto open = open_of(*store);
    REQUIRE(open.size() == 1);
    CHECK(open[0].id == finding.id);
    CHECK(open[0].tier == "contraindicated");
    CHECK(open[0].subject == "USB port 1-4");
    CHECK(open[0].record == 1);
    CHECK(open[0].since == kNow + 1);
    REQUIRE(open[0].device);
    CHECK(open[0].device->serial == test::kStickSerial);
    CHECK(open[0].device->identity.size() == 32);
    CHECK(open[0].device->gone_record == 0);
}

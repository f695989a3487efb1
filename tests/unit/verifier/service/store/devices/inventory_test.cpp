#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/store/builders.h"
#include "tests/unit/verifier/service/store/test_database.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace assay::judge;
using namespace builders;
using vendors::Component;
using vendors::Namespace;

namespace {

HostComponent drive(const std::string& place, const std::string& serial,
                    const std::string& model = "Disk 9") {
    return {.kind = Component::drive,
            .place = place,
            .maker = {{Namespace::pci, "1bd4", "PCI id 1bd4:0911", ""},
                      {Namespace::smbios, "  INSPUR  ", "model 'Inspur'", ""}},
            .model = model,
            .serial = serial,
            .revision = "1.0",
            .mac = {},
            .evidence = "storage: " + place};
}

HostComponent nic(const std::string& mac_digits) {
    return {.kind = Component::nic,
            .place = "eth0",
            .maker = {{Namespace::oui, mac_digits, "permanent MAC", "address"}},
            .mac = "6c:92:bf:01:02:03",
            .evidence = "network: eth0"};
}

/// Times are kNow + number.
void attest_parts(store::Store& store, const std::string& host, int number, std::vector<HostComponent> parts,
                  bool authentic = true) {
    auto one = attestation(*store::Hosts(store).find(host), number, {{"pci", to_bytes("pci")}});
    one.next.authentic = authentic;
    one.components = std::make_shared<const std::vector<HostComponent>>(std::move(parts));
    const auto added = store::Attestations(store).add(one);
    INFO((added ? "" : describe(added.error())));
    REQUIRE(added);
}

std::vector<store::InventoryRow> drives(store::Store& store, std::optional<std::int64_t> as_of = {}) {
    const auto types = store::Parts(store).types({store::MakerRange::of(Namespace::pci, "1bd4")});
    REQUIRE(types);
    store::InventoryQuery query{.types = {}, .as_of = as_of};
    for (const auto& type : *types) query.types.push_back(type.id);
    const auto found = store::Parts(store).inventory(query);
    REQUIRE(found);
    return found->rows;
}

}  // namespace

STORE_TEST(seen_first, "a part is known since it was first seen, and last seen when its host was") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1, {drive("nvme0", "S-1")});
    attest_parts(*store, "web-1", 5, {drive("nvme0", "S-1")});
    const auto rows = drives(*store);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].host == "web-1");
    CHECK(rows[0].place == "nvme0");
    CHECK(rows[0].serial == "S-1");
    CHECK(rows[0].first_seen == kNow + 1);
    CHECK(rows[0].last_seen == kNow + 5);
    CHECK(rows[0].present);
}

STORE_TEST(back_at_once, "a part that is gone and back within one second goes on with its stay") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1, {drive("nvme0", "S-1")});
    auto without = attestation(*store::Hosts(*store).find("web-1"), 2, {{"pci", to_bytes("pci")}});
    without.next.authentic = true;
    without.result.appraised_at = kNow + 1;
    REQUIRE(store::Attestations(*store).add(without));
    auto again = attestation(*store::Hosts(*store).find("web-1"), 3, {{"pci", to_bytes("pci")}});
    again.next.authentic = true;
    again.result.appraised_at = kNow + 1;
    again.components = std::make_shared<const std::vector<HostComponent>>(1, drive("nvme0", "S-1"));
    const auto added = store::Attestations(*store).add(again);
    INFO((added ? "" : describe(added.error())));
    REQUIRE(added);
    const auto rows = drives(*store);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].present);
    CHECK(rows[0].first_seen == kNow + 1);
}

STORE_TEST(replaced, "a replaced part ends, and the new one begins, in the same place") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1, {drive("nvme0", "S-1")});
    attest_parts(*store, "web-1", 5, {drive("nvme0", "S-1")});
    attest_parts(*store, "web-1", 9, {drive("nvme0", "S-2")});
    const auto rows = drives(*store);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].serial == "S-1");
    CHECK_FALSE(rows[0].present);
    CHECK(rows[0].last_seen == kNow + 5);
    CHECK(rows[1].serial == "S-2");
    CHECK(rows[1].first_seen == kNow + 9);
    CHECK(drives(*store, kNow + 3).at(0).serial == "S-1");
    CHECK(drives(*store, kNow + 9).at(0).serial == "S-2");
    CHECK(drives(*store, kNow).empty());
}

STORE_TEST(firmware, "new firmware is no new part") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1, {drive("nvme0", "S-1")});
    auto updated = drive("nvme0", "S-1");
    updated.revision = "2.0";
    attest_parts(*store, "web-1", 2, {updated});
    const auto rows = drives(*store);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].revision == "2.0");
    CHECK(rows[0].first_seen == kNow + 1);
}

STORE_TEST(inventory_not_authentic, "evidence that is not authentic changes no inventory") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1, {drive("nvme0", "S-1")});
    attest_parts(*store, "web-1", 2, {}, false);
    CHECK(drives(*store).size() == 1);
    CHECK(drives(*store).at(0).present);
}

STORE_TEST(shared_types, "hosts with the same parts share a type, and are counted") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1, {drive("nvme0", "S-1"), drive("nvme1", "S-2")});
    attest_parts(*store, "web-2", 1, {drive("nvme0", "S-3")});
    const auto types = store::Parts(*store).present_types();
    REQUIRE(types);
    REQUIRE(types->size() == 1);
    CHECK(types->at(0).hosts == 2);
    CHECK(types->at(0).example == "web-1");
    CHECK(types->at(0).type.kind == Component::drive);
    REQUIRE(types->at(0).type.maker.size() == 2);
    CHECK(types->at(0).type.maker[1].value == "inspur");  // normalised
    const auto all =
        store::Parts(*store).inventory({.types = {types->at(0).type.id}, .as_of = {}, .limit = 1});
    REQUIRE(all);
    CHECK(all->rows.size() == 1);
    CHECK(all->parts == 3);
    CHECK(all->hosts == 2);
}

STORE_TEST(by_oui, "an OUI finds the addresses under it, and no others") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1, {nic("6C92BF010203")});
    attest_parts(*store, "web-2", 1, {nic("6C92C0010203")});
    const auto types = store::Parts(*store).types({store::MakerRange::of(Namespace::oui, "6C92BF")});
    REQUIRE(types);
    REQUIRE(types->size() == 1);
    CHECK(types->at(0).maker.at(0).value == "6C92BF010");
    CHECK(store::Parts(*store).types({store::MakerRange::of(Namespace::pci, "6C92BF")})->empty());
}

STORE_TEST(seen_list, "the parts that a host has and had are told with where else their serials were seen") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1, {drive("nvme0", "S-1"), drive("nvme1", "")});
    attest_parts(*store, "web-2", 2, {drive("nvme0", "S-9")});
    auto seen = store::Parts(*store).seen_components("web-1");
    REQUIRE(seen);
    REQUIRE(seen->size() == 1);  // a part without a serial number is never in it
    CHECK(seen->at(0) == SeenComponent{"web-1", "drive", {"pci 1bd4", "smbios inspur"}, "S-1", kNow + 1});

    attest_parts(*store, "web-1", 3, {});
    attest_parts(*store, "web-2", 4, {drive("nvme0", "S-9"), drive("nvme1", "S-1")});
    seen = store::Parts(*store).seen_components("web-2");
    REQUIRE(seen);
    CHECK(std::ranges::count(*seen, "S-1", &SeenComponent::serial) == 2);
}

STORE_TEST(hostile, "hostile text is stored as what it is") {
    const auto store = with_hosts(database);
    attest_parts(*store, "web-1", 1,
                 {drive("nvme0", std::string("S'\x1b[31m\xff\0x", 10), "'; DROP TABLE hosts; --")});
    const auto rows = drives(*store);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].serial == "S'\\x1b[31m\\xff\\x00x");
}

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/judge/appraisal/facts/parts/host_component.h"

/// What the store keeps of the parts of hosts. Texts are printable; times are Unix seconds.
namespace assay::store {

/// What parts have in common on however many hosts: class, model and the ids of the maker. In `maker`, values
/// of numbers are canonical, names are normalised, and an OUI is cut to 9 digits.
struct PartType {
    std::int64_t id = 0;  ///< of this store
    vendors::Component kind = vendors::Component::any;
    std::string model;
    std::vector<MakerId> maker;
};

/// A stay of a part in a place.
struct InventoryRow {
    std::string host;
    std::string site;       ///< of the host, as registered; empty where it is on no list
    std::int64_t type = 0;  ///< PartType::id
    std::string place, serial, mac, revision, evidence;
    std::int64_t first_seen = 0;
    std::int64_t last_seen = 0;  ///< of a part that is there: when its host was
    bool present = false;
};

/// `first` alone, or the values from `first` up to and without `before`.
struct MakerRange {
    vendors::Namespace ns = vendors::Namespace::pci;
    std::string first, before;
    /// Of an identifier as vendor data has it; an OUI covers the longer ones under it.
    static MakerRange of(vendors::Namespace ns, const std::string& canonical);
};

struct InventoryQuery {
    std::vector<std::int64_t> types;
    std::optional<std::int64_t> as_of;  ///< there at that time; absent: whenever
    std::int64_t limit = 1000;
};

struct Inventory {
    std::vector<InventoryRow> rows;     ///< by host, kind, place; at most the limit
    std::int64_t parts = 0, hosts = 0;  ///< all there are, whatever the limit
};

/// How many hosts have a part of one type now, and one of them.
struct TypeCount {
    PartType type;
    std::int64_t hosts = 0;
    std::string example;
};

/// As texts of parts are stored: printable, at most 128 bytes.
std::string stored_text(std::string_view text);
/// What `part` is stored as: printable, shortened, identifiers normalised. `id` is 0.
PartType part_type_of(const HostComponent& part);

}  // namespace assay::store

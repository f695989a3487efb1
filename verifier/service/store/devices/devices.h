#pragma once

#include <optional>
#include <vector>

#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/facts/parts/host_component.h"
#include "verifier/judge/devices/device_sightings.h"
#include "verifier/service/store/store.h"

namespace assay::store {

/// What one attestation adds, if it is authentic.
struct DeviceUpdate {
    std::vector<judge::DeviceSighting> sightings;  ///< as `followed` gave them
    std::size_t known_before = 0;                  ///< the first ones, which are stored already
    std::uint64_t head = 0;             ///< of the journal: if it was accepted that far, it is known
    std::int64_t watched_until_ms = 0;  ///< up to then; 0: no monitor ran
};

/// A device, by its ids and serial, and the hosts that it was in.
struct DeviceSummary {
    std::string device;  ///< DeviceSighting::device
    std::string vid, pid, serial, manufacturer, product;
    usb::SerialGrade grade = usb::SerialGrade::c;  ///< in this fleet
    bool hub = false;
    std::int64_t sightings = 0;  ///< records
    std::int64_t first_seen_ms = 0;
    std::int64_t last_seen_ms = 0;  ///< of one that is there: when its host last told
    struct InHost {
        std::string host;
        std::int64_t first_seen_ms = 0;
        std::int64_t last_seen_ms = 0;
        bool present = false;
    };
    std::vector<InHost> hosts;  ///< by name
};

struct DeviceQuery {
    std::optional<std::string> host;
    std::int64_t limit = 100;
};

struct SightingQuery {
    std::string serial;  ///< printable, as it is shown
    std::optional<std::string> host;
    std::int64_t limit = 1000;
};

/// Where USB devices were.
class Devices : Subject {
  public:
    using Subject::Subject;
    /// Of this host: what is there, by its journal.
    Result<std::vector<judge::DeviceSighting>> open_stays(const std::string& host);
    /// Of this host: what was there until its newest start in another boot, by its journal.
    Result<std::vector<judge::DeviceSighting>> lost_stays(const std::string& host);
    /// Stays of a device (DeviceSighting::device) on any host: those that last, then the newest; at most 64.
    Result<std::vector<judge::KnownStay>> stays(const std::string& device);
    /// Every device, the one that came or went last first.
    Result<std::vector<DeviceSummary>> list(const DeviceQuery& query);
    /// The newest sightings of all devices with one serial, in the order of time.
    Result<std::vector<judge::DeviceSighting>> sightings(const SightingQuery& query);
};

/// What parts have in common on however many hosts: class, model and the ids of the maker. In `maker`, values
/// of numbers are canonical, names are normalised, and an OUI is cut to 9 digits.
struct PartType {
    std::int64_t id = 0;  ///< of this store
    vendors::Component kind = vendors::Component::any;
    std::string model;
    std::vector<judge::MakerId> maker;
};

/// A stay of a part in a place.
struct InventoryRow {
    std::string host;
    std::string site;        ///< of the host, as its label says; empty without one
    std::string bought_for;  ///< the site of its purchase line; empty without one
    std::int64_t type = 0;   ///< PartType::id
    std::string place, serial, mac, revision, evidence, slot;
    std::int64_t first_seen = 0;
    std::int64_t last_seen = 0;  ///< of a part that is there: when its host was, as of now
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
    std::optional<std::int64_t> as_of;  ///< there at that time, and nothing told of later; absent: whenever
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

/// What hosts have and had in them.
class Parts : Subject {
  public:
    using Subject::Subject;
    /// The types that have an identifier in one of the ranges, each with all its identifiers.
    Result<std::vector<PartType>> types(const std::vector<MakerRange>& ranges);
    Result<Inventory> inventory(const InventoryQuery& query);
    /// Every type that some host has or had, also those without an identifier.
    Result<std::vector<PartType>> all_types();
    /// Every type that some host has now.
    Result<std::vector<TypeCount>> present_types();
    /// The parts that this host had when it last attested, as_stored.
    Result<std::vector<judge::HostComponent>> held(const std::string& host);
    /// The parts with a serial number that this host has or had, and where else those serial numbers were
    /// seen; at most 1,000.
    Result<std::vector<SeenComponent>> seen_components(const std::string& host);
};

/// `part` as it is read back from the store: texts as they are stored, identifiers normalised.
judge::HostComponent as_stored(const judge::HostComponent& part);
/// Over the parts of a host, as they are stored: hex. Another part, place, version or slot gives another.
std::string inventory_digest(const std::vector<judge::HostComponent>& components);

/// As texts of parts are stored: printable, at most 128 bytes.
std::string stored_text(std::string_view text);
/// What `part` is stored as: printable, shortened, identifiers normalised. `id` is 0.
PartType part_type_of(const judge::HostComponent& part);

}  // namespace assay::store

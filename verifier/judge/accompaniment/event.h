#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/judge/accompaniment/time.h"

/// Device events as the judgement takes them. docs/formats/accompaniment-case.md, events.json.
namespace assay::accompaniment {

enum class EventKind : std::uint8_t {
    insert,
    remove,
    present,     ///< found when the agent started: it came in the event's span
    ghost,       ///< came and went while the agent did not run: kernel counters tell of it
    privileged,  ///< an interface appeared without its device: somebody with root let a blocked device in
    use          ///< what is done with a device that is there: a mount, told by itself
};
std::string_view to_string(EventKind kind);

/// What a device, or one of its interfaces, does. Ordered, so that a set of them has one form.
enum class DeviceKind : std::uint8_t { storage, hid, network, hub, other };
std::string_view to_string(DeviceKind kind);

/// How far a serial number names one device: A unique, B seen on more than one or default-like, C none.
enum class SerialGrade : std::uint8_t { a, b, c };
std::string_view to_string(SerialGrade grade);

/// What the device says of itself: claims, all of them. Only the digest is of everything it said.
struct Device {
    std::string vid;     ///< four hex digits, lower case
    std::string pid;     ///< likewise
    std::string serial;  ///< as sent; empty where there is none
    SerialGrade grade = SerialGrade::c;
    std::string digest;      ///< SHA-256 of the descriptors file, 64 hex digits; empty where it was not read
    std::string controller;  ///< PCI address of the host controller
    std::string port;        ///< "1-4.2"
    std::vector<DeviceKind> interfaces;  ///< sorted, each once

    bool operator==(const Device&) const = default;
};

struct DeviceEvent {
    std::string id;
    std::string host;  ///< asset identity, never the host name
    std::string boot_id;
    EventKind kind = EventKind::insert;
    Span time;                            ///< by the host's clock as mapped to the verifier's
    Millis clock_bound = 0;               ///< the mapping is right to this many milliseconds, either way
    bool clock_stepped = false;           ///< the host's wall clock was wrong by more than its bound
    std::optional<Millis> received_at;    ///< by the verifier's clock
    std::optional<Millis> connected_for;  ///< milliseconds since it was connected, at the end of `time`
    Device device;
    bool authorized = true;
    bool mounted = false;
    bool written = false;
    bool dma = false;                     ///< of a class with access to memory: Thunderbolt, PCI, NVMe
    std::vector<DeviceKind> bound;        ///< interfaces that got a driver
    bool reconciled = false;              ///< found by comparing states, not seen as an event
    std::optional<std::uint64_t> lost;    ///< events lost just before
    std::vector<std::string> failures;    ///< of its evidence: "signature", "chain", "counter", "boot"
    std::vector<std::string> bmc_active;  ///< "media", "console", "nic": what the BMC has active
    std::string digest;                   ///< SHA-256 of the record, hex

    bool operator==(const DeviceEvent&) const = default;
};

}  // namespace assay::accompaniment

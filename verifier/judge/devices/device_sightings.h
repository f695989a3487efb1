#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/device/serial_grade.h"
#include "evidence/wire/device_stay.h"
#include "evidence/wire/section/journal.h"

/// Where USB devices were, by the journals of all hosts. PURE.
namespace assay::judge {

/// When something happened, on the verifier's clock, in Unix milliseconds.
struct EventTime {
    std::int64_t at_ms = 0;  ///< the best guess
    std::int64_t earliest_ms = 0;
    std::int64_t latest_ms = 0;

    bool operator==(const EventTime&) const = default;
};

/// How a stay ended.
struct StayEnd {
    std::uint64_t record = 0;
    std::string
        kind;  ///< "remove"; "monitor_start": it may have gone unseen; "insert", "present": of another
    EventTime time;

    bool operator==(const StayEnd&) const = default;
};

/// One journal record about a device. Texts are printable and short.
struct DeviceSighting {
    std::string host;
    std::uint64_t record = 0;  ///< its sequence
    std::string digest;        ///< of the record, 64 hex digits
    DeviceEventKind kind = DeviceEventKind::insert;
    std::string device;    ///< SHA-256 over ids and serial as they were sent, 64 hex digits
    std::string vid, pid;  ///< "0781"; empty where the descriptors cannot be read
    std::string serial, manufacturer, product;
    std::string descriptors;  ///< SHA-256, 64 hex digits
    usb::SerialGrade form = usb::SerialGrade::c;
    bool hub = false;
    std::string port, controller, boot_id;
    std::int64_t claimed_ms = 0;  ///< the host's wall clock
    EventTime time;
    std::optional<StayEnd> end;  ///< of insert and present, once it is over

    bool operator==(const DeviceSighting&) const = default;
};

/// SHA-256 over ids and serial, 64 hex digits; of what has no readable ids, over all its descriptors: a stick
/// shows other descriptors in a port of another speed.
std::string device_identity(const UsbDevice& device);
/// Of "0781:5581", or the descriptors' digest, and a serial.
std::string device_identity(std::string_view ids, std::string_view serial);

/// Of an insert, remove, present or monitor_start; nothing for other kinds. `digest`: of the encoded record.
std::optional<DeviceSighting> sighting_of(const std::string& host, const JournalRecord& record,
                                          const Digest& digest, const EventTime& time);

/// The form of its serial may name one device, and it is no hub: seen twice, it may be asked which is which.
bool is_comparable(const DeviceSighting& sighting);

/// Carries the open stays of one host over its new records, in their order: `open` as they are then, ended or
/// not, and after them the new sightings; those of monitor_start only end what was there in another boot: in
/// its own, the monitor tells what is not there any more, and is silent about the rest.
/// `watched_until_ms`: up to when the journal was known before.
std::vector<DeviceSighting> followed(std::vector<DeviceSighting> open,
                                     const std::vector<DeviceSighting>& fresh, std::int64_t watched_until_ms);

/// Of an insert or present. `watched_until_ms`: up to when the host's journal is known.
DeviceStay stay_of(const DeviceSighting& sighting, std::int64_t watched_until_ms);

/// Whatever their spans are, the two cannot be one device: it would have been in both hosts at once.
bool are_at_once(const DeviceStay& one, const DeviceStay& other);

/// Each was found, and never seen to come, in the same port of the same controller: a part of that model of
/// server.
bool are_built_in(const DeviceStay& one, const DeviceStay& other);

/// A stay, with what identifies its device.
struct KnownStay {
    DeviceSighting sighting;
    std::int64_t watched_until_ms = 0;  ///< of its host
};

/// What the appraisal of one host is told: for each comparable device that it has, or had in its new records,
/// the stays on other hosts that are at once with it, and for a new one the stay before, if that was on
/// another host. `own`: as `followed` gave them, of which the first `known_before` are no news. `stored`:
/// stays of the same devices on any host, as they were before. Devices that are built in are left out. At
/// most `limits::kDevicesElsewhere`.
std::vector<DeviceOnOtherHost> devices_elsewhere(const std::vector<DeviceSighting>& own,
                                                 std::int64_t own_watched_until_ms,
                                                 const std::vector<KnownStay>& stored,
                                                 std::size_t known_before);

}  // namespace assay::judge

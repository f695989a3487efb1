#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/wire/section/sections.h"

/// The device journal's wire form. docs/formats/journal.md is the page.
namespace assay {

enum class DeviceEventKind : std::uint8_t {
    insert,         ///< a device came
    remove,         ///< it went
    present,        ///< it was there when the monitor started, or when it looked again after a loss
    monitor_start,  ///< the agent began to watch: `downtime` says what is known of the time before
    gap,            ///< events were lost; `lost` says how many, 0 if that is not known
    anchor,         ///< from this record on the TPM vouches for the journal: `counter`
    authorize,      ///< the kernel was told on the host itself to let a blocked device in
    use,            ///< its file system was mounted: `use`
    ghost,          ///< it came and went while nobody watched, by what the kernel still tells of it
    storm,          ///< `count` events of one port, too many for a record each
    grant,          ///< the gate let it in: `document` is why
    refusal,        ///< the gate kept it out: `document` is why
    session,        ///< a signed statement of somebody at the host: `document`
};
std::string_view to_string(DeviceEventKind kind);

/// How an event came to be known.
enum class Provenance : std::uint8_t {
    live,        ///< from the kernel's event
    coldplug,    ///< it was there when the monitor started
    reconciled,  ///< found by comparing with what was there before: it happened since `since_ms`
    inferred,    ///< from traces
};
std::string_view to_string(Provenance provenance);

/// A device of another subsystem than USB: a drive bay, a Thunderbolt port, a PCI slot, a USB-C partner.
struct HotplugDevice {
    std::string subsystem;   ///< "nvme", "block", "thunderbolt", "pci", "typec"
    std::string path;        ///< below /sys
    std::string name;        ///< the kernel's: "nvme1"
    std::string model;       ///< empty where it has none, as all below
    std::string serial;      ///< as the device claims it
    std::string controller;  ///< PCI address of the function that it hangs on
    bool operator==(const HotplugDevice&) const = default;
};

/// What the kernel made of a device.
struct DeviceChild {
    std::string kind;             ///< "block", "net", "input", "tty"
    std::string name;             ///< "sda", "usb0", "input7", "ttyACM0"
    std::string id;               ///< MAC address of a network interface; empty otherwise
    std::uint64_t size = 0;       ///< bytes of a disk
    std::optional<bool> up = {};  ///< of a network interface: it runs; absent: it did not when last looked at
    bool operator==(const DeviceChild&) const = default;
};

/// What was done with a device, as far as the kernel counts it.
struct DeviceUse {
    std::vector<DeviceChild> children;
    std::vector<std::string> mounted_at;  ///< mount points, each once
    std::uint64_t bytes_read = 0;         ///< at least: as counted when it was last looked at
    std::uint64_t bytes_written = 0;      ///< likewise
    std::uint64_t present_ms = 0;         ///< since it came
    bool operator==(const DeviceUse&) const = default;
};

/// What is known of the time before the monitor started.
struct Downtime {
    std::string boot_id;  ///< when the monitor last watched; empty: never
    std::uint64_t last_boottime_ms =
        0;  ///< CLOCK_BOOTTIME of that boot, when the monitor was last known to watch
    std::int64_t last_wall_ms = 0;
    bool quiet = false;         ///< proven: same boot, and the kernel sent no event since
    std::uint64_t uevents = 0;  ///< of the same boot: events that the kernel sent since, of any kind
    std::uint64_t disks =
        0;  ///< of the same boot: disk numbers used since (diskseq), as far as disks still show it
    std::uint64_t devnums = 0;  ///< of the same boot: USB device numbers used since, by the kernel's log
    std::string log;            ///< "read", or why the kernel's log could not be read
    bool operator==(const Downtime&) const = default;
};

struct JournalRecord {
    std::uint64_t sequence = 0;  ///< from 1, without a hole
    std::string boot_id;
    std::int64_t wall_ms = 0;           ///< Unix time, milliseconds: a claim
    std::uint64_t boottime_ms = 0;      ///< CLOCK_BOOTTIME
    std::uint64_t kernel_sequence = 0;  ///< the uevent's SEQNUM, 0 if it came from none
    DeviceEventKind kind = DeviceEventKind::insert;
    std::optional<UsbDevice>
        device;  ///< for insert, remove, present (or `hotplug`), authorize, use, ghost, grant, refusal
    std::uint64_t lost = 0;  ///< for gap
    Digest previous;         ///< SHA-256 of the record before, encoded; all zero for the first
    // From here on: absent where there is nothing to say.
    std::optional<HotplugDevice> hotplug = {};   ///< for insert, remove, present, instead of `device`
    std::optional<Provenance> provenance = {};   ///< absent: live
    std::optional<std::uint64_t> since_ms = {};  ///< CLOCK_BOOTTIME: the event happened after this
    std::optional<DeviceUse> use = {};           ///< for use, and remove
    std::optional<std::uint64_t> count = {};     ///< for storm: events
    std::optional<std::uint64_t> counter = {};   ///< for anchor: the TPM's counter before this record
    std::optional<std::uint32_t> resets = {};    ///< for monitor_start: the TPM's resetCount
    std::optional<Downtime> downtime = {};       ///< for monitor_start
    std::optional<Bytes> document = {};          ///< for grant, refusal, session

    bool operator==(const JournalRecord&) const = default;
};

Bytes encode_journal_record(const JournalRecord& record);
Result<JournalRecord> decode_journal_record(ByteView bytes);
/// What the next record names as `previous`.
inline Digest journal_digest(ByteView encoded_record) {
    return sha256(encoded_record);
}

/// The section: encoded records in order, those since the last acknowledged one, and the head of the chain.
struct JournalSection {
    std::uint64_t head_sequence = 0;  ///< the newest record's; 0 for an empty journal
    Digest head;                      ///< its digest; all zero for an empty journal
    std::vector<Bytes> records;
    bool operator==(const JournalSection&) const = default;
};
namespace wire {
inline constexpr auto kJournal = record(field("head", &JournalSection::head, DigestOf{}),
                                        field("records", &JournalSection::records,
                                              List{Blob{1, limits::kJournalRecord}, limits::kJournalRecords}),
                                        field("head_sequence", &JournalSection::head_sequence, Unsigned{}));
}  // namespace wire

}  // namespace assay

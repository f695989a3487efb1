#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"

namespace assay {

/// A device whose coming was a finding. Times are Unix milliseconds of the verifier's clock, 0 where unknown.
struct MatterDevice {
    std::string ids;         ///< "0781:5581", or the kind of a part that came by hot-plug
    std::string name;        ///< of maker and model, printable
    std::string serial;      ///< printable; empty if it has none
    std::string port;        ///< "1-4.2"; of a drive or PCI device its name
    std::string controller;  ///< PCI address of the host controller; empty if unknown
    Bytes identity;          ///< SHA-256 of maker, model and serial: `device` of a sighting
    Bytes descriptors;       ///< SHA-256 of its descriptors; empty of what is no USB device
    std::int64_t came_from_ms = 0;
    std::int64_t came_to_ms = 0;    ///< as `came_from_ms` where it was seen as it came
    std::uint64_t gone_record = 0;  ///< journal record with which it went; 0: it is there
    std::int64_t gone_from_ms = 0;
    std::int64_t gone_to_ms = 0;
    std::string how;                   ///< how the journal knows of its coming: "insert", "coldplug"
    std::vector<std::string> mounted;  ///< mount points that it had
    std::uint64_t read = 0;            ///< bytes, as far as records tell
    std::uint64_t written = 0;         ///< bytes
    std::vector<std::string> bound;    ///< drivers and what became of it: "usb-storage", "net eth3"
    std::uint64_t count = 1;           ///< how often it came, where that is one case

    bool operator==(const MatterDevice&) const = default;
};

/// A thing beside the verdict on a device event: docs/accompaniment.md.
struct JudgedNote {
    std::string id;        ///< "UNACCOMPANIED_INTERVAL"
    std::string severity;  ///< "info" to "critical"
    std::string text;

    bool operator==(const JudgedNote&) const = default;
};

/// The verdict on one device event of this host, as it stood when the host was appraised.
struct JudgedEvent {
    std::uint64_t record = 0;  ///< sequence of the journal record
    std::string outcome;       ///< "UNACCOMPANIED"
    std::int64_t row = -1;     ///< of the decision table; -1: an edge case of its own
    std::string reason;        ///< "NO_ORDER"; may be empty
    std::string severity;      ///< "info", "low", "medium", "high", "critical"
    std::string text;          ///< for a reviewer
    std::string sha256;        ///< of the whole verdict, 64 hex digits
    std::vector<JudgedNote> notes;
    /// Of an earlier record that is judged again; of one that the evidence brings the record says it.
    std::optional<MatterDevice> device = {};

    bool operator==(const JudgedEvent&) const = default;
};

}  // namespace assay

#pragma once

#include <cstdint>
#include <string>

namespace assay {

/// A USB device in one port of one host, from when it came until it went: by that host's journal, with its
/// times on the verifier's clock. Unix milliseconds; a time that is not known to the moment is a span.
struct DeviceStay {
    std::string host;
    std::string port;          ///< "1-4.2", printable
    std::string controller;    ///< PCI address; empty if it is on none
    std::string descriptors;   ///< SHA-256 of the device's, 64 hex digits
    bool found = false;        ///< it was there when the monitor began to watch; else it was seen to come
    std::uint64_t record = 0;  ///< of the host's journal: it came, or was found
    std::int64_t from_earliest_ms = 0;  ///< it came, or was found, in this span
    std::int64_t from_latest_ms = 0;
    std::uint64_t until_record = 0;   ///< it went, or could not be followed any further; 0: it is still there
    std::int64_t to_earliest_ms = 0;  ///< it was there at least until then, as far as the journal was watched
    std::int64_t to_latest_ms = 0;    ///< and not after; of one that is still there as `to_earliest_ms`

    bool operator==(const DeviceStay&) const = default;
};

/// What has the same ids and serial in this host and in another one.
struct DeviceOnOtherHost {
    std::string ids;     ///< "0781:5581"
    std::string serial;  ///< printable; its form is one that may name a single device
    DeviceStay here;
    DeviceStay there;

    bool operator==(const DeviceOnOtherHost&) const = default;
};

}  // namespace assay

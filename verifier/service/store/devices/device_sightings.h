#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/judge/appraisal/policy/policy_scope.h"
#include "verifier/judge/devices/device_sightings.h"

/// What the store keeps of where USB devices were. Times are Unix milliseconds unless they say otherwise.
namespace assay::store {

/// What one attestation adds, if it is authentic.
struct DeviceUpdate {
    std::vector<DeviceSighting> sightings;  ///< as `followed` gave them
    std::size_t known_before = 0;           ///< the first ones, which are stored already
    std::uint64_t head = 0;                 ///< of the journal: if it was accepted that far, it is known
    std::int64_t watched_until_ms = 0;      ///< up to then; 0: no monitor ran
};

/// When a host was heard of.
struct Contact {
    std::string host;
    std::int64_t enrolled_at = 0;  ///< Unix seconds: with the TPM that it has now
    std::int64_t attested_at = 0;  ///< Unix seconds: authentic evidence; 0: never
    std::int64_t watched_until_ms = 0;
    Labels labels = {};  ///< set by an operator; `site` as registered, where none was set
    /// The later of the two.
    [[nodiscard]] std::int64_t last() const { return attested_at > enrolled_at ? attested_at : enrolled_at; }
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

}  // namespace assay::store

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/device/usb_rule.h"

/// The verifier's word that a session is open at a host, for the agent's gate. docs/formats/device-grant.md.
namespace assay {

struct DeviceGrant {
    std::string host;                ///< its name in the fleet
    Bytes nonce;                     ///< 32 bytes, of the challenge that the host had answered
    std::string session;             ///< that technician and escort signed
    std::string order;               ///< that it is for
    std::uint64_t lifetime_s = 0;    ///< from the answer on, by the host's boot clock
    std::vector<usb::Rule> devices;  ///< let in while it lasts; empty: none
    bool operator==(const DeviceGrant&) const = default;
};

inline constexpr std::uint64_t kMaxGrantLifetime = 3600;  ///< seconds
inline constexpr std::size_t kMaxGrantDevices = 64;

/// The claims of its token (JSON): the member "assay.grant" alone.
std::string device_grant_claims(const DeviceGrant& grant);

/// From a token's claims. `malformed` where one is missing, odd or beyond its limit.
Result<DeviceGrant> device_grant_of(std::string_view claims);

}  // namespace assay

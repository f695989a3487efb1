// Input: the claims of a token for the gate. What is read is within its limits, lets no device in without a
// word on it, and says the same when it is written again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "evidence/wire/evidence.h"
#include "evidence/wire/statement/device_grant.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    const auto grant = device_grant_of(as_text(fuzz::view_of(data, size)));
    if (!grant) {
        if (grant.error().context.empty()) std::abort();
        return 0;
    }
    if (grant->nonce.size() != kNonceSize || grant->lifetime_s > kMaxGrantLifetime) std::abort();
    if (grant->devices.size() > kMaxGrantDevices) std::abort();
    if (std::ranges::any_of(grant->devices, [](const usb::Rule& rule) { return !usb::check(rule); }))
        std::abort();
    if (device_grant_of(device_grant_claims(*grant)) != grant) std::abort();
    return 0;
}

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <nlohmann/json.hpp>

#include "evidence/eventlog/event_payload_json.h"

// An SPDM or an SP 800-155 event, by its own signature.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    using namespace assay::tcg;
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto spdm = parse_spdm_event(bytes);
    if (!spdm && (!spdm.error().offset || *spdm.error().offset > size)) std::abort();
    const auto platform = parse_sp800_155_event(bytes);
    if (!platform && (!platform.error().offset || *platform.error().offset > size)) std::abort();
    if (spdm && platform) std::abort();
    if (spdm) static_cast<void>(payload_json(*spdm).dump());
    if (platform) static_cast<void>(payload_json(*platform).dump());
    return 0;
}

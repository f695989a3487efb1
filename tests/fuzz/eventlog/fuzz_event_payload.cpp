#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <nlohmann/json.hpp>

#include "evidence/eventlog/event_data.h"
#include "evidence/eventlog/event_payload_json.h"
#include "evidence/eventlog/replay/boot_arguments.h"

// The data of an event: the first byte chooses the type, the second the PCR.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    using namespace assay::tcg;
    if (size < 2) return 0;
    ParsedEvent event;
    event.unverified_type = (data[0] & 0x40U) != 0   ? 0x800000e0U + (data[0] & 7U)
                            : (data[0] & 0x20U) != 0 ? 0x80000000U + (data[0] & 0x1fU)
                                                     : data[0] & 0x1fU;
    event.pcr = data[1] == 0xff ? ParsedEvent::kNoPcr : data[1] % 24U;
    event.unverified_data = std::as_bytes(std::span(data, size)).subspan(2);
    const auto payload = read_event_payload(event);
    static_cast<void>(payload_json(payload).dump());
    const auto text = payload_text(payload);
    if (text.find('\n') != std::string::npos || text.find('\x1b') != std::string::npos) std::abort();
    if (describe_unverified_data(event).size() > 203) std::abort();
    for (const auto& token : boot_argument_tokens(as_text(event.unverified_data))) {
        if (token.empty() || token.find('"') != std::string::npos) std::abort();
    }
    return 0;
}

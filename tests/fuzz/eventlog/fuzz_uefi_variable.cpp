#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <nlohmann/json.hpp>

#include "evidence/eventlog/event_payload_json.h"

namespace {

using namespace assay;
using namespace assay::tcg;

// Every entry lies in the variable, and all of them are no longer than it.
void check_lists(const std::vector<EfiSignatureList>& lists, ByteView data) {
    std::size_t size = 0;
    for (const auto& list : lists) {
        for (const auto& signature : list.signatures) size += signature.owner.size() + signature.data.size();
    }
    if (size > data.size()) std::abort();
}

}  // namespace

// A UEFI_VARIABLE_DATA; the first byte chooses whether it is an authority.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    ParsedEvent event;
    event.pcr = 7;
    event.unverified_type = (data[0] & 1U) != 0 ? EV_EFI_VARIABLE_AUTHORITY : EV_EFI_VARIABLE_DRIVER_CONFIG;
    event.unverified_data = bytes;
    const auto payload = read_event_payload(event);
    if (const auto* variable = std::get_if<VariablePayload>(&payload)) {
        if (const auto* content = std::get_if<SignatureContent>(&variable->content))
            check_lists(content->lists, variable->variable.data);
    }
    static_cast<void>(payload_text(payload));
    static_cast<void>(payload_json(payload).dump());
    // The same bytes as content alone.
    if (const auto lists = parse_signature_lists(bytes)) {
        check_lists(*lists, bytes);
    } else if (!lists.error().offset) {
        std::abort();
    }
    const auto level = parse_sbat_level(bytes);
    if (!level && !level.error().offset) std::abort();
    static_cast<void>(parse_boot_order(bytes));
    return 0;
}

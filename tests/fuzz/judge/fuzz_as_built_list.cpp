// Input: an as-built list, read as CSV and as JSON. What is accepted has known classes, well-formed
// addresses, and something to compare in every part.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "evidence/wire/delivery_shape.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"

namespace {

using namespace assay;
using namespace assay::judge;

void check(const Result<std::vector<DeliveredPart>>& parts) {
    if (!parts) {
        if (parts.error().context.empty()) std::abort();
        return;
    }
    if (parts->empty() || parts->size() > wire::kDeliveredParts) std::abort();
    for (const auto& part : *parts) {
        if (part.kind != "other" && !component_class(part.kind)) std::abort();
        if (!part.mac.empty() && mac_digits(part.mac) != part.mac) std::abort();
        if (part.model.empty() && part.serial.empty() && part.mac.empty()) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check(parse_as_built_csv(input));
    check(parse_as_built_json(input));
    return 0;
}

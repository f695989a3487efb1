#include "verifier/judge/accompaniment/receipt.h"

#include <array>

namespace assay::accompaniment {

std::string_view to_string(InputSide side) {
    constexpr std::array<std::string_view, 4> kSides = {"directory", "order", "badge", "signature"};
    return kSides.at(static_cast<std::size_t>(side));
}

}  // namespace assay::accompaniment

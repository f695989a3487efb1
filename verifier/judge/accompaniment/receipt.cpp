#include "verifier/judge/accompaniment/receipt.h"

#include <array>

#include "evidence/base/text.h"

namespace assay::accompaniment {

std::string in_words(const Receipt& receipt) {
    const auto at =
        receipt.at == kAtItsOwnTime ? std::string("at its own time") : "at " + instant_text(receipt.at);
    return receipt.hand.empty() ? at : at + " by " + printable(receipt.hand);
}

std::string in_words(const Known& known) {
    auto out = in_words(known.receipt);
    for (const auto& hand : known.hands) out += ", " + printable(hand);
    return out;
}

std::string_view to_string(InputSide side) {
    constexpr std::array<std::string_view, 4> kSides = {"directory", "order", "badge", "signature"};
    return kSides.at(static_cast<std::size_t>(side));
}

}  // namespace assay::accompaniment

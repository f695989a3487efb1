#include "evidence/tcg/ek_reason.h"

#include <array>

namespace assay::tcg {
namespace {

struct Row {
    std::string_view id;
    EkEffect effect;
    std::string_view what;
};

constexpr std::array<Row, kEkReasonKinds> kRows{{
#define EK_REASON(name, id, effect, what) {id, EkEffect::effect, what},
#include "evidence/tcg/ek_reasons.inc"
#undef EK_REASON
}};

const Row& row(EkReasonKind kind) {
    return kRows.at(static_cast<std::size_t>(kind));
}

}  // namespace

std::string_view ek_reason_id(EkReasonKind kind) {
    return row(kind).id;
}

EkEffect ek_reason_effect(EkReasonKind kind) {
    return row(kind).effect;
}

std::string_view ek_reason_what(EkReasonKind kind) {
    return row(kind).what;
}

std::string EkReason::text() const {
    std::string out(ek_reason_what(kind));
    if (!detail.empty()) out += ": " + detail;
    return out;
}

}  // namespace assay::tcg

#include "evidence/certificate/ek_reason.h"

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
#include "evidence/certificate/ek_reasons.inc"
#undef EK_REASON
}};

const Row& row(EkReasonKind kind) {
    return kRows.at(static_cast<std::size_t>(kind));
}

}  // namespace

std::string_view ek_reason_id(EkReasonKind kind) {
    return row(kind).id;
}

std::string_view to_string(TpmKeyRole role) {
    switch (role) {
        case TpmKeyRole::ek:
            return "EK";
        case TpmKeyRole::iak:
            return "IAK";
        case TpmKeyRole::idevid:
            return "IDevID";
    }
    return "EK";
}

std::string reason_id(TpmKeyRole role, EkReasonKind kind) {
    const auto id = ek_reason_id(kind);
    const std::string_view prefix = role == TpmKeyRole::ek    ? "ek"
                                    : role == TpmKeyRole::iak ? "iak"
                                                              : "idevid";
    return std::string(prefix) + std::string(id.substr(id.find('.')));
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

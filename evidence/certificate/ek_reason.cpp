#include "evidence/certificate/ek_reason.h"

namespace assay::tcg {

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
    const auto id = reason_row(kind).id;
    const std::string_view prefix = role == TpmKeyRole::ek    ? "ek"
                                    : role == TpmKeyRole::iak ? "iak"
                                                              : "idevid";
    return std::string(prefix) + std::string(id.substr(id.find('.')));
}

}  // namespace assay::tcg

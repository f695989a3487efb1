#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace assay::tcg {

/// What a reason leads to by itself.
enum class EkEffect : std::uint8_t {
    refuses,      ///< the certificate is not trusted
    leaves_open,  ///< something that would be needed to trust it is missing
    remark,       ///< nothing: a vendor's quirk, or something that the reader should know
};

/// Which key of a TPM a certificate is about: endorsement key, initial attestation key, initial device
/// identity.
enum class TpmKeyRole : std::uint8_t { ek, iak, idevid };

/// "EK", "IAK", "IDevID".
std::string_view to_string(TpmKeyRole role);

/// Each kind of reason, in the order of ek_reasons.inc.
enum class EkReasonKind : std::uint8_t {
#define EK_REASON(name, id, effect, what) name,
#include "evidence/certificate/ek_reasons.inc"
#undef EK_REASON
};

/// How many kinds there are.
inline constexpr std::size_t kEkReasonKinds =
    std::initializer_list<std::string_view>{
#define EK_REASON(name, id, effect, what) id,
#include "evidence/certificate/ek_reasons.inc"
#undef EK_REASON
    }
        .size();

/// Stable: "ek.expired".
std::string_view ek_reason_id(EkReasonKind kind);
/// The same in the verdict on a key of another role: "iak.expired", "idevid.expired".
std::string reason_id(TpmKeyRole role, EkReasonKind kind);
/// What it leads to.
EkEffect ek_reason_effect(EkReasonKind kind);
/// What it says, without the case's own details.
std::string_view ek_reason_what(EkReasonKind kind);

/// One reason, with the place in the path and the details of the case.
struct EkReason {
    EkReasonKind kind;
    std::string detail;  ///< "certificate 1 of the path: ..."; printable; may be empty

    bool operator==(const EkReason&) const = default;
    [[nodiscard]] std::string_view id() const { return ek_reason_id(kind); }
    [[nodiscard]] EkEffect effect() const { return ek_reason_effect(kind); }
    /// What the kind says and the detail, on one line.
    [[nodiscard]] std::string text() const;
};

}  // namespace assay::tcg

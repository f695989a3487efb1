#pragma once

#include "tests/attacks/attack.h"

/// What the rows of several files do to evidence.
namespace assay::test {

/// What whoever owns the TPM can have signed: the quote with one thing changed, under the true key.
inline void quote_bytes(const EvidenceBuilder& builder, AppraisalCase& made, Bytes bytes) {
    made.bundle.evidence.quote = std::move(bytes);
    builder.sign_quote(made, shared_key(builder.ak));
}
inline tcg::Quote quote_of(const AppraisalCase& made) {
    return tcg::parse_quote(made.bundle.evidence.quote).value();
}
inline void quote_with(const EvidenceBuilder& builder, AppraisalCase& made, void (*change)(tcg::Quote&)) {
    auto quote = quote_of(made);
    change(quote);
    quote_bytes(builder, made, encode_quote(quote));
}

/// The enrolled attestation key with one thing changed.
inline void other_ak(AppraisalCase& made, void (*change)(tcg::TpmPublic&)) {
    auto ak = ak_public(shared_key(Key::p256));
    change(ak);
    made.bundle.known_host.ak_public = encode_tpm_public(ak);
}
inline void without(tcg::TpmPublic& ak, std::uint32_t bit) {
    ak.attributes = tcg::ObjectAttributes(ak.attributes.bits() & ~bit);
}
inline void with(tcg::TpmPublic& ak, std::uint32_t bit) {
    ak.attributes = tcg::ObjectAttributes(ak.attributes.bits() | bit);
}

inline tcg::Signature signature_of(const AppraisalCase& made) {
    return tcg::parse_signature(made.bundle.evidence.signature).value();
}
inline void set_signature(AppraisalCase& made, const tcg::Signature& signature) {
    made.bundle.evidence.signature = encode_signature(signature);
}

inline Bytes& section_of(AppraisalCase& made, std::string_view name) {
    return made.bundle.evidence.sections.at(std::string(name));
}
/// What the host's owner can do: another section, a manifest that names it, and the true TPM's signature.
inline void resigned(const EvidenceBuilder& builder, AppraisalCase& made, std::string_view name,
                     Bytes bytes) {
    section_of(made, name) = std::move(bytes);
    made.bundle.evidence.manifest = manifest_of(builder.host, builder.boot_id, made.bundle.evidence.sections);
    builder.seal(made);
}
inline void other_log(const EvidenceBuilder& builder, AppraisalCase& made, void (*change)(EventLogBuilder&)) {
    auto log = builder.log;
    change(log);
    resigned(builder, made, section::kBootEventLog, log.bytes());
}

/// One edit of the bytes of an attestation, under a true signature: `from` must be there.
inline void quote_edited(const EvidenceBuilder& builder, AppraisalCase& made, std::size_t at, Bytes with) {
    auto bytes = made.bundle.evidence.quote;
    std::ranges::copy(with, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    quote_bytes(builder, made, std::move(bytes));
}

}  // namespace assay::test

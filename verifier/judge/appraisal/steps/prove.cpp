#include "verifier/judge/appraisal/steps/prove.h"

#include "evidence/tpm/judge_quote.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"

namespace assay::judge {
namespace {

std::shared_ptr<const BoundManifest>& last_proof() {
    thread_local std::shared_ptr<const BoundManifest> last;
    return last;
}

}  // namespace

std::shared_ptr<const BoundManifest> manifest_of_last_proof(ByteView nonce, ByteView bytes) {
    const auto& last = last_proof();
    return last && equal(last->nonce, nonce) && equal(last->bytes, bytes) ? last : nullptr;
}

std::string_view to_string(Unproven reason) {
    switch (reason) {
        case Unproven::malformed:
            return "malformed";
        case Unproven::nonce:
            return "nonce";
        case Unproven::host:
            return "host";
        case Unproven::binding:
            return "binding";
        case Unproven::signature:
            return "signature";
        case Unproven::replayed:
            return "replayed";
    }
    return "malformed";
}

std::expected<Proven, Unproven> prove(const Evidence& evidence, std::string_view host, ByteView ak_public) {
    const auto signature = tcg::parse_signature(evidence.signature);
    auto manifest = decode_manifest(evidence.manifest);
    const auto binding = evidence_binding(evidence.nonce, evidence.manifest);
    auto judged = tcg::judge_quote({.attest = evidence.quote, .extra_data = binding.view()});
    if (judged.fault || !signature || !manifest) return std::unexpected(Unproven::malformed);
    if (!judged.over_extra_data) return std::unexpected(Unproven::binding);
    const auto key = attestation_key(ak_public);
    if (!key || verdict_on(*key, evidence.quote, *signature) != tcg::SignatureVerdict::valid)
        return std::unexpected(Unproven::signature);
    if (manifest->host != host) return std::unexpected(Unproven::host);
    auto read = std::make_shared<const BoundManifest>(
        BoundManifest{evidence.nonce, evidence.manifest, *std::move(manifest), binding});
    last_proof() = read;
    return Proven{.manifest = {read, &read->manifest}, .quote = std::move(judged.reading.fields)};
}

}  // namespace assay::judge

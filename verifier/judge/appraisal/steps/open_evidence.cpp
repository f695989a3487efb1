#include "verifier/judge/appraisal/steps/open_evidence.h"

#include <exception>

#include "verifier/judge/appraisal/steps/steps.h"

namespace assay::judge {
namespace {

Digest digest_of(const Evidence& evidence, const NamedSections& sections) {
    Hasher hasher(HashAlgorithm::sha256);
    hasher.update(kEvidenceDomain);
    const auto part = [&](ByteView bytes) { hasher.update(sha256(bytes).view()); };
    part(evidence.nonce);
    part(evidence.manifest);
    part(evidence.quote);
    part(evidence.signature);
    for (const auto& [name, entry] : sections.entries()) {
        if (!entry.actual) continue;
        part(as_view(name));
        hasher.update(entry.actual->view());
    }
    return hasher.finish();
}

}  // namespace

struct EvidenceOpener {
    static OpenedEvidence run(const Evidence& evidence, const HeldSections& held, const Context& context,
                              void (*before_step)(std::string_view step)) {
        OpenedEvidence out;
        try {
            before_step("authenticate");
            out.authentication_ = authenticate(evidence, context);
            // From here on, only what `verified` vouches for stands on more than the host's word.
            out.sections_ = NamedSections(evidence, held, out.authentication_.manifest.get());
            out.digest_ = digest_of(evidence, out.sections_);

            before_step("replay");
            out.logs_ = replay_logs(context, out.authentication_, out.sections_);
            // Events of PCRs that replay to a quoted value are as the TPM saw them; their types never are.

            before_step("bind");
            out.claims_ = bind(out.authentication_, out.sections_);
            out.journal_ = standing_of(evidence, context, out.authentication_.binding, out.claims_);
            // Every section is decoded, or absent with a reason. Nothing after this reads bytes.
        } catch (const std::exception& error) {
            out.failure_ = error.what();
            if (out.failure_.empty()) out.failure_ = "exception";
        }
        return out;
    }
};

OpenedEvidence open_evidence(const Evidence& evidence, const Context& context, const HeldSections& held) {
    return EvidenceOpener::run(evidence, held, context, no_step);
}

OpenedEvidence open_evidence_with(const Evidence& evidence, const Context& context,
                                  void (*before_step)(std::string_view step)) {
    return EvidenceOpener::run(evidence, {}, context, before_step);
}

}  // namespace assay::judge

#include "evidence/wire/proof.h"

#include "evidence/wire/evidence_shape.h"

namespace assay {
namespace {

using wire::field;

constexpr auto kProof =
    wire::record(wire::Version{.version = kProtocol}, field("evidence", &Proof::evidence, wire::kEvidence),
                 field("ima_from", &Proof::ima_from, wire::Maybe{wire::DigestOf{}}),
                 field("journal_from", &Proof::journal_from, wire::Unsigned{}));

}  // namespace

Bytes encode_proof(const Proof& proof) {
    return wire::encode_document(kProof, proof);
}

Result<Proof> decode_proof(ByteView bytes) {
    return wire::decode_document<Proof>(kProof, bytes, "proof", kProofSize);
}

}  // namespace assay

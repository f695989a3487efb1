#include "verifier/judge/ledger/act_chain.h"

#include "evidence/base/bytes.h"
#include "evidence/codec/json_writer.h"

namespace assay::judge {

Digest entry_of(const ChainedAct& act) {
    const Json entry{{"at", act.at_ms},       {"document", act.document.hex()}, {"hand", act.hand},
                     {"kind", act.kind},      {"number", act.number},           {"object", act.object},
                     {"subject", act.subject}};
    return sha256(as_view(entry.dump()));
}

Digest empty_chain() {
    return Digest::filled(HashAlgorithm::sha256, std::byte{0});
}

Digest head_after(const Digest& before, const Digest& entry) {
    return hash(HashAlgorithm::sha256, {as_view("assay-act/v1\n"), before.view(), entry.view()});
}

}  // namespace assay::judge

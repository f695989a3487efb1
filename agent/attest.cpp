#include "agent/attest.h"

namespace assay {

Result<verifier_api::Verdict> attest(HttpsClient& client, const Machine& machine, const std::string& host,
                                     const std::function<JournalPart(std::uint64_t)>& journal) {
    using Outcome = verifier_api::Submitted::Outcome;
    constexpr int kTries = 3;  // a stale nonce and missing sections may follow each other
    bool send_all = false;
    std::string said;
    for (int i = 0; i < kTries; ++i) {
        auto challenge = TRY(verifier_api::challenge(client, host));
        EvidenceRequest request;
        request.host = host;
        request.nonce = std::move(challenge.nonce);
        request.selection = std::move(challenge.selection);
        if (!send_all) {
            request.held = std::move(challenge.held);
            request.ima = std::move(challenge.ima);
        }
        request.journal = [&journal, since = challenge.journal_sequence] { return journal(since); };
        const auto evidence = TRY(make_evidence(machine, request));
        auto submitted = TRY(verifier_api::submit(client, host, evidence));
        if (submitted.outcome == Outcome::appraised) {
            submitted.verdict.nonce = request.nonce;
            return std::move(submitted.verdict);
        }
        if (submitted.outcome == Outcome::sections_missing) send_all = true;
        said = std::move(submitted.said);
    }
    return fail(ErrorCode::conflict, "the verifier refused the evidence again and again: " + said);
}

}  // namespace assay

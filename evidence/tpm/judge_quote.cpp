#include "evidence/tpm/judge_quote.h"

namespace assay::tcg {

JudgedPcrs judge_pcrs(const Quote& quote, std::optional<HashAlgorithm> scheme_hash, const PcrValues& values) {
    JudgedPcrs judged;
    for (const auto& bank : quote.selection.banks()) {
        for (unsigned pcr = 0; pcr < kPcrCount; ++pcr) {
            if ((bank.mask & (1U << pcr)) != 0 && values.find(bank.algorithm, pcr) == nullptr)
                judged.missing.push_back({bank.algorithm, pcr});
        }
    }
    for (const auto& [algorithm, bank] : values.banks()) {
        for (unsigned pcr = 0; pcr < kPcrCount; ++pcr) {
            if (bank.at(pcr) && !quote.selection.contains(algorithm, pcr))
                judged.beside.push_back({algorithm, pcr});
        }
    }
    if (!judged.missing.empty() || !scheme_hash) return judged;
    if (const auto digest = pcr_digest(quote.selection, values, *scheme_hash)) {
        judged.digest = *digest;
        judged.match = equal(digest->view(), quote.pcr_digest);
    }
    return judged;
}

JudgedQuote judge_quote(const QuoteQuestion& question) {
    JudgedQuote judged;
    judged.reading = read_attest(question.attest);
    if (const auto whole = parse_quote(question.attest); !whole) judged.fault = whole.error();
    if (question.signature != nullptr && question.verify)
        judged.signature = question.verify(question.attest, *question.signature);
    if (!judged.is_quote()) return judged;
    const auto& quote = judged.reading.fields;
    judged.over_extra_data = question.extra_data && equal(*question.extra_data, quote.extra_data);
    if (question.pcrs != nullptr) {
        const auto hash =
            question.signature != nullptr ? std::optional(question.signature->hash) : std::nullopt;
        judged.pcrs = judge_pcrs(quote, hash, *question.pcrs);
    }
    return judged;
}

}  // namespace assay::tcg

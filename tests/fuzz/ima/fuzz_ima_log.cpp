#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "evidence/ima/ima_log.h"

namespace {

void look_at(const assay::tcg::ParsedImaLog& list) {
    using namespace assay;
    for (const auto& entry : list.unverified_entries()) static_cast<void>(tcg::ima_fields(entry));
    static_cast<void>(tcg::boot_aggregate(list));
    for (const auto bank : {HashAlgorithm::sha1, HashAlgorithm::sha256}) {
        const auto match = tcg::match_ima(list, bank, 10, tcg::ima_boot_state(bank), sha256({}));
        const auto whole = tcg::match_ima(list, bank, 10, tcg::ima_boot_state(bank), match.whole.value);
        if (whole.agreement == tcg::ImaAgreement::differs) std::abort();
    }
}

}  // namespace

// The same bytes as a binary list and as a text list.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    if (const auto list = assay::tcg::parse_ima_log(bytes)) look_at(*list);
    if (const auto list = assay::tcg::parse_ima_ascii(assay::as_text(bytes))) look_at(*list);
    return 0;
}

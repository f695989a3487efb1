// Whatever is read as a table of PCRs has values of their bank's size, and no PCR that no TPM has.
#include <cstdint>
#include <cstdlib>

#include "evidence/tpm/pcr_table.h"

using namespace assay::tcg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto table = parse_pcr_table(assay::as_text(std::as_bytes(std::span(data, size))));
    if (!table) return 0;
    for (const auto& [algorithm, bank] : table->banks()) {
        for (unsigned pcr = 0; pcr < kPcrCount; ++pcr) {
            const auto* value = table->find(algorithm, pcr);
            if (value != nullptr && value->algorithm() != algorithm) std::abort();
        }
    }
    return 0;
}

// Input: a purchase list. What is accepted has unique, well-formed names and digests, each of its own line.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "evidence/wire/purchase_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto hosts = assay::parse_purchase_list(input);
    if (!hosts) {
        if (hosts.error().context.empty()) std::abort();
        return 0;
    }
    std::set<std::string> seen;
    std::size_t line = 0;
    for (const auto& host : *hosts) {
        if (!assay::is_enrolment_name(host.host) || !seen.insert(host.host).second) std::abort();
        if (assay::normal_tpm_digest(host.tpm_digest) != host.tpm_digest) std::abort();
        if (!seen.insert(host.tpm_digest).second || host.line <= line) std::abort();
        line = host.line;
    }
    return 0;
}

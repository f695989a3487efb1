#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <nlohmann/json.hpp>

#include "evidence/eventlog/replay/event_log_facts.h"
#include "evidence/eventlog/replay/event_log_json.h"

// The first byte chooses how the quoted values are made, the rest is a boot event log.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay;
    using namespace assay::tcg;
    if (size == 0) return 0;
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    auto log = parse_event_log(bytes);
    if (!log) {
        if (!log.error().offset && log.error().code != ErrorCode::limit) std::abort();
        return 0;
    }
    if (!inspect_event_log(bytes)) std::abort();
    for (const auto bank : {HashAlgorithm::sha1, HashAlgorithm::sha256}) {
        auto parsed = parse_event_log(bytes);
        QuotedBank quoted;
        const auto replayed = replay(*parsed, bank);
        for (std::uint32_t pcr = 0; pcr < kPcrCount; ++pcr) {
            quoted.at(pcr) =
                (data[0] >> (pcr % 8) & 1U) != 0 ? replayed.banks[0].pcrs.at(pcr).value : sha256({});
        }
        const auto held = ReplayedEventLog::against(std::move(*parsed), bank, quoted);
        for (const auto& event : held.log().unverified_events()) {
            // Never data without a matching PCR.
            if (held.verified_data(event) && held.comparison(event.pcr).agreement != PcrAgreement::match)
                std::abort();
        }
        static_cast<void>(secure_boot_state(held));
        static_cast<void>(boot_milestones(held));
    }
    return 0;
}

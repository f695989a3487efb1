#include <algorithm>
#include <array>

#include "evidence/eventlog/event_log.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

constexpr std::uint32_t kSecureBootPcr = 7;

struct Confession {
    std::string_view text;
    const FindingKind& kind;
    std::string_view expected;
    std::array<Digest, 2> digests;  // without and with a NUL
};

Confession confession(HashAlgorithm bank, std::string_view text, const FindingKind& kind,
                      std::string_view expected) {
    constexpr std::array nul{std::byte{0}};
    return {text, kind, expected, {hash(bank, {as_view(text)}), hash(bank, {as_view(text), nul})}};
}

// What firmware must measure into PCR 7 when it is not protected. (PFP 1.06, 3.3.4.8) The digest alone
// counts: type and data are the word of whoever writes the log.
void judge_protections(const Examined& examined, Judge& judge) {
    const auto& logs = examined.logs;
    if (!logs.boot) return judge.report_absent(examined, section::kBootEventLog);
    const std::array confessions{
        confession(logs.bank, "DMA Protection Disabled", findings::boot_dma_unprotected,
                   "protection against DMA"),
        confession(logs.bank, "UEFI Debug Mode", findings::boot_debug_mode, "no debugger")};
    for (const auto& [event, digest, data] : logs.boot->verified(kSecureBootPcr)) {
        for (const auto& confession : confessions) {
            if (std::ranges::find(confession.digests, digest) == confession.digests.end()) continue;
            judge.report(confession.kind, Tier::warning, logs.basis,
                         {.subject = "firmware",
                          .expected = std::string(confession.expected),
                          .actual = std::string(confession.text),
                          .evidence = event_place(event)});
        }
    }
    // Old firmware says nothing either way, so silence proves nothing.
    judge.no_answer(NoAnswer::cannot_tell, "the firmware measured no protection as switched off");
}

}  // namespace

const Check checks::firmware_protections_are_on{
    .claim = TrustClaim::configuration, .required = false, .judge = judge_protections};

}  // namespace assay::judge

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// TPM2_PT_MANUFACTURER of TPMs that are programs: libtpms and the IBM simulator, and the hypervisors' own.
constexpr std::array<std::string_view, 5> kSoftwareManufacturers{"IBM", "SW", "MSFT", "GOOG", "VMW"};

bool names_software(std::string_view text) {
    const auto folded = lower(text);
    return folded.find("swtpm") != std::string::npos || folded.find("simulator") != std::string::npos ||
           folded.find("sw   tpm") != std::string::npos || folded.find("sw tpm") != std::string::npos;
}

std::string_view without_nul(std::string_view text) {
    while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
    return trimmed(text);
}

void judge_tpm(const Examined& examined, Judge& judge) {
    const auto standing = ek_standing(examined.inputs);
    const auto& tpm = examined.claims.tpm;
    bool software = false;
    const auto report = [&](const About& about, std::string actual) {
        software = true;
        about.report(findings::tpm_software, Tier::warning, "a hardware TPM", std::move(actual));
    };
    if (standing->shown && (names_software(standing->model) || names_software(standing->leaf))) {
        report(judge.about(standing->trusted ? Basis::endorsed : Basis::self_reported, "TPM",
                           "enrolment: ek_certificates"),
               fmt::format("model {} by {}", standing->model, standing->manufacturer));
    }
    if (tpm) {
        const auto manufacturer = without_nul(tpm->manufacturer);
        const bool listed =
            std::ranges::find(kSoftwareManufacturers, manufacturer) != kSoftwareManufacturers.end();
        if (listed || names_software(tpm->vendor_string)) {
            report(judge.about(examined.basis(), "TPM", "tpm"),
                   fmt::format("manufacturer {}, vendor string {}", shown(manufacturer),
                               shown(tpm->vendor_string)));
        }
    } else if (!software) {
        return judge.report_absent(examined, section::kTpm);
    }
    if (software) return;
    const bool endorsed = examined.authentication.verified && standing->trusted && standing->is_about_the_ek;
    judge.covered(endorsed ? Basis::endorsed : examined.basis(), 1,
                  fmt::format("TPM of {}", shown(without_nul(tpm->manufacturer))));
}

}  // namespace

const Check checks::tpm_is_hardware{.claim = TrustClaim::hardware, .required = true, .judge = judge_tpm};

}  // namespace assay::judge

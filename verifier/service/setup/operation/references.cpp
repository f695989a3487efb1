#include "verifier/service/setup/operation/references.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/digest.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/tpm_roots.h"
#include "verifier/service/setup/vendor_data.h"

namespace assay::setup {
namespace {

std::string digest_of_digests(const std::string& digests) {
    return sha256(as_view(digests)).hex();
}

ReferencePart part_of(const judge::PolicySet& policies) {
    std::string digests;
    std::vector<std::string> names;
    for (const auto& policy : policies.all()) {
        digests += policy.digest.hex();
        names.push_back(printable(policy.name));
    }
    return {"policy", digest_of_digests(digests), fmt::format("{}", fmt::join(names, ", "))};
}

ReferencePart part_of(const vendors::VendorDb& vendors) {
    const auto edition = vendors.edition().value_or(vendors::Edition{});
    return {"vendor data", vendors.digest().hex(),
            fmt::format("version {}, expires {}", edition.version, utc_text(edition.expires))};
}

ReferencePart part_of(const judge::TpmTrust& trust) {
    return {"TPM roots", trust.digest().hex(),
            fmt::format("{} and {} revocation lists", trust.roots().size(), trust.revocation_lists().size())};
}

ReferencePart part_of(const std::vector<Bytes>& platform_roots) {
    std::string digests;
    for (const auto& root : platform_roots) digests += sha256(root).hex();
    return {"platform roots", digest_of_digests(digests), fmt::format("{}", platform_roots.size())};
}

ReferencePart part_of(const OwnCertificate& certificate) {
    return {certificate.what == "ca" ? "CA" : certificate.what + " certificate", certificate.sha256,
            fmt::format("good until {}", tcg::time_text(certificate.validity.not_after))};
}

}  // namespace

Result<References> load_references(const StateFolder& state, store::Store& store, std::int64_t now) {
    auto config = TRY(read_config(state));
    auto certificates = TRY(own_certificates(state));
    TRY_VOID(check_own_certificates(certificates, now));
    const auto policy = state.root / config.policy;
    auto policies = TRY(with_context(inputs::load_policies(policy), printable(policy.string())));
    const auto roots = state.root / config.tpm_roots;
    auto trust = TRY(with_context(inputs::load_tpm_trust(roots), "TPM roots"));
    // A folder of before there was such a setting has none; then no platform certificate is believed.
    std::vector<Bytes> platform_roots;
    const auto makers = state.root / config.platform_roots;
    std::error_code error;
    if (std::filesystem::exists(makers, error))
        platform_roots = TRY(with_context(inputs::load_tpm_roots(makers), "platform roots"));
    auto vendors = TRY(load_vendor_data(state, config, store, now));
    return References{std::move(config), std::move(policies),       std::move(vendors),
                      std::move(trust),  std::move(platform_roots), std::move(certificates)};
}

std::vector<ReferencePart> parts_of(const References& references) {
    std::vector<ReferencePart> out{part_of(references.policies), part_of(references.vendors),
                                   part_of(references.tpm_trust), part_of(references.platform_roots)};
    for (const auto& certificate : references.certificates) {
        if (certificate.what != "operator")
            out.push_back(part_of(certificate));  // this program does not use it
    }
    return out;
}

std::string compared(const References& before, const References& now) {
    const auto old = parts_of(before);
    std::string out;
    for (const auto& part : parts_of(now)) {
        const auto found = std::ranges::find(old, part.name, &ReferencePart::name);
        const bool same = found != old.end() && found->digest == part.digest;
        out += fmt::format("{}{}: {}, {}", out.empty() ? "" : "; ", part.name, same ? "unchanged" : "changed",
                           part.words);
    }
    return out;
}

}  // namespace assay::setup

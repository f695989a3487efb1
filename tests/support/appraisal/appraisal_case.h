#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "evidence/wire/saved_bundle.h"
#include "tests/support/certificates/certificate_builder.h"
#include "tests/support/tpm/tpm_builder.h"
#include "verifier/judge/appraisal/steps/appraise.h"

namespace assay::test {

inline constexpr std::int64_t kNow = 1'790'000'000;  // 2026-09-21; the builder's certificates are valid then
inline constexpr std::string_view kBootId = "11111111-2222-3333-4444-555555555555";

/// Three makers: an allowed one, a denied one and one about whom nobody decided.
inline vendors::Sources test_vendor_sources() {
    return {{{"vendors/good.toml",
              "id = \"good\"\ncountry = \"US\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Good "
              "Systems\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"pci\"\nvalues = [\"8086\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"oui\"\nvalues = [\"A4BF01\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"iana_pen\"\nvalues = [\"343\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"tpm\"\nvalues = [\"IFX\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"jep106\"\nvalues = [\"1:ce\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"usb\"\nvalues = [\"046b\"]\nsource = \"test\"\n"},
             {"vendors/denied.toml",
              "id = \"denied\"\ncountry = \"XX\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Denied "
              "Parts\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"pci\"\nvalues = [\"1bd4\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"oui\"\nvalues = [\"6C92BF\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"iana_pen\"\nvalues = [\"37945\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"jep106\"\nvalues = [\"12:73\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"tpm\"\nvalues = [\"NTZ\"]\nsource = \"test\"\n"},
             {"vendors/undecided.toml",
              "id = \"undecided\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Undecided "
              "Works\"]\nsource = \"test\"\n"
              "[[ids]]\nnamespace = \"pci\"\nvalues = [\"1234\"]\nsource = \"test\"\n"}},
            {},
            {{"decisions/test.toml",
              "[[decisions]]\nentities = [\"good\"]\ndecision = \"allow\"\nreason = \"bought since "
              "2020\"\napprover = \"test\"\n"
              "from = 2024-01-01\n"
              "[[decisions]]\nentities = [\"denied\"]\ndecision = \"deny\"\nreason = \"not to be "
              "bought\"\napprover = \"test\"\n"
              "from = 2024-01-01\n"}},
            {}};
}
inline const vendors::VendorDb& test_vendors() {
    static const auto kDb = vendors::load(test_vendor_sources());
    require(kDb.has_value(), kDb ? "" : describe(kDb.error()).c_str());
    return *kDb;
}

inline const judge::Policy& test_policy() {
    static const auto kPolicy = judge::Policy::from_toml(
        "test.toml",
        "name = \"test\"\nversion = 1\n"
        "required_sections = [\"boot-event-log\", \"pcrs\", \"smbios\", \"pci\", \"journal\"]\n"
        "pcr_selection = \"sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\"\n"
        "challenge_lifetime_s = 120\nsecure_boot_required = true\n"
        "ek_certificate_required = true\n");
    require(kPolicy.has_value(), kPolicy ? "" : describe(kPolicy.error()).c_str());
    return *kPolicy;
}

/// The keys and certificates of one process: an AK, an EK, the EK's certificate and the root above it.
struct TestIdentity {
    Bytes root, ek_certificate, ek_public, ak_public;
    EVP_PKEY* root_key = nullptr;
    static const TestIdentity& get(Key ak = Key::p256) {
        static std::map<Key, TestIdentity> made;
        if (const auto found = made.find(ak); found != made.end()) return found->second;
        static const auto kCaKey = fresh_key(Key::p256);
        auto& out = made[ak];
        out.root_key = kCaKey.get();
        out.root = make_certificate(CertificateSpec::ca("Test TPM CA", "Test TPM CA"), kCaKey.get(),
                                    kCaKey.get(), nullptr);
        const auto root = tcg::Certificate::parse(out.root);
        out.ek_certificate = make_certificate({}, shared_key(Key::p384), kCaKey.get(), &*root);
        out.ek_public = encode_tpm_public(test::ek_public(shared_key(Key::p384)));
        out.ak_public = encode_tpm_public(test::ak_public(shared_key(ak)));
        return out;
    }
};

/// Parsed; what is no certificate or list throws.
inline judge::TpmTrust trust_of(const std::vector<Bytes>& roots, const std::vector<Bytes>& lists = {},
                                std::vector<tcg::RootMakers> makers = {}) {
    std::vector<tcg::Certificate> certificates;
    for (const auto& each : roots) certificates.push_back(tcg::Certificate::parse(each).value());
    std::vector<tcg::RevocationList> revoked;
    for (const auto& each : lists) revoked.push_back(tcg::RevocationList::parse(each).value());
    return judge::TpmTrust(std::move(certificates), std::move(revoked), std::move(makers));
}

/// Everything that an appraisal takes. Change what is signed and sign anew, or change what was signed.
struct AppraisalCase {
    SavedBundle bundle;
    judge::Policy policy = test_policy();
    const vendors::VendorDb* vendors = &test_vendors();
    std::vector<Bytes> roots;             ///< DER
    std::vector<Bytes> revocation_lists;  ///< DER
    std::vector<tcg::RootMakers> makers;
    std::int64_t now = kNow;
    std::optional<judge::ShownActivation> activation = {};  ///< where whoever judges has the verifier's keys

    [[nodiscard]] judge::AppraisalInputs inputs() const {
        return {bundle.evidence,
                bundle.challenge,
                bundle.known_host,
                bundle.sessions,
                *vendors,
                trust(),
                policy,
                now,
                activation ? &*activation : nullptr};
    }
    [[nodiscard]] judge::Context context() const {
        return {bundle.challenge,
                bundle.known_host,
                bundle.sessions,
                *vendors,
                trust(),
                policy,
                now,
                activation ? &*activation : nullptr};
    }
    /// Kept, because an appraisal's arguments only refer to it.
    [[nodiscard]] const judge::TpmTrust& trust() const {
        thread_local std::map<std::string, judge::TpmTrust> kept;
        std::string key;
        for (const auto* all : {&roots, &revocation_lists})
            for (const auto& each : *all) key += as_text(each);
        for (const auto& each : makers)
            key += fmt::format("{}{}", each.root.hex(), fmt::join(each.manufacturers, ","));
        const auto found = kept.find(key);
        return found != kept.end()
                   ? found->second
                   : kept.emplace(key, trust_of(roots, revocation_lists, makers)).first->second;
    }
    [[nodiscard]] judge::Appraisal appraise() const { return assay::judge::appraise(inputs()); }
};

/// The first with this id, or null.
inline const Finding* find_finding(const AttestationResult& result, std::string_view id) {
    const auto found = std::ranges::find(result.findings, id, &Finding::id);
    return found == result.findings.end() ? nullptr : &*found;
}
inline bool has_finding(const AttestationResult& result, std::string_view id) {
    return find_finding(result, id) != nullptr;
}

}  // namespace assay::test

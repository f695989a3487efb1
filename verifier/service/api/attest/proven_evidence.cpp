#include "verifier/service/api/attest/proven_evidence.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/tpm/pcr.h"
#include "verifier/service/api/nonce.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {
namespace {

constexpr std::size_t kAllSections = 2 * limits::kEvidenceBody;  // of one manifest together, bytes

// TPMT_PUBLIC of the generator of P-256: a name that nobody has costs the same signature check.
const Bytes& key_of_nobody() {
    static const Bytes key =
        from_hex(
            "0023000b00050072000000100018000b0003001000206b17d1f2e12c4247f8bce6e563a440f277037d812deb33"
            "a0f4a13945d898c29600204fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
            limits::kPublicArea)
            .value_or(Bytes());
    return key;
}

// What every host is asked to quote: all PCRs of one bank, which is the host's choice.
std::string asked_selection(const tcg::Quote& quote) {
    const auto& banks = quote.selection.banks();
    const auto bank = banks.empty() ? HashAlgorithm::sha256 : banks.front().algorithm;
    return to_text(tcg::PcrSelection::of(bank, kQuotedPcrs));
}

/// From memory, else from the store; null where it is in neither, or the store has something else under this
/// digest.
Result<std::shared_ptr<const judge::HeldSection>> held_section(Service& service, const std::string& host,
                                                               const Digest& digest) {
    if (auto section = service.sections.find(digest)) return section;
    auto bytes = store::Attestations(service.store).held_section(host, digest.hex());
    if (!bytes && bytes.error().code != ErrorCode::not_found) return std::unexpected(bytes.error());
    if (!bytes) return nullptr;
    auto section = std::make_shared<const judge::HeldSection>(*std::move(bytes));
    if (section->digest() != digest) return nullptr;
    service.sections.add(section);
    return section;
}

}  // namespace

std::int64_t longest_challenge(const judge::PolicySet& policies) {
    std::int64_t longest = 0;
    for (const auto& policy : policies.all()) longest = std::max(longest, policy.challenge_lifetime_s);
    return longest;
}

Result<std::expected<ProvenEvidence, judge::Unproven>> proven_evidence(
    Service& service, const std::string& host, Evidence evidence, const store::RememberedHost* remembered) {
    using Answer = std::expected<ProvenEvidence, judge::Unproven>;
    const auto now = service.now();
    const auto issued_at =
        check_nonce(service.nonce_key, evidence.nonce, now, longest_challenge(service.policies));
    if (!issued_at) return Answer(std::unexpected(judge::Unproven::nonce));
    const auto proven_by = [&](const std::optional<store::EnrolledKey>& enrolled) -> Answer {
        auto proven = judge::prove(evidence, host, enrolled ? enrolled->ak_public : key_of_nobody());
        if (!enrolled) return std::unexpected(judge::Unproven::host);
        if (!proven) return std::unexpected(proven.error());
        const auto expires_at = *issued_at + service.policies.of(enrolled->labels).challenge_lifetime_s;
        if (now >= expires_at) return std::unexpected(judge::Unproven::nonce);
        return ProvenEvidence{
            .evidence = {},
            .held = {},
            .proven = *proven,
            .challenge = {evidence.nonce, asked_selection(proven->quote), *issued_at, expires_at},
            .ak_public = enrolled->ak_public};
    };
    auto enrolled =
        remembered == nullptr
            ? TRY(store::Hosts(service.store).attestation_key(host))
            : std::optional(store::EnrolledKey{remembered->host.identity.ak_public, remembered->host.labels});
    auto answer = proven_by(enrolled);
    if (!answer && remembered != nullptr) {
        const auto newest = TRY(store::Hosts(service.store).attestation_key(host));
        if (newest != enrolled) answer = proven_by(newest);
    }
    if (answer) answer->evidence = std::move(evidence);
    return answer;
}

Result<> check_sections(const Evidence& evidence, const Manifest& manifest) {
    for (const auto& [name, bytes] : evidence.sections) {
        const auto* named = manifest.find(name);
        if (named == nullptr)
            return fail(ErrorCode::malformed,
                        fmt::format("section '{}': expected one that the manifest names", name));
        if (named->length != bytes.size())
            return fail(ErrorCode::malformed, fmt::format("section '{}': expected {} bytes, got {}", name,
                                                          named->length, bytes.size()));
        if (sha256(bytes) != named->digest)
            return fail(ErrorCode::malformed,
                        fmt::format("section '{}': its digest is not the one that the manifest names", name));
    }
    return {};
}

Result<std::vector<ManifestEntry>> find_held_sections(Service& service, ProvenEvidence& proven,
                                                      const std::map<std::string, std::string>& digests) {
    const auto& host = proven.proven.manifest->host;
    const auto& came = proven.evidence.sections;
    std::vector<ManifestEntry> wanted, held;
    std::uint64_t total = 0;
    for (const auto& entry : proven.proven.manifest->entries) {
        total += entry.length;
        if (came.contains(entry.name)) continue;
        const auto there = digests.find(entry.name);
        (there != digests.end() && there->second == entry.digest.hex() ? held : wanted).push_back(entry);
    }
    if (total > kAllSections)
        return fail(
            ErrorCode::limit,
            fmt::format("manifest: sections of {} bytes together, at most {} allowed", total, kAllSections));
    if (!wanted.empty()) return wanted;
    for (const auto& entry : held) {
        if (auto section = TRY(held_section(service, host, entry.digest)))
            proven.held.emplace(entry.name, std::move(section));
        else
            wanted.push_back(entry);
    }
    return wanted;
}

}  // namespace assay::api

#include "verifier/judge/appraisal/facts/standing/identity.h"

#include <algorithm>
#include <limits>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/bounded_cache.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/text.h"
#include "evidence/certificate/iak_certificate.h"
#include "verifier/judge/appraisal/facts/standing/activation.h"

namespace assay::judge {
namespace {

constexpr std::size_t kReasons = 1000;  // bytes
// Of one thread: keys, about 2 KiB each, of which making one anew costs a quarter of using it; certificate
// verdicts, less than 1 KiB each. A larger fleet is looked at anew.
constexpr std::size_t kKeptKeys = 256;
constexpr std::size_t kKeptStandings = 65'536;

// The span around `now` in which none of the certificates and revocation lists begins or ends.
struct Span {
    std::int64_t from = std::numeric_limits<std::int64_t>::min();
    std::int64_t to = std::numeric_limits<std::int64_t>::max();
    [[nodiscard]] bool holds(std::int64_t now) const { return from <= now && now <= to; }
    void narrow(std::int64_t begin, std::int64_t end, std::int64_t now) {
        if (begin <= now) from = std::max(from, begin);
        if (begin > now) to = std::min(to, begin - 1);
        if (end >= now) to = std::min(to, end);
        if (end < now) from = std::max(from, end + 1);
    }
    void narrow(const tcg::Certificate& certificate, std::int64_t now) {
        narrow(certificate.not_before(), certificate.not_after(), now);
    }
};

struct KeptStanding {
    Span span;
    Digest trust;
    std::shared_ptr<const EkStanding> standing;
};

using Role = tcg::TpmKeyRole;

// One digest for the whole of what is shown: each part behind its length, so that none runs into the next.
Digest key_of(Role role, ByteView public_area, const std::vector<Bytes>& certificates) {
    ByteWriter lengths;
    lengths.u8(static_cast<std::uint8_t>(role)).u64le(public_area.size());
    for (const auto& certificate : certificates) lengths.u64le(certificate.size());
    Hasher hasher(HashAlgorithm::sha256);
    hasher.update(sha256(lengths.take()).view()).update(public_area);
    for (const auto& certificate : certificates) hasher.update(certificate);
    return hasher.finish();
}

// Remarks too: what is odd about a certificate may be why it is not trusted.
std::string reasons_of(Role role, const tcg::EkCertificateVerdict& verdict) {
    std::vector<std::string> each;
    each.reserve(verdict.reasons.size());
    for (const auto& reason : verdict.reasons)
        each.push_back(fmt::format("{}: {}", tcg::reason_id(role, reason.kind), reason.text()));
    return fmt::format("{}", fmt::join(each, "; "));
}

// Its maker's root is not pinned: that is the owner's choice, and nothing is wrong with the certificate.
bool is_of_unknown_ca(const tcg::EkCertificateVerdict& verdict) {
    using Kind = tcg::EkReasonKind;
    return !verdict.trusted() && std::ranges::all_of(verdict.reasons, [](const tcg::EkReason& reason) {
        return reason.effect() == Effect::remark || reason.kind == Kind::no_issuer ||
               reason.kind == Kind::root_not_pinned;
    });
}

EkStanding look(Role role, const ShownEk& shown_ek, const TpmTrust& trust, std::int64_t now, Span& span) {
    EkStanding standing;
    standing.shown = true;
    std::vector<tcg::Certificate> chain;
    for (const auto& der : shown_ek.certificates) {
        auto certificate = tcg::Certificate::parse(der);
        if (!certificate) {
            standing.reason = shown(fmt::format("{}: {}", tcg::reason_id(role, tcg::EkReasonKind::malformed),
                                                describe(certificate.error())));
            return standing;
        }
        chain.push_back(std::move(*certificate));
    }
    const auto& leaf = chain.front();
    standing.leaf = fmt::format("{} S/N {}", shown(leaf.subject()), shown(leaf.serial()));
    if (const auto& tpm = leaf.tpm()) {
        standing.manufacturer = shown(tpm->manufacturer);
        standing.model = shown(tpm->model);
    }
    const auto ek = tcg::parse_tpm_public(shown_ek.ek_public);
    standing.is_about_the_ek = role == Role::ek && ek && tcg::certificate_key_equals(leaf, *ek);
    const auto verdict = tcg::verify_ek_certificate(
        {.leaf = leaf,
         .intermediates = std::span(chain).subspan(1),
         .pinned_roots = trust.roots(),
         .at_unix_time = now,
         .revocation_lists = trust.revocation_lists(),
         // Of whose TPMs a root speaks; a device's maker is another.
         .makers = role == Role::ek ? std::span(trust.makers()) : std::span<const tcg::RootMakers>(),
         .lists_of_many_makers = true,
         .role = role});
    standing.trusted = verdict.trusted();
    standing.revoked = verdict.has(tcg::EkReasonKind::revoked);
    standing.unknown_ca = is_of_unknown_ca(verdict);
    standing.reason = shortened(reasons_of(role, verdict), kReasons);
    for (const auto& each : chain) span.narrow(each, now);
    for (const auto& each : trust.roots()) span.narrow(each, now);
    for (const auto& each : trust.revocation_lists())
        span.narrow(each.this_update(), each.next_update(), now);
    return standing;
}

std::shared_ptr<const EkStanding> kept_standing(Role role, const std::vector<Bytes>& certificates,
                                                const Context& inputs) {
    if (certificates.empty()) return std::make_shared<const EkStanding>();
    thread_local BoundedCache<Digest, KeptStanding> kept({.entries = kKeptStandings});
    const auto& trust = inputs.tpm_trust;
    const auto key = key_of(role, inputs.known_host.ek_public, certificates);
    const auto* found = kept.find(key);
    if (found != nullptr && found->trust == trust.digest() && found->span.holds(inputs.now))
        return found->standing;
    KeptStanding fresh{.span = {}, .trust = trust.digest(), .standing = nullptr};
    fresh.standing = std::make_shared<const EkStanding>(
        look(role, {inputs.known_host.ek_public, certificates}, trust, inputs.now, fresh.span));
    auto standing = fresh.standing;
    kept.add(key, std::move(fresh));
    return standing;
}

}  // namespace

Result<std::shared_ptr<const AttestationKey>> attestation_key(ByteView public_area) {
    thread_local BoundedCache<std::string, std::shared_ptr<const AttestationKey>> kept(
        {.entries = kKeptKeys});
    if (const auto* found = kept.find(as_text(public_area))) return *found;
    const auto parsed = TRY(tcg::parse_tpm_public(public_area));
    auto verifying = TRY(tcg::VerifyKey::from(parsed));
    auto key = std::make_shared<const AttestationKey>(
        AttestationKey{std::move(verifying), tcg::restricted_signing_key_violations(parsed)});
    kept.add(std::string(as_text(public_area)), key);
    return key;
}

tcg::SignatureVerdict verdict_on(const std::shared_ptr<const AttestationKey>& key, ByteView message,
                                 const tcg::Signature& signature) {
    struct Asked {
        std::shared_ptr<const AttestationKey> key;
        Bytes message;
        tcg::Signature signature;
        tcg::SignatureVerdict verdict{};
    };
    thread_local std::optional<Asked> last;
    if (last && last->key == key && equal(last->message, message) && last->signature == signature)
        return last->verdict;
    const auto verdict = key->verify.verify(message, signature);
    last = Asked{key, to_bytes(message), signature, verdict};
    return verdict;
}

EkStanding ek_standing_now(const ShownEk& shown_ek, const TpmTrust& trust, std::int64_t now) {
    if (shown_ek.certificates.empty()) return {};
    Span unused;
    return look(Role::ek, shown_ek, trust, now, unused);
}

std::shared_ptr<const EkStanding> ek_standing(const Context& inputs) {
    return kept_standing(Role::ek, inputs.known_host.ek_certificates, inputs);
}

std::shared_ptr<const EkStanding> iak_standing(const Context& inputs) {
    static const std::vector<Bytes> none;
    const auto& certificates = inputs.known_host.iak_certificates;
    return kept_standing(Role::iak, certificates ? *certificates : none, inputs);
}

void judge_identity(const Context& inputs, Judge& judge) {
    judge_activation(inputs, judge);
    const auto iak = iak_standing(inputs);
    if (iak->shown && !iak->trusted) {
        judge.report(findings::identity_iak_certificate_untrusted, Tier::warning, Basis::self_reported,
                     {.subject = "initial attestation key certificate " + iak->leaf,
                      .expected = "a path to a pinned root, as when the host enrolled",
                      .actual = iak->reason,
                      .evidence = "enrolment: iak_certificates"});
    }
    const auto severity =
        inputs.policy.ek_certificate_required && !iak->trusted ? Tier::contraindicated : Tier::warning;
    const auto standing = ek_standing(inputs);
    if (!standing->shown) {
        if (iak->trusted) return;  // the device's maker vouches for the TPM in the TPM maker's place
        judge.report(findings::identity_ek_certificate_missing, severity, Basis::self_reported,
                     {.subject = "endorsement key",
                      .expected = "a certificate of the TPM's maker",
                      .actual = "none",
                      .evidence = "enrolment: ek_certificates"});
        return;
    }
    if (!standing->trusted && !(iak->trusted && standing->unknown_ca)) {
        // A maker that takes its word back is no matter of policy.
        judge.report(findings::identity_ek_certificate_untrusted,
                     standing->revoked ? Tier::contraindicated : severity, Basis::self_reported,
                     {.subject = "endorsement key certificate " + standing->leaf,
                      .expected = "a path to a pinned root",
                      .actual = standing->reason,
                      .evidence = "enrolment: ek_certificates"});
    }
    if (!standing->is_about_the_ek && !standing->leaf.empty()) {
        judge.report(findings::identity_ek_certificate_mismatch, Tier::contraindicated, Basis::self_reported,
                     {.subject = "endorsement key certificate " + standing->leaf,
                      .expected = "the enrolled endorsement key",
                      .actual = "another key",
                      .evidence = "enrolment: ek_certificates, ek_public"});
    }
}

}  // namespace assay::judge

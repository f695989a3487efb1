#include "verifier/judge/appraisal/facts/boot/secure_boot_rollover.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "verifier/judge/appraisal/facts/boot/known_certificates.h"

namespace assay::judge {
namespace {

constexpr std::string_view kSha256Bank = "sha256";
constexpr std::size_t kNamedImages = 16;

bool has(const BootKeys& keys, std::string_view name) {
    return std::ranges::any_of(keys.certificates, [&](const Digest& digest) {
        const auto* known = known_certificate(digest);
        return known != nullptr && known->name == name;
    });
}

std::string image_text(const BootImage& image) {
    return fmt::format("{} (PCR {}, {})", image.what.empty() ? "an image" : image.what, image.pcr,
                       to_hex(image.digest));
}

/// What the authority let in, as far as the order of the log tells.
std::vector<std::string> let_in_by(const SecureBootFacts& facts, std::size_t authority) {
    std::vector<std::string> out;
    for (const auto& image : facts.images) {
        if (image.authority == authority && out.size() < kNamedImages) out.push_back(image_text(image));
    }
    return out;
}

RevocationOutcome cannot_tell(std::string why) {
    return {.outcome = AfterRevocation::unknown, .why = std::move(why)};
}

bool is_revoked_already(const RevokedEntries* revoked, const Revocation& revocation) {
    if (revoked == nullptr) return false;
    return std::ranges::binary_search(revocation.certificate ? revoked->certificates : revoked->images,
                                      revocation.sha256);
}

/// Of authorities. Nothing where none of them is what is revoked.
std::optional<RevocationOutcome> stopped(const SecureBootFacts& facts, const Revocation& revocation) {
    for (std::size_t i = 0; i < facts.authorities.size(); ++i) {
        const auto& authority = facts.authorities[i];
        if (authority.sha256 != revocation.sha256) continue;
        return RevocationOutcome{
            .outcome = AfterRevocation::stops,
            .why = fmt::format("its last boot loaded something that {} let in by this {}", authority.variable,
                               authority.kind),
            .loaded = let_in_by(facts, i)};
    }
    if (revocation.certificate || facts.bank != kSha256Bank) return std::nullopt;
    RevocationOutcome out{.outcome = AfterRevocation::stops, .why = "its last boot loaded this image"};
    for (const auto& image : facts.images) {
        if (std::ranges::equal(image.digest, revocation.sha256.view()))
            out.loaded.push_back(image_text(image));
    }
    return out.loaded.empty() ? std::nullopt : std::optional(std::move(out));
}

RevocationOutcome of_certificate(const SecureBootFacts& facts, const Revocation& revocation) {
    if (facts.authorities.empty())
        return cannot_tell("the log names nothing that an image was let in by: PCR 7 has no such event");
    if (!facts.authorities_whole)
        return cannot_tell("PCR 7 has an event that cannot be read, or no separator: it may name this one");
    const auto of_issuer = "CN=" + revocation.issuer;
    for (const auto& authority : facts.authorities) {
        const auto* certificate = facts.certificate(authority.sha256);
        if (certificate == nullptr) continue;
        if (certificate->subject.empty())
            return cannot_tell("an image was let in by a certificate that cannot be read");
        const auto& subject = certificate->subject;
        const bool is_issuer = !revocation.issuer.empty() && subject.starts_with(of_issuer) &&
                               (subject.size() == of_issuer.size() || subject[of_issuer.size()] == ',');
        if (is_issuer)
            return cannot_tell(fmt::format(
                "an image was let in by {}, which issued this one: whether through it, the log does not say",
                subject));
    }
    return {.outcome = AfterRevocation::not_named,
            .why =
                "everything that its last boot names was let in by something else; an image with a second "
                "signature under this one would be refused too, and the log does not show it"};
}

RevocationOutcome of_image(const SecureBootFacts& facts) {
    if (facts.bank != kSha256Bank)
        return cannot_tell(
            fmt::format("its images are quoted in {}, and dbx names images by SHA-256", facts.bank));
    if (!facts.applications_whole || !facts.drivers_whole)
        return cannot_tell("PCR 2 or 4 does not replay to its quoted value: what was loaded is not known");
    if (facts.images.empty()) return cannot_tell("the log names no image that was loaded");
    return {.outcome = AfterRevocation::not_named, .why = "no image that its last boot measured is this one"};
}

}  // namespace

std::string_view to_string(KeyYears years) {
    switch (years) {
        case KeyYears::only_2011:
            return "only-2011";
        case KeyYears::both:
            return "both";
        case KeyYears::only_2023:
            return "only-2023";
        case KeyYears::neither:
            return "neither";
        case KeyYears::unknown:
            break;
    }
    return "unknown";
}

std::string_view to_string(AfterRevocation outcome) {
    switch (outcome) {
        case AfterRevocation::stops:
            return "stops";
        case AfterRevocation::not_named:
            return "not-named";
        case AfterRevocation::not_enforced:
            return "not-enforced";
        case AfterRevocation::unknown:
            break;
    }
    return "unknown";
}

KeyYears key_years(const SecureBootFacts& facts, const BootKeys& keys) {
    if (facts.known != BootKnown::quoted || !keys.measured || !keys.whole) return KeyYears::unknown;
    bool old = false;
    bool fresh = false;
    for (const auto& digest : keys.certificates) {
        const auto* known = known_certificate(digest);
        if (known == nullptr) continue;
        (known->year == 2011 ? old : fresh) = true;
    }
    if (old) return fresh ? KeyYears::both : KeyYears::only_2011;
    return fresh ? KeyYears::only_2023 : KeyYears::neither;
}

std::vector<std::string_view> missing_successors(const SecureBootFacts& facts) {
    std::vector<std::string_view> out;
    if (facts.known != BootKnown::quoted) return out;
    for (const auto& each : known_certificates()) {
        if (each.replaces.empty()) continue;
        const auto& keys = each.variable == "db" ? facts.db : facts.kek;
        if (keys.measured && keys.whole && has(keys, each.replaces) && !has(keys, each.name))
            out.push_back(each.name);
    }
    return out;
}

RevocationOutcome after_revocation(const SecureBootFacts& facts, const RevokedEntries* revoked,
                                   const Revocation& revocation) {
    if (facts.known != BootKnown::quoted) return cannot_tell(facts.why);
    if (!facts.enabled) return cannot_tell("the log does not say whether Secure Boot is on");
    if (!*facts.enabled)
        return {.outcome = AfterRevocation::not_enforced, .why = "Secure Boot is off: nothing is refused"};
    if (auto found = stopped(facts, revocation)) {
        if (is_revoked_already(revoked, revocation))
            return cannot_tell(
                "dbx had it already when it booted, and its firmware loaded it: revoking it changes nothing "
                "there");
        return *std::move(found);
    }
    auto out = revocation.certificate ? of_certificate(facts, revocation) : of_image(facts);
    if (out.outcome == AfterRevocation::not_named && is_revoked_already(revoked, revocation))
        out.why = "dbx had it already when it booted";
    return out;
}

}  // namespace assay::judge

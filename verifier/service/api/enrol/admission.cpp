#include "verifier/service/api/enrol/admission.h"

#include <algorithm>
#include <optional>

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "evidence/base/text.h"
#include "verifier/judge/appraisal/checks/findings.h"
#include "verifier/judge/appraisal/facts/standing/identity.h"
#include "verifier/service/api/nonce.h"
#include "verifier/service/store/hosts/admission.h"

namespace assay::api {
namespace {

using Kind = store::IdentityConflict::Kind;

template <typename T>
Result<std::optional<T>> maybe(Result<T> found) {
    if (found) return *std::move(found);
    if (found.error().code == ErrorCode::not_found) return std::nullopt;
    return std::unexpected(std::move(found).error());
}

/// Found by its digest, so the time that the search takes says nothing about the token's text.
Result<> check_token(Service& service, const std::string& digest, const std::string& host) {
    const auto token = TRY(maybe(store::Enrolments(service.store).token(digest)));
    if (!token || !equal_secrets(as_view(token->digest), as_view(digest)))
        return fail(ErrorCode::refused, "token: not one of this verifier");
    if (token->host != host) return fail(ErrorCode::refused, "token: it is for another host");
    if (token->spent_at != 0) return fail(ErrorCode::refused, "token: it is spent");
    if (service.now() >= token->expires_at) return fail(ErrorCode::refused, "token: it has expired");
    return {};
}

const judge::FindingKind& finding_of(Kind kind) {
    switch (kind) {
        case Kind::second_tpm:
            return judge::findings::admission_second_tpm;
        case Kind::second_ak:
            return judge::findings::admission_second_key;
        case Kind::known_tpm:
            return judge::findings::admission_known_tpm;
        case Kind::retired_tpm:
            return judge::findings::admission_retired_tpm;
    }
    return judge::findings::admission_second_tpm;
}

void report(Service& service, const judge::FindingKind& kind, const std::string& host,
            const store::Identity& asked, const std::string& expected, const std::string& actual) {
    service.metrics.enrolment_refused(kind.id);
    const bool is_new = service.refusals.add({.host = host,
                                              .asked_name = asked.host,
                                              .kind = std::string(kind.id),
                                              .ek_digest = asked.ek_digest,
                                              .ak_digest = asked.ak_digest,
                                              .expected = printable(expected),
                                              .actual = printable(actual)},
                                             service.now());
    if (!is_new) return;
    spdlog::warn("enrolment refused: {} host={} asked={} ek={}: {}", kind.id, printable(host),
                 printable(asked.host), asked.ek_digest, printable(actual));
}

void report(Service& service, const store::Identity& asked,
            const std::vector<store::IdentityConflict>& conflicts) {
    for (const auto& conflict : conflicts) {
        report(service, finding_of(conflict.kind), conflict.host, asked,
               "one TPM, one attestation key, one name",
               fmt::format("'{}' asked with EK {}, AK {}: {}", asked.host, asked.ek_digest, asked.ak_digest,
                           conflict.text));
    }
}

bool names(const Applicant& applicant, const std::string& tpm_digest) {
    return std::ranges::find(applicant.digests, tpm_digest) != applicant.digests.end();
}

/// What the papers say: the order of a replacement stands above the purchase list.
struct Papers {
    std::optional<store::Registration> registration;
    std::optional<store::Replacement> order;
    [[nodiscard]] std::string wanted() const {
        if (order) return order->tpm_digest;
        return registration ? registration->purchased.tpm_digest : "";
    }
};

Result<> check_papers(Service& service, const Applicant& applicant, const Papers& papers) {
    const auto& asked = applicant.identity;
    const auto elsewhere = TRY(maybe(store::Registrations(service.store).find_tpm(applicant.digests)));
    if (elsewhere && elsewhere->purchased.host != asked.host) {
        const auto& name = elsewhere->purchased.host;
        report(service, judge::findings::admission_known_tpm, name, asked, fmt::format("the name '{}'", name),
               fmt::format("'{}' asked with the TPM that is registered for '{}' (EK {})", asked.host, name,
                           asked.ek_digest));
        return fail(
            ErrorCode::refused,
            fmt::format("registration: this TPM (EK {}) is registered under another name", asked.ek_digest));
    }
    const auto wanted = papers.wanted();
    if (!wanted.empty() && !names(applicant, wanted)) {
        report(service, judge::findings::admission_unregistered_tpm, asked.host, asked,
               fmt::format("the TPM with digest {}", wanted),
               fmt::format("a TPM with EK {}", asked.ek_digest));
        return fail(ErrorCode::refused,
                    fmt::format("registration: '{}' is registered with another TPM than this one (EK {})",
                                asked.host, asked.ek_digest));
    }
    return {};
}

/// Whether a path leads to a root is judged in each appraisal. But what its maker takes back comes not in.
Result<> check_revocation(Service& service, const Applicant& applicant) {
    const auto& asked = applicant.identity;
    std::vector<std::vector<Bytes>> shown{asked.ek_certificates};
    for (const auto& other : applicant.other_certificates) {
        shown.push_back({other});
        for (std::size_t i = 1; i < asked.ek_certificates.size(); ++i)
            shown.back().push_back(asked.ek_certificates[i]);
    }
    for (const auto& certificates : shown) {
        const auto standing = ek_standing_now({.ek_public = asked.ek_public, .certificates = certificates},
                                              service.tpm_trust, service.now());
        if (!standing.revoked) continue;
        report(service, judge::findings::admission_revoked_tpm, asked.host, asked,
               "a TPM whose maker still vouches for it",
               fmt::format("certificate {}: {}", standing.leaf, standing.reason));
        return fail(ErrorCode::refused,
                    fmt::format("certificate: {} is not let in: {}", standing.leaf, standing.reason));
    }
    return {};
}

std::unexpected<Error> conflict_error(const std::vector<store::IdentityConflict>& conflicts) {
    std::vector<std::string> texts;
    for (const auto& conflict : conflicts) texts.push_back(conflict.text);
    return fail(ErrorCode::conflict, printable(fmt::format("identity: {}", fmt::join(texts, "; "))));
}

Result<> check_right(Service& service, const Applicant& applicant, const std::string& token,
                     const std::string& digest, const Papers& papers) {
    if (!token.empty()) return check_token(service, digest, applicant.identity.host);
    if (!papers.wanted().empty()) return {};
    return fail(ErrorCode::refused, "token: none was given");
}

/// The name as a reviewer may look for it; empty for one that no host has.
Result<std::string> known_name(Service& service, const std::string& host, const Papers& papers) {
    if (papers.registration || papers.order) return host;
    const auto contact = TRY(maybe(store::Hosts(service.store).contact(host)));
    return contact ? host : std::string();
}

}  // namespace

Result<Admission> admit(Service& service, const Applicant& applicant, const std::string& token) {
    const auto& asked = applicant.identity;
    Admission admission;
    if (!token.empty()) admission.token_digest = sha256(as_view(token)).hex();
    auto registration = TRY(maybe(store::Registrations(service.store).find(asked.host)));
    auto replacement = TRY(maybe(store::Replacements(service.store).pending(asked.host, service.now())));
    const Papers papers{std::move(registration), std::move(replacement)};
    const auto name = TRY(known_name(service, asked.host, papers));
    const auto has_right = check_right(service, applicant, token, admission.token_digest, papers);
    if (!has_right && has_right.error().code != ErrorCode::refused) return std::unexpected(has_right.error());
    // All of it is looked at whoever asks: neither what is answered nor when says what is known.
    const auto on_papers = check_papers(service, applicant, papers);
    const auto not_revoked = check_revocation(service, applicant);
    auto conflicts = TRY(store::Enrolments(service.store).conflicts(asked));
    if (papers.order) {
        const auto replaced = [&](const store::IdentityConflict& each) {
            return each.kind == Kind::second_tpm || each.kind == Kind::second_ak;
        };
        if (std::erase_if(conflicts, replaced) != 0) admission.replacement = papers.order->id;
    }
    if (!conflicts.empty()) report(service, asked, conflicts);
    if (!has_right) {
        report(service, judge::findings::admission_no_right, name, asked,
               fmt::format("a token for '{}', or a purchase list that names its TPM", asked.host),
               fmt::format("{} ('{}' asked with EK {})", has_right.error().context, asked.host,
                           asked.ek_digest));
        return std::unexpected(has_right.error());
    }
    if (!on_papers) return std::unexpected(on_papers.error());
    if (!not_revoked) return std::unexpected(not_revoked.error());
    if (!conflicts.empty()) return conflict_error(conflicts);
    return admission;
}

void report_unsound(Service& service, const std::string& host, const std::string& reason) {
    store::Identity asked;
    asked.host = host;
    report(service, judge::findings::admission_unsound_key, "", asked, "keys as a TPM makes them",
           fmt::format("'{}' asked with: {}", host, reason));
}

std::unexpected<Error> refused_enrolment() {
    return fail(ErrorCode::refused, "the enrolment is refused");
}

void report_conflicts(Service& service, const store::Identity& identity) {
    if (const auto conflicts = store::Enrolments(service.store).conflicts(identity))
        report(service, identity, *conflicts);
}

}  // namespace assay::api

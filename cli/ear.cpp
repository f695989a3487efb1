#include "cli/ear.h"

#include <fmt/core.h>

#include "client/ear_claims.h"
#include "client/signing/signed_token.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"

namespace assay::cli {
namespace {

constexpr std::string_view kProfile = "tag:ietf.org,2026:rats/ear#05";

std::unexpected<Error> refused(std::string_view why) {
    return fail(ErrorCode::refused, fmt::format("the token is not believed: {}", why));
}

// draft-ietf-rats-ear: one entry of "submods" an attester.
Result<> read_host(JsonReader& claims, VerifiedToken& token) {
    std::size_t hosts = 0;
    auto tier = tier_from_name("");
    claims.members("submods", [&](const std::string& name, JsonReader& host) {
        ++hosts;
        token.host = name;
        tier = tier_from_name(host.peek("ear.status"));
    });
    if (hosts != 1) return refused("it does not speak of one host");
    if (!tier) return refused("it holds no verdict");
    token.tier = *tier;
    return {};
}

// RFC 7519, 2: a NumericDate. The verifier writes whole seconds of our centuries.
Result<std::optional<std::int64_t>> date_of(JsonReader& claims, const char* name) {
    constexpr std::int64_t kEndOfYears = 253'402'300'800;  // the year 10000
    const auto date = claims.maybe_integer(name, 0, kEndOfYears - 1);
    if (claims.failed()) return refused(fmt::format("its {} is no time in whole seconds", name));
    return date;
}

std::string clock_of(JudgedAt at) {
    return at.asked ? fmt::format("as of {} (--at)", utc_text(at.time))
                    : fmt::format("by this machine's clock ({})", utc_text(at.time));
}

}  // namespace

Result<VerifiedToken> verify_token(std::string_view token, std::string_view keys) {
    const auto signed_token = TRY(client::verify_signed_token(token, keys));
    JsonReader claims(signed_token.claims, client::kClaims);
    if (claims.peek("eat_profile") != kProfile)
        return refused(fmt::format("its profile is not {}", kProfile));
    VerifiedToken verified;
    verified.key_id = signed_token.key_id;
    TRY_VOID(read_host(claims, verified));
    const auto issued_at = TRY(date_of(claims, "iat"));
    if (!issued_at) return refused("it has no time");
    verified.issued_at = *issued_at;
    verified.expires_at = TRY(date_of(claims, "exp"));
    if (verified.expires_at && *verified.expires_at <= *issued_at) return refused("it ends before it begins");
    auto says = client::ear_claims(claims);
    if (!says) return refused(describe(says.error()));
    verified.names = std::move(says->names);
    verified.acts = says->acts;
    // A verifier of before put the whole result into its tokens.
    if (claims.has("assay.result")) {
        verified.document = claims.encoded("assay.result");
        verified.names.conclusion =
            result_names(TRY(decode_attestation_result(verified.document))).conclusion;
        TRY_VOID(named_document(verified, verified.document));
    }
    if (verified.names.id.empty() || verified.names.conclusion.empty()) return refused("it names no result");
    return verified;
}

Result<AttestationResult> named_document(const VerifiedToken& token, std::string_view json) {
    auto result = decode_attestation_result(json);
    const bool is_whole = result.has_value();
    if (!is_whole) {
        auto conclusion = decode_conclusion(json);
        if (!conclusion) return result;
        result = std::move(conclusion);
    }
    const auto names = result_names(*result);
    if (names.conclusion != token.names.conclusion || (is_whole && names.id != token.names.id))
        return fail(ErrorCode::refused, "the document is not the one that the token names");
    if (result->host != token.host || result->tier != token.tier ||
        (is_whole && result->appraised_at != token.issued_at))
        return fail(ErrorCode::refused, "document and token differ in host, verdict or time");
    return result;
}

Result<Validity> validity_of(const VerifiedToken& token, JudgedAt at) {
    const auto issued = utc_text(token.issued_at);
    if (!at.asked && token.issued_at > at.time + kClockSkew_s)
        return refused(
            fmt::format("it was issued at {}, in the future {}: one clock is wrong", issued, clock_of(at)));
    if (at.asked && token.issued_at > at.time)
        return Validity{
            false, "issued_later",
            fmt::format("CANNOT TELL: issued at {}, so it says nothing {}", issued, clock_of(at))};
    if (!token.expires_at && at.asked)
        return Validity{true, "without_end",
                        fmt::format("issued at {}, without an expiry; judged {}", issued, clock_of(at))};
    if (!token.expires_at)
        return Validity{
            false, "without_end",
            fmt::format("CANNOT TELL: issued at {}, without an expiry, by an older verifier; judge "
                        "it as of a time with --at",
                        issued)};
    const auto end = utc_text(*token.expires_at);
    if (at.time >= *token.expires_at)
        return Validity{false, "expired",
                        fmt::format("EXPIRED since {} {}: issued at {}, it says nothing of the host any more",
                                    end, clock_of(at), issued)};
    return Validity{true, "valid", fmt::format("issued at {}, valid until {} {}", issued, end, clock_of(at))};
}

}  // namespace assay::cli

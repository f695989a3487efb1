#include <nlohmann/json.hpp>

#include "cli/ear.h"
#include "evidence/codec/jws.h"
#include "tests/attacks/attack.h"
#include "tests/support/appraisal/overfull_host.h"
#include "tests/support/builders/token_builder.h"
#include "tests/support/machine/small_stack.h"
#include "verifier/service/api/attest/ear.h"
#include "verifier/service/shared/signer.h"

// Signed results: what somebody who holds one makes of it, what no token library may be talked into, and
// evidence of which so much is wrong that the result would not fit into a token.
using namespace assay;
using namespace assay::test;

namespace {

AttestationResult a_result() {
    AttestationResult result;
    result.host = "rack-7";
    result.tier = Tier::affirming;
    result.appraised_at = kNow;
    return result;
}

// A token of the verifier; as it comes it is honest.
TokenBuilder signed_result() {
    TokenBuilder made;
    made.payload =
        api::ear_payload(a_result(), result_names(a_result()), "assay test", {1, sha256({})}).value();
    return made;
}

// What `assay result verify` makes of it at this time.
Outcome heard(const TokenBuilder& made, const std::string& token, cli::JudgedAt at = {kNow + 60, false}) {
    const auto verified = cli::verify_token(token, made.keys.public_pem);
    if (!verified) return refused(verified.error());
    const auto validity = cli::validity_of(*verified, at);
    if (!validity) return refused(validity.error());
    const std::string name(validity->name);
    return {validity->holds, validity->holds ? "believed" : "cannot tell", {name}};
}
Outcome heard(const TokenBuilder& made) {
    return heard(made, made.token());
}
Outcome honest_token() {
    return heard(signed_result());
}
Outcome at_time(std::int64_t time, bool asked, bool with_end = true) {
    auto made = signed_result();
    if (!with_end) {
        auto claims = nlohmann::json::parse(made.payload);
        claims.erase("exp");
        made.payload = claims.dump();
    }
    return heard(made, made.token(), {time, asked});
}
Outcome with_header(const char* header) {
    auto made = signed_result();
    made.header = header;
    return heard(made);
}

// From evidence to a verified token, all on a thread with a small stack.
Outcome judged_and_signed(EvidenceBuilder& host) {
    const auto made = host.build();
    Outcome out{true, "no bounded token", {}};
    on_small_stack([&] {
        const auto result = made.appraise().result;
        if (encode_attestation_result(result).size() > limits::kAttestationResult) return;
        const auto keys = TokenKeys::make();
        const auto signer = api::Signer::from_pem(keys.private_pem).value();
        const auto token = signer.sign(
            api::ear_payload(result, result_names(result), "assay test", {1, sha256({})}).value());
        if (!token || token->size() > kMaxJws) return;
        const auto read = cli::verify_token(*token, keys.public_pem);
        if (!read) return;
        const auto document = cli::named_document(*read, encode_attestation_result(result));
        if (document == result) out = outcome_of(*document);
    });
    return out;
}
Outcome honest_evidence() {
    EvidenceBuilder host;
    return judged_and_signed(host);
}

}  // namespace

ATTACK_RUN(
    "token: a dot behind it", "puts a dot behind a signed token", "malformed", "refused: malformed",
    [] {
        const auto made = signed_result();
        return heard(made, made.token() + ".");
    },
    honest_token)
ATTACK_RUN(
    "token: a.b.c.", "sends three letters and three dots", "malformed", "refused: malformed",
    [] { return heard(signed_result(), "a.b.c."); }, honest_token)
ATTACK_RUN(
    "token: a line's end behind it", "puts a line's end behind a signed token", "malformed",
    "refused: malformed",
    [] {
        const auto made = signed_result();
        return heard(made, made.token() + "\n");
    },
    honest_token)
ATTACK_RUN(
    "token: padded", "pads the parts, as other base64 has it", "malformed", "refused: malformed",
    [] {
        const auto made = signed_result();
        return heard(made, made.token() + "==");
    },
    honest_token)
ATTACK_RUN(
    "token: other unused bits", "changes bits of the last character that decode to nothing", "malformed",
    "refused: malformed",
    [] {
        const auto made = signed_result();
        auto token = made.token();
        token.back() = static_cast<char>(token.back() + 1);  // of A, Q, g, w: all have a neighbour
        return heard(made, token);
    },
    honest_token)
ATTACK_RUN(
    "token: unsigned", "takes the signature away", "malformed", "refused: malformed",
    [] {
        const auto made = signed_result();
        return heard(made, made.signed_part() + ".");
    },
    honest_token)
ATTACK_RUN(
    "token: algorithm none", "says that no signature is wanted", "refused", "refused: refused",
    [] { return with_header(R"({"alg":"none","kid":"k1","typ":"JWT"})"); }, honest_token)
ATTACK_RUN(
    "token: HMAC with the public key", "keys an HMAC with the published key", "refused", "refused: refused",
    [] {
        auto made = signed_result();
        made.header = R"({"alg":"HS256","kid":"k1","typ":"JWT"})";
        return heard(made, made.with(made.hmac_under_public_key()));
    },
    honest_token)
ATTACK_RUN(
    "token: HMAC as ES256", "sends an HMAC under the name of ES256", "malformed", "refused: malformed",
    [] {
        const auto made = signed_result();
        return heard(made, made.with(made.hmac_under_public_key()));
    },
    honest_token)
ATTACK_RUN(
    "token: two algorithms", "names the algorithm twice, for two readers", "malformed", "refused: malformed",
    [] { return with_header(R"({"alg":"none","alg":"ES256","kid":"k1","typ":"JWT"})"); }, honest_token)
ATTACK_RUN(
    "token: brings its own key", "puts a key into the header", "refused", "refused: refused",
    [] { return with_header(R"({"alg":"ES256","jku":"https://evil/keys","kid":"k1","typ":"JWT"})"); },
    honest_token)
ATTACK_RUN(
    "token: a critical extension", "asks for an extension that changes what is signed", "refused",
    "refused: refused",
    [] { return with_header(R"({"alg":"ES256","b64":false,"crit":["b64"],"kid":"k1","typ":"JWT"})"); },
    honest_token)
ATTACK_RUN(
    "token: a signature of zeros", "signs with r = s = 0", "refused", "refused: refused",
    [] {
        const auto made = signed_result();
        return heard(made, made.with(Bytes(64)));
    },
    honest_token)
ATTACK_RUN(
    "token: signed by another key", "signs with a key of its own under the verifier's key id", "refused",
    "refused: refused",
    [] {
        const auto made = signed_result();
        auto stranger = made;
        stranger.keys = TokenKeys::make();
        return heard(made, stranger.token());
    },
    honest_token)
ATTACK_RUN(
    "token: another payload", "puts a better result under a good signature", "refused", "refused: refused",
    [] {
        const auto made = signed_result();
        auto better = made;
        better.payload.replace(better.payload.find("affirming"), 9, "Affirming");
        return heard(made, better.with(made.signature(made.signed_part())));
    },
    honest_token)
ATTACK_RUN(
    "token: 7 MiB", "sends a token of 7 MiB, to overflow a stack", "limit", "refused: limit",
    [] {
        Outcome out;
        on_small_stack([&] {
            auto made = signed_result();
            made.payload.append(5U << 20U, ' ');
            out = heard(made);
        });
        return out;
    },
    honest_token)
ATTACK_RUN(
    "token: yesterday's", "shows a result of which the day is over", "expired", "cannot tell",
    [] { return at_time(kNow + api::kEarValidity_s, false); },
    [] { return at_time(kNow + api::kEarValidity_s - 1, false); })
ATTACK_RUN(
    "token: yesterday's, as of today", "has an auditor judge an old result as of today", "expired",
    "cannot tell", [] { return at_time(kNow + (2 * api::kEarValidity_s), true); },
    [] { return at_time(kNow + 1, true); })
ATTACK_RUN(
    "token: without an end", "shows an old token that never expires", "without_end", "cannot tell",
    [] { return at_time(kNow + 60, false, false); }, [] { return at_time(kNow + 60, true, false); })
ATTACK_RUN(
    "token: before it was made", "shows a result for a time before it", "issued_later", "cannot tell",
    [] { return at_time(kNow - 1, true); }, [] { return at_time(kNow, true); })
ATTACK_RUN(
    "token: from the future", "has a verifier whose clock was set forward sign a result", "refused",
    "refused: refused", [] { return at_time(kNow - cli::kClockSkew_s - 1, false); },
    [] { return at_time(kNow - cli::kClockSkew_s, false); })

ATTACK_RUN(
    "result: too many insertions", "sends 10,000 insertions, each of which is a finding", "usb.unaccompanied",
    "contraindicated",
    [] {
        EvidenceBuilder host;
        for (int i = 0; i < 10'000; ++i) host.journal.push_back(host.event(DeviceEventKind::insert));
        return judged_and_signed(host);
    },
    [] {
        EvidenceBuilder host;
        host.sessions = {host.session()};
        host.journal.push_back(host.event(DeviceEventKind::insert));
        return judged_and_signed(host);
    })
ATTACK_RUN(
    "result: too many parts", "sends as many functions, drives, cards and devices as sections take",
    "usb.unaccompanied", "contraindicated",
    [] {
        EvidenceBuilder host;
        overfill(host, 100);
        return judged_and_signed(host);
    },
    honest_evidence)

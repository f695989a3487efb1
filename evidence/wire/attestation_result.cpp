#include "evidence/wire/attestation_result.h"

#include <string>

#include <nlohmann/json.hpp>

#include "evidence/base/byte_writer.h"
#include "evidence/base/json_door.h"
#include "evidence/base/text.h"
#include "evidence/wire/json_object.h"

namespace assay {
namespace {

using nlohmann::json;

constexpr std::int64_t kVersion = 1;
constexpr JsonLimits kLimits{limits::kAttestationResult, limits::kJsonDepth, limits::kAttestationResult / 4};

json to_json(const CheckOutcome& check) {
    return {{"basis", to_string(check.basis)}, {"check", check.check},     {"claim", to_string(check.claim)},
            {"required", check.required},      {"summary", check.summary}, {"tier", to_string(check.tier)}};
}

Result<CheckOutcome> check_from_json(const json& value) {
    const auto object = TRY(wire::JsonObject::of(value, "check", 6));
    CheckOutcome check;
    check.basis = TRY(basis_from_name(TRY(object.text("basis"))));
    check.check = TRY(object.text("check"));
    check.claim = TRY(trust_claim_from_name(TRY(object.text("claim"))));
    check.required = TRY(object.flag("required"));
    check.summary = TRY(object.text("summary"));
    check.tier = TRY(tier_from_name(TRY(object.text("tier"))));
    return check;
}

Result<Finding> finding_from_json(const json& value) {
    const auto object = TRY(wire::JsonObject::of(value, "finding", 8));
    Finding finding;
    finding.id = TRY(object.text("id"));
    finding.tier = TRY(tier_from_name(TRY(object.text("tier"))));
    finding.basis = TRY(basis_from_name(TRY(object.text("basis"))));
    finding.subject = TRY(object.text("subject"));
    finding.expected = TRY(object.text("expected"));
    finding.actual = TRY(object.text("actual"));
    finding.evidence = TRY(object.text("evidence"));
    finding.remedy = TRY(object.text("remedy"));
    return finding;
}

Result<std::map<TrustClaim, Tier>> claims_from_json(const json& object) {
    std::map<TrustClaim, Tier> claims;
    for (const auto& [name, tier] : object.items()) {
        if (!tier.is_string()) return fail(ErrorCode::malformed, "claims: a text wanted");
        claims[TRY(trust_claim_from_name(name))] = TRY(tier_from_name(tier.get_ref<const std::string&>()));
    }
    return claims;
}

Result<std::map<std::string, std::string>> inputs_from_json(const json& object) {
    std::map<std::string, std::string> inputs;
    for (const auto& [name, digest] : object.items()) {
        if (!digest.is_string()) return fail(ErrorCode::malformed, "inputs: a text wanted");
        inputs[name] = digest.get_ref<const std::string&>();
    }
    return inputs;
}

Result<AttestationResult> result_from_json(const json& value) {
    const auto object = TRY(wire::JsonObject::of(value, "attestation result", 12));
    const auto version = TRY(object.integer("v"));
    if (version != kVersion) return fail(ErrorCode::unsupported, "attestation result: another version");
    AttestationResult result;
    result.host = TRY(object.text("host"));
    result.tier = TRY(tier_from_name(TRY(object.text("tier"))));
    result.claims = TRY(claims_from_json(*TRY(object.object("claims"))));
    for (const auto& check : *TRY(object.array("checks")))
        result.checks.push_back(TRY(check_from_json(check)));
    for (const auto& finding : *TRY(object.array("findings"))) {
        result.findings.push_back(TRY(finding_from_json(finding)));
    }
    result.inputs = TRY(inputs_from_json(*TRY(object.object("inputs"))));
    result.appraised_at = TRY(object.integer("appraised_at"));
    result.challenged_at = TRY(object.integer("challenged_at"));
    result.appraiser = TRY(object.text("appraiser"));
    result.boot_id = TRY(object.text("boot_id"));
    result.journal_acknowledged = TRY(object.unsigned_integer("journal_acknowledged"));
    return result;
}

/// Runs of ASCII white space become one blank: layout is no difference between two hosts.
std::string without_layout(std::string_view text) {
    std::string out;
    for (const char c : trimmed(text)) {
        const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
        if (!blank)
            out.push_back(c);
        else if (out.back() != ' ')
            out.push_back(' ');  // trimmed: there is a character before
    }
    return out;
}

}  // namespace

json to_json(const Finding& finding) {
    return {{"actual", finding.actual},
            {"basis", to_string(finding.basis)},
            {"evidence", finding.evidence},
            {"expected", finding.expected},
            {"id", finding.id},
            {"remedy", finding.remedy},
            {"subject", finding.subject},
            {"tier", to_string(finding.tier)}};
}

std::string finding_group_key(const Finding& finding) {
    const std::string_view subject = finding.subject;
    ByteWriter out;
    for (const auto& part : {finding.id, std::string(subject.substr(0, subject.find(' '))),
                             without_layout(finding.expected), without_layout(finding.actual)}) {
        out.u64be(part.size()).text(part);  // lengths keep ("a", "bc") and ("ab", "c") apart
    }
    return sha256(out.view()).hex();
}

std::string encode_attestation_result(const AttestationResult& result) {
    json document = {{"appraised_at", result.appraised_at},
                     {"appraiser", result.appraiser},
                     {"boot_id", result.boot_id},
                     {"challenged_at", result.challenged_at},
                     {"checks", json::array()},
                     {"claims", json::object()},
                     {"findings", json::array()},
                     {"host", result.host},
                     {"inputs", json::object()},
                     {"journal_acknowledged", result.journal_acknowledged},
                     {"tier", to_string(result.tier)},
                     {"v", kVersion}};
    for (const auto& check : result.checks) document["checks"].push_back(to_json(check));
    for (const auto& [claim, tier] : result.claims)
        document["claims"][std::string(to_string(claim))] = to_string(tier);
    for (const auto& finding : result.findings) document["findings"].push_back(to_json(finding));
    for (const auto& [name, digest] : result.inputs) document["inputs"][name] = digest;
    // nlohmann::json keeps objects in a std::map: keys ascend bytewise. Text that is not UTF-8 must not throw
    // here.
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<AttestationResult> decode_attestation_result(std::string_view text) {
    const auto document = TRY(parse_json(text, kLimits));
    return result_from_json(document);
}

std::string attestation_result_id(const AttestationResult& result) {
    return sha256(as_view(encode_attestation_result(result))).hex();
}

}  // namespace assay

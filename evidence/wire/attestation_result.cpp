#include "evidence/wire/attestation_result.h"

#include <algorithm>
#include <concepts>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "evidence/base/byte_writer.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_door.h"
#include "evidence/codec/json_object.h"

namespace assay {
namespace {

using nlohmann::json;

constexpr std::int64_t kBeforeConclusions = 1;  // version of the flat document
constexpr std::int64_t kPartVersion = 1;        // of conclusion and occasion
constexpr JsonLimits kLimits{limits::kAttestationResult, limits::kJsonDepth, limits::kAttestationResult / 4};

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
        if (!tier.is_string()) return fail(ErrorCode::malformed, "claims: expected a text");
        claims[TRY(trust_claim_from_name(name))] = TRY(tier_from_name(tier.get_ref<const std::string&>()));
    }
    return claims;
}

Result<std::map<std::string, std::string>> inputs_from_json(const json& object) {
    std::map<std::string, std::string> inputs;
    for (const auto& [name, digest] : object.items()) {
        if (!digest.is_string()) return fail(ErrorCode::malformed, "inputs: expected a text");
        inputs[name] = digest.get_ref<const std::string&>();
    }
    return inputs;
}

bool is_of_conclusion(std::string_view input) {
    return input == "policy" || input == "roots" || input == "vendors";
}
bool is_of_occasion(std::string_view input) {
    return !is_of_conclusion(input);
}
bool is_any(std::string_view) {
    return true;
}

Result<std::map<std::string, std::string>> inputs_of(const json& object, bool (*belongs)(std::string_view)) {
    auto inputs = TRY(inputs_from_json(object));
    for (const auto& [name, digest] : inputs) {
        if (!belongs(name)) return fail(ErrorCode::malformed, "inputs: one that is not of this document");
    }
    return inputs;
}

Result<> read_conclusion(const wire::JsonObject& object, AttestationResult& result) {
    result.host = TRY(object.text("host"));
    result.tier = TRY(tier_from_name(TRY(object.text("tier"))));
    result.claims = TRY(claims_from_json(*TRY(object.object("claims"))));
    for (const auto& check : *TRY(object.array("checks")))
        result.checks.push_back(TRY(check_from_json(check)));
    for (const auto& finding : *TRY(object.array("findings")))
        result.findings.push_back(TRY(finding_from_json(finding)));
    result.appraiser = TRY(object.text("appraiser"));
    return {};
}

Result<> read_occasion(const wire::JsonObject& object, bool has_previous, AttestationResult& result) {
    result.appraised_at = TRY(object.integer("appraised_at"));
    result.challenged_at = TRY(object.integer("challenged_at"));
    result.boot_id = TRY(object.text("boot_id"));
    result.journal_acknowledged = TRY(object.unsigned_integer("journal_acknowledged"));
    if (has_previous) result.previous = TRY(object.text("previous"));
    return {};
}

bool has_member(const json& value, const char* name) {
    return value.is_object() && value.contains(name);
}

Result<AttestationResult> result_from_json(const json& value) {
    constexpr std::size_t kMembers = 12;  // those of the first version
    const bool previous = has_member(value, "previous");
    const bool conclusion = has_member(value, "conclusion");
    const auto object = TRY(wire::JsonObject::of(value, "attestation result",
                                                 kMembers + std::size_t{previous} + std::size_t{conclusion}));
    AttestationResult result;
    result.version = TRY(object.integer("v"));
    if (result.version != kBeforeConclusions && result.version != kAttestationResultNewest)
        return fail(ErrorCode::unsupported, "attestation result: another version");
    if (result.version == kBeforeConclusions && (previous || conclusion))
        return fail(ErrorCode::malformed, "attestation result: a member of a later version");
    TRY_VOID(read_conclusion(object, result));
    TRY_VOID(read_occasion(object, previous, result));
    result.inputs = TRY(inputs_of(*TRY(object.object("inputs")), is_any));
    if (result.version == kAttestationResultNewest &&
        TRY(object.text("conclusion")) != conclusion_digest(result))
        return fail(ErrorCode::malformed, "attestation result: its conclusion is not the one that it names");
    return result;
}

/// Canonical JSON, written as it goes: whoever calls gives the members in the order of their names.
class Canonical {
  public:
    Canonical& begin(char bracket) {
        separate();
        out_ += bracket;
        first_ = true;
        return *this;
    }
    Canonical& end(char bracket) {
        out_ += bracket;
        first_ = false;
        return *this;
    }
    Canonical& key(std::string_view name) {
        text(name);
        out_ += ':';
        first_ = true;
        return *this;
    }
    Canonical& text(std::string_view value) {
        separate();
        const auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
        if (std::ranges::all_of(value, plain)) {
            out_.append(1, '"').append(value).append(1, '"');
        } else {
            // Text that is not UTF-8 must not throw here.
            out_ += json(value).dump(-1, ' ', false, json::error_handler_t::replace);
        }
        return *this;
    }
    Canonical& number(std::integral auto value) {
        separate();
        out_ += std::to_string(value);
        return *this;
    }
    Canonical& flag(bool value) {
        separate();
        out_ += value ? "true" : "false";
        return *this;
    }
    std::string take() { return std::move(out_); }

  private:
    void separate() {
        if (!first_) out_ += ',';
        first_ = false;
    }

    std::string out_;
    bool first_ = true;
};

void write_checks(Canonical& out, const AttestationResult& result) {
    out.key("checks").begin('[');
    for (const auto& check : result.checks) {
        out.begin('{').key("basis").text(to_string(check.basis)).key("check").text(check.check);
        out.key("claim").text(to_string(check.claim)).key("required").flag(check.required);
        out.key("summary").text(check.summary).key("tier").text(to_string(check.tier)).end('}');
    }
    out.end(']');
}

void write_claims(Canonical& out, const AttestationResult& result) {
    std::map<std::string_view, Tier> by_name;
    for (const auto& [claim, tier] : result.claims) by_name.emplace(to_string(claim), tier);
    out.key("claims").begin('{');
    for (const auto& [claim, tier] : by_name) out.key(claim).text(to_string(tier));
    out.end('}');
}

void write_findings(Canonical& out, const AttestationResult& result) {
    out.key("findings").begin('[');
    for (const auto& finding : result.findings) {
        out.begin('{').key("actual").text(finding.actual).key("basis").text(to_string(finding.basis));
        out.key("evidence").text(finding.evidence).key("expected").text(finding.expected);
        out.key("id").text(finding.id).key("remedy").text(finding.remedy);
        out.key("subject").text(finding.subject).key("tier").text(to_string(finding.tier)).end('}');
    }
    out.end(']');
}

void write_inputs(Canonical& out, const AttestationResult& result, bool (*belongs)(std::string_view)) {
    out.key("inputs").begin('{');
    for (const auto& [name, digest] : result.inputs) {
        if (belongs(name)) out.key(name).text(digest);
    }
    out.end('}');
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

std::string encode_conclusion(const AttestationResult& result) {
    Canonical out;
    out.begin('{').key("appraiser").text(result.appraiser);
    write_checks(out, result);
    write_claims(out, result);
    write_findings(out, result);
    out.key("host").text(result.host);
    write_inputs(out, result, is_of_conclusion);
    return out.key("tier").text(to_string(result.tier)).key("v").number(kPartVersion).end('}').take();
}

Result<AttestationResult> decode_conclusion(std::string_view text) {
    constexpr std::size_t kMembers = 8;
    const auto document = TRY(parse_json(text, kLimits));
    const auto object = TRY(wire::JsonObject::of(document, "conclusion", kMembers));
    if (TRY(object.integer("v")) != kPartVersion)
        return fail(ErrorCode::unsupported, "conclusion: another version");
    AttestationResult result;
    TRY_VOID(read_conclusion(object, result));
    result.inputs = TRY(inputs_of(*TRY(object.object("inputs")), is_of_conclusion));
    return result;
}

std::string conclusion_digest(const AttestationResult& result) {
    return sha256(as_view(encode_conclusion(result))).hex();
}

std::string encode_occasion(const AttestationResult& result, std::string_view conclusion) {
    Canonical out;
    out.begin('{').key("appraised_at").number(result.appraised_at).key("boot_id").text(result.boot_id);
    out.key("challenged_at").number(result.challenged_at).key("conclusion").text(conclusion);
    out.key("host").text(result.host);
    write_inputs(out, result, is_of_occasion);
    out.key("journal_acknowledged").number(result.journal_acknowledged);
    if (result.previous) out.key("previous").text(*result.previous);
    return out.key("v").number(kPartVersion).end('}').take();
}

Result<AttestationResult> decode_occasion(std::string_view text, AttestationResult conclusion) {
    constexpr std::size_t kMembers = 8;  // and "previous"
    const auto document = TRY(parse_json(text, kLimits));
    const bool previous = has_member(document, "previous");
    const auto object = TRY(wire::JsonObject::of(document, "occasion", kMembers + std::size_t{previous}));
    if (TRY(object.integer("v")) != kPartVersion)
        return fail(ErrorCode::unsupported, "occasion: another version");
    auto inputs = TRY(inputs_of(*TRY(object.object("inputs")), is_of_occasion));
    if (TRY(object.text("conclusion")) != conclusion_digest(conclusion))
        return fail(ErrorCode::refused, "occasion: it names another conclusion");
    if (TRY(object.text("host")) != conclusion.host)
        return fail(ErrorCode::refused, "occasion: it names another host than its conclusion");
    TRY_VOID(read_occasion(object, previous, conclusion));
    conclusion.inputs.merge(inputs);
    return conclusion;
}

std::string encode_attestation_result(const AttestationResult& result, std::string_view conclusion) {
    Canonical out;
    out.begin('{').key("appraised_at").number(result.appraised_at).key("appraiser").text(result.appraiser);
    out.key("boot_id").text(result.boot_id).key("challenged_at").number(result.challenged_at);
    write_checks(out, result);
    write_claims(out, result);
    if (result.version != kBeforeConclusions) out.key("conclusion").text(conclusion);
    write_findings(out, result);
    out.key("host").text(result.host);
    write_inputs(out, result, is_any);
    out.key("journal_acknowledged").number(result.journal_acknowledged);
    if (result.previous && result.version != kBeforeConclusions) out.key("previous").text(*result.previous);
    return out.key("tier").text(to_string(result.tier)).key("v").number(result.version).end('}').take();
}

std::string encode_attestation_result(const AttestationResult& result) {
    return encode_attestation_result(result, conclusion_digest(result));
}

Result<AttestationResult> decode_attestation_result(std::string_view text) {
    const auto document = TRY(parse_json(text, kLimits));
    return result_from_json(document);
}

ResultNames result_names(const AttestationResult& result) {
    ResultNames names{.id = {}, .conclusion = conclusion_digest(result)};
    names.id = sha256(as_view(result.version == kBeforeConclusions
                                  ? encode_attestation_result(result, names.conclusion)
                                  : encode_occasion(result, names.conclusion)))
                   .hex();
    return names;
}

std::string attestation_result_id(const AttestationResult& result) {
    return result_names(result).id;
}

}  // namespace assay

#include "evidence/wire/attestation_result.h"

#include <algorithm>
#include <concepts>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "evidence/base/byte_writer.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"

namespace assay {
namespace {

using nlohmann::json;

constexpr std::int64_t kBeforeConclusions = 1;            // version of the flat document
constexpr std::int64_t kPartVersion = 1;                  // of conclusion and occasion
constexpr std::size_t kPolicyChoice = 256;                // bytes
constexpr std::size_t kAny = limits::kAttestationResult;  // bytes of one text: the whole is bounded

JsonForm form(std::string_view name) {
    return {.name = name, .limits = {kAny, limits::kJsonDepth, kAny / 4}};
}

std::string text(JsonReader& in, std::string_view key) {
    return in.text(key, kAny, 0);
}

CheckOutcome check_of(JsonReader& in) {
    CheckOutcome check;
    check.basis = in.text_as("basis", basis_from_name);
    check.check = text(in, "check");
    check.claim = in.text_as("claim", trust_claim_from_name);
    check.required = in.flag("required");
    check.summary = text(in, "summary");
    check.tier = in.text_as("tier", tier_from_name);
    return check;
}

Finding finding_of(JsonReader& in) {
    Finding finding;
    finding.id = text(in, "id");
    finding.tier = in.text_as("tier", tier_from_name);
    finding.basis = in.text_as("basis", basis_from_name);
    finding.subject = text(in, "subject");
    finding.expected = text(in, "expected");
    finding.actual = text(in, "actual");
    finding.evidence = text(in, "evidence");
    finding.remedy = text(in, "remedy");
    return finding;
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

void read_inputs(JsonReader& in, bool (*belongs)(std::string_view), AttestationResult& result) {
    in.need("inputs");
    in.members("inputs", [&](const std::string& name, JsonReader& digest) {
        if (!belongs(name)) digest.wrong("", "an input of this document");
        result.inputs[name] = text(digest, "");
    });
}

void read_conclusion(JsonReader& in, AttestationResult& result) {
    result.host = text(in, "host");
    result.tier = in.text_as("tier", tier_from_name);
    for (const auto* list : {"claims", "checks", "findings"}) in.need(list);
    in.members("claims", [&](const std::string& name, JsonReader& tier) {
        const auto claim = trust_claim_from_name(name);
        if (!claim) return tier.refuse("", claim.error());
        result.claims[*claim] = tier.text_as("", tier_from_name);
    });
    in.each("checks", [&](JsonReader& check) { result.checks.push_back(check_of(check)); });
    in.each("findings", [&](JsonReader& finding) { result.findings.push_back(finding_of(finding)); });
    result.appraiser = text(in, "appraiser");
    if (in.has("policy_choice")) result.policy_choice = in.text("policy_choice", kPolicyChoice);
}

void read_occasion(JsonReader& in, AttestationResult& result) {
    result.appraised_at = in.integer("appraised_at");
    result.challenged_at = in.integer("challenged_at");
    result.boot_id = text(in, "boot_id");
    result.journal_acknowledged = in.count("journal_acknowledged");
    if (in.has("previous")) result.previous = text(in, "previous");
}

// Of the newest part; another one is `unsupported`.
void read_version(JsonReader& in) {
    if (in.integer("v") != kPartVersion) in.refuse("v", {ErrorCode::unsupported, "another version", {}});
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

void write_policy_choice(Canonical& out, const AttestationResult& result) {
    if (result.policy_choice) out.key("policy_choice").text(*result.policy_choice);
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
    write_policy_choice(out, result);
    return out.key("tier").text(to_string(result.tier)).key("v").number(kPartVersion).end('}').take();
}

Result<AttestationResult> decode_conclusion(std::string_view text) {
    JsonReader in(text, form("conclusion"));
    AttestationResult result;
    read_version(in);
    read_conclusion(in, result);
    read_inputs(in, is_of_conclusion, result);
    return in.finish(std::move(result));
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
    JsonReader in(text, form("occasion"));
    read_version(in);
    const auto named = assay::text(in, "conclusion");
    const auto host = assay::text(in, "host");
    auto result = std::move(conclusion);
    const auto digest = conclusion_digest(result);
    read_occasion(in, result);
    read_inputs(in, is_of_occasion, result);
    TRY_VOID(in.finish());
    if (named != digest) return fail(ErrorCode::refused, "occasion: it names another conclusion");
    if (host != result.host)
        return fail(ErrorCode::refused, "occasion: it names another host than its conclusion");
    return result;
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
    write_policy_choice(out, result);
    if (result.previous && result.version != kBeforeConclusions) out.key("previous").text(*result.previous);
    return out.key("tier").text(to_string(result.tier)).key("v").number(result.version).end('}').take();
}

std::string encode_attestation_result(const AttestationResult& result) {
    return encode_attestation_result(result, conclusion_digest(result));
}

Result<AttestationResult> decode_attestation_result(std::string_view text) {
    JsonReader in(text, form("attestation result"));
    AttestationResult result;
    result.version = in.integer("v");
    const bool newest = result.version == kAttestationResultNewest;
    if (!newest && result.version != kBeforeConclusions)
        in.refuse("v", {ErrorCode::unsupported, "another version", {}});
    read_conclusion(in, result);
    read_occasion(in, result);
    read_inputs(in, is_any, result);
    const auto conclusion = newest ? assay::text(in, "conclusion") : std::string();
    if (!newest && result.previous) in.wrong("previous", "a member of this version");
    TRY_VOID(in.finish());
    if (newest && conclusion != conclusion_digest(result))
        return fail(ErrorCode::malformed, "attestation result: its conclusion is not the one that it names");
    return result;
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

#include "cli/inspect/ek_verdict.h"

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/certificate/iak_certificate.h"

namespace assay::cli {
namespace {

using Kind = tcg::EkReasonKind;

/// Reasons go in under the ids of the role.
struct Answer {
    tcg::TpmKeyRole role;
    InspectVerdict verdict = {};

    void says(const tcg::EkReason& reason) {
        verdict.add(tcg::reason_id(role, reason.kind), reason.effect(), reason.text());
    }
};

Json details_of(const tcg::Certificate& leaf) {
    Json out{{"sha256", leaf.sha256().hex()},
             {"subject", leaf.subject()},
             {"issuer", leaf.issuer()},
             {"serial", leaf.serial()},
             {"not_before", utc_text(leaf.not_before())},
             {"not_after", utc_text(leaf.not_after())},
             {"key", leaf.key_kind()}};
    if (const auto& tpm = leaf.tpm()) {
        out["tpm"] = {{"manufacturer", tpm->manufacturer}, {"model", tpm->model}, {"version", tpm->version}};
    }
    return out;
}

void add_device(Json& out, const tcg::Certificate& leaf) {
    const auto device = tcg::device_certificate(leaf);
    if (!device) return;
    out["verified_by_issuer"] = {
        {"residency", device->residency}, {"fixed", device->fixed}, {"restricted", device->restricted}};
    if (device->module)
        out["hardware_module"] = {{"type", device->module->type}, {"serial", device->module->serial}};
}

// Without roots it is no reproach that the path leads to none.
bool is_for_want_of_roots(Kind kind) {
    return kind == Kind::no_issuer || kind == Kind::self_signed || kind == Kind::root_not_pinned;
}

}  // namespace

InspectVerdict judge_ek_certificate(const EkCertificateQuestion& question) {
    Answer told{.role = question.role};
    auto& answer = told.verdict;
    const auto leaf = tcg::Certificate::parse(question.leaf);
    if (!leaf) {
        told.says({Kind::malformed, describe(leaf.error())});
        return answer;
    }
    answer.details = details_of(*leaf);
    if (question.role != tcg::TpmKeyRole::ek) add_device(answer.details, *leaf);
    const std::vector<tcg::Certificate> none;
    const auto verdict = tcg::verify_ek_certificate({.leaf = *leaf,
                                                     .intermediates = question.intermediates,
                                                     .pinned_roots = question.roots ? *question.roots : none,
                                                     .at_unix_time = question.at_unix_time,
                                                     .revocation_lists = question.revocation_lists,
                                                     .makers = question.makers,
                                                     .role = question.role});
    for (const auto& reason : verdict.reasons)
        if (question.roots || !is_for_want_of_roots(reason.kind)) told.says(reason);
    if (!question.roots) told.says({Kind::roots_not_given, ""});
    if (question.revocation_lists.empty()) told.says({Kind::revocation_not_checked, ""});
    answer.details["at"] = utc_text(question.at_unix_time);
    answer.details["path"] = verdict.chain_subjects;
    if (question.key) {
        if (tcg::certificate_key_equals(*leaf, *question.key))
            answer.holds("key: the certificate is about the key that was given");
        else
            told.says({Kind::key_differs, leaf->key_kind()});
    }
    if (verdict.root_sha256) {
        answer.details["root"] = verdict.root_sha256->hex();
        for (const auto& what : verdict.checked) answer.holds(what);
        if (!question.revocation_lists.empty())
            answer.holds(
                fmt::format("revocation: none of them, by {} lists", question.revocation_lists.size()));
    }
    return answer;
}

}  // namespace assay::cli

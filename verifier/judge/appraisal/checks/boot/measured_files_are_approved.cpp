#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/ima/judge_ima.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

// Without numbers: a list that only grows by more of the same is concluded the same.
std::string kinds_of(const ImaFiles& files) {
    std::vector<std::string_view> kinds;
    if (files.approved != 0) kinds.emplace_back("approved entries");
    if (files.ignored != 0) kinds.emplace_back("ignored entries");
    if (files.unlisted.count != 0) kinds.emplace_back("entries of which no rule speaks");
    return kinds.empty() ? "no entry of a file" : fmt::format("{}", fmt::join(kinds, ", "));
}

void judge_files(const Examined& examined, Judge& judge) {
    const auto& rules = examined.inputs.policy.ima;
    if (!rules) return judge.no_answer(NoAnswer::not_asked, "the policy has no rules for measured files");
    judge.require();
    const auto& ima = examined.logs.ima;
    if (!ima) return judge.report_absent(examined, section::kImaLog);
    if (ima->agreement == tcg::ImaAgreement::differs)
        return judge.no_answer(NoAnswer::cannot_tell,
                               "the IMA list does not replay: no file that it names can be believed");
    if (ima->is_unextended())
        return judge.no_answer(NoAnswer::cannot_tell, "the quote covers no entry of the list");
    if (!ima->state.files)
        return judge.no_answer(
            NoAnswer::cannot_tell,
            "earlier entries of the list were judged by other rules; expected the whole list, which the next "
            "report sends");
    const auto& files = *ima->state.files;
    judge.covered(examined.logs.basis, files.approved + files.unapproved.count + files.unlisted.count,
                  kinds_of(files), files.ignored);
    judge_notes(files.unapproved, findings::ima_unapproved, Tier::contraindicated, examined.logs.basis,
                judge);
    if (rules->unlisted != Tier::affirming)
        judge_notes(files.unlisted, findings::ima_unlisted, rules->unlisted, examined.logs.basis, judge);
}

}  // namespace

const Check checks::measured_files_are_approved{
    .claim = TrustClaim::executables, .required = false, .judge = judge_files};

}  // namespace assay::judge

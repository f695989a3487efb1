#include <algorithm>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/event_place.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

using vendors::ReferenceSet;
using vendors::ReferenceValue;
using Sets = std::vector<const ReferenceSet*>;

// Where a value is from: stands in every finding that it decides.
std::string provenance(const ReferenceSet& set) {
    return fmt::format("{} ({}: {}; {})", shown(set.title()), to_string(set.origin), shown(set.source),
                       shown(set.where));
}

std::string titles(const Sets& sets) {
    std::vector<std::string> names;
    for (const auto* set : sets) names.push_back(shown(set->title()));
    return fmt::format("{}", fmt::join(names, ", "));
}

/// One PCR against the sets that are about it.
class ReferencedPcr {
  public:
    ReferencedPcr(const Examined& examined, Judge& judge, const Sets& sets, std::uint32_t pcr)
        : examined_(examined), judge_(judge), sets_(sets), pcr_(pcr) {
        for (const auto* set : sets) {
            if (std::ranges::any_of(set->events, [&](const auto& each) { return is_about(each); }))
                by_event_.push_back(set);
            if (std::ranges::any_of(set->pcrs, [&](const auto& each) { return is_about(each); }))
                by_value_.push_back(set);
        }
    }

    [[nodiscard]] bool is_referenced() const { return !by_event_.empty() || !by_value_.empty(); }

    void run() {
        const auto& logs = examined_.logs;
        const auto& quoted = logs.values.at(pcr_);
        if (!quoted) return unverified("not quoted");
        if (has_value(*quoted)) return;
        if (by_event_.empty())
            return judge_.report(findings::reference_pcr_value, Tier::contraindicated, logs.basis,
                                 {.subject = subject(),
                                  .expected = fmt::format("a value of {}", provenances(by_value_)),
                                  .actual = quoted->hex(),
                                  .evidence = "pcrs"});
        if (!logs.boot) return unverified(examined_.sections.why_absent(section::kBootEventLog));
        const auto agreement = logs.boot->comparison(pcr_).agreement;
        if (agreement != tcg::PcrAgreement::match && agreement != tcg::PcrAgreement::untouched)
            return unverified(fmt::format("log and quote: {}", tcg::to_string(agreement)));
        for (const auto& each : logs.boot->verified(pcr_)) event(each.event, each.digest);
        report_absent_values();
    }

  private:
    [[nodiscard]] bool is_about(const ReferenceValue& value) const {
        return value.pcr == pcr_ && value.digest.algorithm() == examined_.logs.bank;
    }
    [[nodiscard]] std::string subject() const {
        return fmt::format("PCR {} ({})", pcr_, to_string(examined_.logs.bank));
    }
    static std::string provenances(const Sets& sets) {
        return sets.size() == 1 ? provenance(*sets.front()) : titles(sets);
    }

    void unverified(std::string why) {
        judge_.report(findings::reference_unverified, Tier::none, examined_.logs.basis,
                      {.subject = subject(),
                       .expected = "as in " + titles(by_event_.empty() ? by_value_ : by_event_),
                       .actual = std::move(why),
                       .evidence = std::string(section::kBootEventLog)});
    }

    bool has_value(const Digest& quoted) {
        for (const auto* set : by_value_) {
            const auto found = std::ranges::find_if(set->pcrs, [&](const ReferenceValue& each) {
                return is_about(each) && each.digest == quoted;
            });
            if (found == set->pcrs.end()) continue;
            judge_.covered(examined_.logs.basis, 1,
                           fmt::format("{} has the value of {}", subject(), provenance(*set)));
            return true;
        }
        return false;
    }

    void event(const tcg::ParsedEvent& event, const Digest& digest) {
        bool known = false;
        for (const auto* set : sets_) {
            const bool has = std::ranges::any_of(set->events, [&](const ReferenceValue& each) {
                return each.digest == digest && (!each.pcr || *each.pcr == pcr_);
            });
            if (has) matched_[set].push_back(digest);
            known = known || has;
        }
        if (known) return;
        const auto what = event_text(event);
        judge_.report(findings::reference_unlisted, Tier::contraindicated, examined_.logs.basis,
                      {.subject = subject() + ": " + what,
                       .expected = expected_instead(what),
                       .actual = digest.hex(),
                       .evidence = event_place(event)});
    }

    // The digests that the sets have under the same name, which nothing vouches for and which helps the
    // reader.
    [[nodiscard]] std::string expected_instead(const std::string& what) const {
        for (const auto* set : by_event_) {
            for (const auto& value : set->events) {
                if (is_about(value) && value.what == what)
                    return fmt::format("{} of {}", value.digest.hex(), provenance(*set));
            }
        }
        return fmt::format("a digest of {}", provenances(by_event_));
    }

    // Generations share events (separators, unchanged drivers): the set that explains most comes first, and
    // only those that explain something that no other did are held to be whole.
    void report_absent_values() {
        Sets order = by_event_;
        const auto explains = [&](const ReferenceSet* set) {
            return matched_.contains(set) ? matched_.at(set).size() : 0;
        };
        sort_stably(order, [&](const auto* a, const auto* b) { return explains(a) > explains(b); });
        std::vector<Digest> explained;
        std::vector<std::string> by;
        for (const auto* set : order) {
            const auto found = matched_.find(set);
            if (found == matched_.end()) continue;
            const auto is_new = [&](const Digest& digest) {
                return std::ranges::find(explained, digest) == explained.end();
            };
            if (std::ranges::none_of(found->second, is_new)) continue;
            by.push_back(fmt::format("{} of {}", found->second.size(), provenance(*set)));
            explained.insert(explained.end(), found->second.begin(), found->second.end());
            for (const auto& value : set->events) {
                if (!is_about(value) || std::ranges::find(found->second, value.digest) != found->second.end())
                    continue;
                judge_.report(findings::reference_absent, Tier::warning, examined_.logs.basis,
                              {.subject = subject() + ": " + value.what,
                               .expected = fmt::format("{} of {}", value.digest.hex(), provenance(*set)),
                               .actual = "no such event",
                               .evidence = std::string(section::kBootEventLog)});
            }
        }
        judge_.covered(examined_.logs.basis, explained.size(),
                       fmt::format("{}: {}", subject(), fmt::join(by, "; ")));
    }

    const Examined& examined_;
    Judge& judge_;
    const Sets& sets_;
    std::uint32_t pcr_;
    Sets by_event_, by_value_;
    std::map<const ReferenceSet*, std::vector<Digest>> matched_;  // looked up, never walked
};

void judge_references(const Examined& examined, Judge& judge) {
    const auto& all = examined.inputs.vendors.references();
    if (all.empty()) return judge.no_answer(NoAnswer::not_asked, "no reference set is loaded");
    const auto model = examined.claims.tables ? host_model(*examined.claims.tables) : std::string();
    const auto sets = vendors::references_of(all, model, examined.inputs.now);
    bool any = false;
    for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
        ReferencedPcr referenced(examined, judge, sets, pcr);
        if (!referenced.is_referenced()) continue;
        any = true;
        referenced.run();
    }
    if (any) return;
    const auto lapsed = std::ranges::find_if(all, [&](const ReferenceSet& set) {
        return vendors::is_of_model(set, model) && !set.span.covers(examined.inputs.now);
    });
    if (lapsed == all.end())
        return judge.no_answer(NoAnswer::not_asked,
                               "no reference set of model " + (model.empty() ? "-" : shown(model)));
    judge.report(findings::reference_lapsed, Tier::none, examined.logs.basis,
                 {.subject = "model " + shown(model),
                  .expected = "a reference set that holds at the time of the appraisal",
                  .actual = fmt::format("{}, {} to {}", shown(lapsed->title()),
                                        lapsed->span.from ? utc_text(*lapsed->span.from) : "any time",
                                        lapsed->span.to ? utc_text(*lapsed->span.to) : "any time"),
                  .evidence = "vendor data: " + shown(lapsed->where)});
}

}  // namespace

const Check checks::boot_chain_is_as_referenced{
    .claim = TrustClaim::executables, .required = false, .judge = judge_references};

}  // namespace assay::judge

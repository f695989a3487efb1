#pragma once

#include <optional>
#include <string>

#include "verifier/judge/accompaniment/verdict/verdict.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/site/site.h"

/// Verdicts that became better after they were bad: told until somebody who had no part in it has
/// acknowledged it.
namespace assay::api::site {

/// The kind of the documents that say it: one an event, with the "version" of the verdict that was improved.
inline constexpr const char* kImprovementAcknowledged = "improvement-acknowledged";

/// What `now` improves: the verdict in `newest` (without its document; number 0: there is none), or what that
/// one improved itself and nobody has acknowledged. Its inputs are those that came since.
Result<std::optional<accompaniment::Improved>> improved_by(Service& service,
                                                           const store::SiteDocument& newest,
                                                           const accompaniment::Verdict& now);

/// For a result: what it was, what it is, and by which inputs of whom.
std::string in_words(const accompaniment::Improved& improved, const accompaniment::Verdict& now);

/// The same improvement stands again: what decides in it.
std::string deciding(const accompaniment::Improved& improved);

/// Refused to who delivered one of the inputs, or keeps the key of a hand that did. `hand`, `person`: of the
/// caller.
Result<> may_acknowledge(Service& service, const accompaniment::Improved& improved, const std::string& hand,
                         const std::string& person);

/// The improvement that the newest verdict on an event tells; `not_found`.
Result<accompaniment::Improved> told_improvement(Service& service, const std::string& event);

}  // namespace assay::api::site

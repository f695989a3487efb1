#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/accompaniment/judging/judge.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/appraisal/steps/open_evidence.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/hosts/hosts.h"
#include "verifier/service/store/site/site.h"

/// Accompaniment as the verifier has it: what was imported and journaled, judged, judged again when it moves.
namespace assay::api::site {

/// The files of a case, as docs/formats/accompaniment-case.md has them: by name ("orders.json"), as text.
using CaseFiles = std::map<std::string, std::string>;

/// Everything that bears on device events of this span, as case files but events.json and now.json.
/// `not_found` while there is no directory: then nothing can be judged by it. Signatures come to the verifier
/// itself, so they are known up to now; so is what a host journaled before an event that it delivered.
/// `fresh`: documents that are not stored yet, and count as if they were.
Result<CaseFiles> case_files(Service& service, const accompaniment::Span& span,
                             const std::vector<store::SiteDocument>& fresh = {});
/// The same, read and indexed.
Result<std::shared_ptr<const accompaniment::Knowledge>> knowledge_of(
    Service& service, const accompaniment::Span& span, const std::vector<store::SiteDocument>& fresh = {});

/// Device events of evidence, as documents in the form of events.json: those of its journal records that the
/// host had not delivered before. Times are mapped by the boot clock to the moment of the submission. What
/// became active at a port of the BMC is told by the baselines of `vendors` for the model that the evidence
/// names. `challenged_at`, `now`: Unix time, seconds; the evidence was made between them.
std::vector<store::SiteDocument> events_of(const judge::OpenedEvidence& opened, const store::Host& host,
                                           const vendors::VendorDb& vendors, std::int64_t challenged_at,
                                           std::int64_t now);

/// What the session records of evidence come to, as documents to be stored with it: drafts, sessions, late
/// signatures, the signatures themselves, and "statement-refused" for what is none of this host, these keys
/// and this time. A signature counts from its own time or its record's, whichever proves less, and only where
/// the two are near each other. Times and parameters as for events_of.
Result<std::vector<store::SiteDocument>> statements_of(Service& service, const judge::OpenedEvidence& opened,
                                                       const store::Host& host, std::int64_t challenged_at,
                                                       std::int64_t now);

struct Judged {
    std::optional<std::vector<JudgedEvent>> events;  ///< none without a directory
    std::vector<std::string> settled;  ///< earlier events that are judged by this report for the last time
};
/// The verdicts on the events that evidence just brought, and on earlier ones of the host that are open: for
/// its appraisal, which tells them until they are over (KnownHost::open). `documents` are those events and
/// statements_of it; the verdicts are added to them, so that both are stored with the attestation or not at
/// all. What is settled is not judged again for being told: a steady report makes no case.
Result<Judged> judged_now(Service& service, const store::Host& of,
                          std::vector<store::SiteDocument>& documents);

struct Change {
    std::string host;
    std::string event;
    std::string before;  ///< outcome; empty: judged for the first time
    std::string after;
};
struct Rejudged {
    std::int64_t events = 0;  ///< that were judged
    std::vector<Change> changes;
};

/// Which events are judged again: those of `host` (all hosts if empty) that meet `span`, and beside them
/// those that are open.
struct Scope {
    std::string host;
    accompaniment::Span span{INT64_MIN, INT64_MIN};
    bool open_ones = true;
};
/// Judges, and keeps each verdict that differs from the newest as its next version. Nothing without a
/// directory.
Result<Rejudged> rejudge(Service& service, const Scope& scope);

/// What imports brought and nobody judged yet, of this one and of those that were cut off; and what is open.
Result<Rejudged> judge_left(Service& service);

/// The same for the events of the host that sessions and late signatures among `documents` can change.
Result<> rejudge_under(Service& service, const std::string& host,
                       const std::vector<store::SiteDocument>& documents);

/// Verdicts of the host's device events, newest version each, as JSON with "version", "judged_at" and
/// "timeline".
Result<nlohmann::json> verdicts_of(Service& service, const std::string& host,
                                   const std::optional<std::string>& event);

/// There is a directory of persons and zones: then device events are judged by it.
Result<bool> has_directory(Service& service);

/// A directory as those see it who handle no finding: pseudonyms, no names.
void leave_names_out(nlohmann::json& directory);

/// With the digest of its `document`, where it has none yet, and with who stored it now.
store::SiteDocument stamped(Service& service, store::SiteDocument document, const std::string& by);

/// What `make` writes, made again where what it was made from has moved in the meantime; at last the
/// `conflict` itself.
template <typename Make>
auto made_anew(Make make) {
    constexpr int kTries = 16;
    auto out = make();
    for (int i = 1; i < kTries && !out && out.error().refused == store::Refused::moved; ++i) out = make();
    return out;
}

}  // namespace assay::api::site

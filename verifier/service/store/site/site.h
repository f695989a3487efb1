#pragma once

#include <optional>
#include <vector>

#include "evidence/wire/saved_bundle.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/store.h"

/// Who was there, and what they may: documents, rows of badge readers, work sessions.
namespace assay::store {

/// What accompaniment is judged by: canonical JSON in the forms of docs/formats/accompaniment-case.md.
struct SiteDocument {
    /// "directory", "directory-proposal", "directory-history", "policy", "order", "export", "watermark",
    /// "feed", "controller", "release", "session-draft", "session", "late-attestation", "signature", "event",
    /// "verdict", "improvement-acknowledged", "to-judge", ...
    std::string kind;
    std::string id;
    std::string host = {};  ///< empty where it is of none
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
    std::string digest = {};  ///< SHA-256 of the document, hex; of a verdict, of what decides in it
    std::string document = {};
    std::int64_t stored_at = 0;
    std::string stored_by = {};
    bool open = false;        ///< of a device event: its verdict may still change
    std::int64_t number = 0;  ///< 1 for the first of its kind and id; given by the store
    /// Number of the newest that it was made from, 0 for none: then it is stored only while that is the
    /// newest.
    std::optional<std::int64_t> made_from = std::nullopt;
    std::int64_t act = 1;  ///< that it was stored with, given by the store; 1: before there were acts
};

struct SiteQuery {
    std::string kind;
    std::optional<std::string> id = std::nullopt;
    std::optional<std::string> host = std::nullopt;
    std::optional<std::int64_t> from_ms = std::nullopt;  ///< that end at or after
    std::optional<std::int64_t> to_ms = std::nullopt;    ///< that begin at or before
    bool all_numbers = false;                            ///< also those that were replaced
    std::optional<std::int64_t> number = std::nullopt;   ///< this one, replaced or not
    bool open_only = false;
    bool without_document = false;  ///< SiteDocument::document stays empty: for numbers and digests
    std::int64_t limit = 100'000;
};

class SiteDocuments : Subject {
  public:
    using Subject::Subject;
    /// Each takes the place of the newest of its kind and id, together or none; one whose digest is the
    /// newest's is left out. How many were stored. `Refused::moved` where one was made from another than the
    /// newest (SiteDocument::made_from).
    Written<std::int64_t> put(const std::vector<SiteDocument>& documents);
    Result<std::vector<SiteDocument>> list(const SiteQuery& query);  ///< by id, then number
    /// The one that is in force, if there is one.
    Result<std::optional<SiteDocument>> newest(const std::string& kind, const std::string& id);
    /// Whether there is one, without reading it.
    Result<bool> has(const std::string& kind, const std::string& id);
    /// These are not open any more.
    Result<> settle(const std::vector<SiteDocument>& documents);
    /// The verdicts, as `put` has it, with the events that are not open any more, and those whose verdict is
    /// another, which are open until their host's next report tells it. How many verdicts are new versions:
    /// one act of the verifier tells of them.
    Written<std::int64_t> add_verdicts(const std::vector<SiteDocument>& verdicts,
                                       const std::vector<std::string>& settled,
                                       const std::vector<std::string>& changed = {});
};

struct StoredBadgeRow {
    std::string source;
    std::string event_id;
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
    std::string document;
    std::int64_t act = 1;   ///< as SiteDocument has it
    std::int64_t line = 0;  ///< among the rows that were sent; not stored
};

struct RejectedRow {
    std::string source;
    std::string digest;  ///< SHA-256 of the content, hex
    std::int64_t line = 0;
    std::string reason;
    std::string content;  ///< at most 4,096 bytes of it
    std::int64_t rejected_at = 0;
};

class BadgeRows : Subject {
  public:
    using Subject::Subject;
    /// Rows that meet the span, by source and event.
    Result<std::vector<StoredBadgeRow>> list(std::int64_t from_ms, std::int64_t to_ms, std::int64_t limit);
    Result<std::int64_t> count();
    /// At most 1,000, newest first.
    Result<std::vector<RejectedRow>> rejected(const std::optional<std::string>& source);
};

struct SessionQuery {
    std::optional<std::string> host;
    bool open_only = false;
    std::int64_t limit = 1000;  ///< the newest
};

/// Each change is stored with its act. `hand`: whose it is, as acts name it.
class WorkSessions : Subject {
  public:
    using Subject::Subject;
    /// With the documents that belong to it, as SiteDocuments::put has it, together or not at all. `conflict`
    /// for an id that is there.
    Written<> add(const WorkSession& session, const std::string& hand,
                  const std::vector<SiteDocument>& documents = {});
    Result<WorkSession> find(const std::string& id);  ///< `not_found`
    Result<std::vector<WorkSession>> list(const SessionQuery& query);
    /// With the documents that say so, likewise. `not_found`; `conflict` for one that is closed.
    Written<WorkSession> close(const std::string& id, const std::string& hand, std::int64_t now,
                               const std::vector<SiteDocument>& documents = {});
};

}  // namespace assay::store

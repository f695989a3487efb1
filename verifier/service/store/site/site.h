#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What accompaniment is judged by, as the store takes and gives it. Documents are canonical JSON in the
/// forms of docs/formats/accompaniment-case.md; times are Unix milliseconds where they say _ms, else seconds.
namespace assay::store {

struct SiteDocument {
    std::string
        kind;  ///< "directory", "policy", "order", "feed", "session", "late-attestation", "event", "verdict"
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
};

struct SiteQuery {
    std::string kind;
    std::optional<std::string> id = std::nullopt;
    std::optional<std::string> host = std::nullopt;
    std::optional<std::int64_t> from_ms = std::nullopt;  ///< that end at or after
    std::optional<std::int64_t> to_ms = std::nullopt;    ///< that begin at or before
    bool all_numbers = false;                            ///< also those that were replaced
    bool open_only = false;
    bool without_document = false;  ///< SiteDocument::document stays empty: for numbers and digests
    std::int64_t limit = 100'000;
};

struct StoredBadgeRow {
    std::string source;
    std::string event_id;
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
    std::string document;
};

struct RejectedRow {
    std::string source;
    std::string digest;  ///< SHA-256 of the content, hex
    std::int64_t line = 0;
    std::string reason;
    std::string content;  ///< at most 4,096 bytes of it
    std::int64_t rejected_at = 0;
};

}  // namespace assay::store

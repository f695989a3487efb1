#pragma once

#include <string_view>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/judge/accompaniment/event.h"
#include "verifier/judge/accompaniment/judging/knowledge.h"

/// The files of a case, and the same forms for imports and for the API: one reader each, strict.
/// docs/formats/accompaniment-case.md. Errors name the place as a JSON pointer and what is expected
/// there.
namespace assay::accompaniment {

/// Whose word a document is. What somebody imports does not say when it was received, and by whose hand: only
/// the verifier does, so "received_at", "hand", "until", ... are refused in it.
enum class Source : std::uint8_t { case_file, import };

Result<std::vector<DeviceEvent>> read_events(std::string_view json);

struct OrderFile {
    std::vector<WorkOrder> orders;
    std::vector<OrderExport> exports;  ///< by hand and number
    Millis watermark = 0;
};
Result<OrderFile> read_orders(std::string_view json, Source source = Source::case_file);
/// One order, as a member of the list "orders". Rebuilds its versions from what it says now and its history.
Result<WorkOrder> read_order(std::string_view order, std::string_view place,
                             Source source = Source::case_file);

Result<BadgeData> read_badges(std::string_view json, Source source = Source::case_file);
Result<BadgeRow> read_badge_row(std::string_view row, std::string_view place,
                                Source source = Source::case_file);

Result<SessionData> read_sessions(std::string_view json);
Result<DirectoryData> read_directory(std::string_view json, Source source = Source::case_file);
Result<Policy> read_policy(std::string_view json, Source source = Source::case_file);
/// {"now": "2026-03-02T15:00:00Z"}
Result<Millis> read_now(std::string_view json);

}  // namespace assay::accompaniment

#include "cli/site/badge_upload.h"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

#include "verifier/judge/accompaniment/time.h"

namespace assay::cli {

Result<> BadgeUpload::add(std::string row) {
    JsonReader in(row, {.open = true});
    // What is wrong in a row is said by the verifier, with the row.
    for (const auto* key : {"occurred_at", "occurred_from", "occurred_to"}) {
        const auto at = accompaniment::parse_instant(in.peek(key));
        if (!at) continue;
        newest_ms_ = std::max(newest_ms_, *at);
    }
    rows_.push_back(Json::encoded(std::move(row)));
    return rows_.size() < kBatch ? Result<>() : send(Json{{"judge", false}});
}

Result<> BadgeUpload::add_rejected(inputs::RejectedFeedRow row) {
    refused_.push_back({{"source", source_},
                        {"line", row.line},
                        {"reason", std::move(row.reason)},
                        {"content", std::move(row.content)}});
    return refused_.size() < kBatch ? Result<>() : send(Json{{"judge", false}});
}

Result<> BadgeUpload::finish(Json rest) {
    // All rows lie before their watermark is raised: whoever judges in between sees a feed that is not
    // complete.
    if (!rows_.empty() || !refused_.empty()) TRY_VOID(send(Json{{"judge", false}}));
    // The verifier judges what it has and nobody judged yet: also that of an import that was cut off.
    rest["judge"] = true;
    return send(std::move(rest));
}

Result<> BadgeUpload::send(Json body) {
    sent_ += static_cast<std::int64_t>(rows_.size());
    body["rows"] = std::exchange(rows_, Json::array());
    body["rejected"] = std::exchange(refused_, Json::array());
    const auto text = TRY(post(context_, "/v1/badges", body));
    JsonReader answer(text, kAnswer);
    TRY_VOID(answer.finish());
    added_ += number_of(answer, "added");
    rejected_ += number_of(answer, "rejected");
    changed_ += number_of(answer, "verdicts_changed");
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{} rows sent, {} new", sent_, added_);
    if (isatty(STDERR_FILENO) != 0 && body["judge"] == Json(true)) fmt::print(stderr, "\n");
    return {};
}

}  // namespace assay::cli

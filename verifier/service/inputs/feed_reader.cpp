#include "verifier/service/inputs/feed_reader.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "verifier/judge/accompaniment/reading/case.h"

namespace assay::inputs {

FeedReader::FeedReader(const FeedMapping& mapping, OnRow on_row, OnRejected on_rejected)
    : mapping_(mapping), on_row_(std::move(on_row)), on_rejected_(std::move(on_rejected)) {}

Result<> FeedReader::take(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto part = bytes.substr(0, end);
        if (buffer_.size() + part.size() > kLine) {
            too_long_ = true;
            buffer_.append(part.substr(0, kLine - buffer_.size()));
        } else {
            buffer_.append(part);
        }
        if (end == std::string_view::npos) return {};
        bytes.remove_prefix(end + 1);
        TRY_VOID(line());
    }
    return {};
}

Result<> FeedReader::finish() {
    if (buffer_.empty() && !too_long_) return {};
    return line();
}

Result<> FeedReader::reject(std::string reason) {
    ++rejected_;
    return on_rejected_({number_, std::move(reason), shortened(buffer_, kContent)});
}

Result<Json> FeedReader::row_of(const Value& value) const {
    std::map<std::string, std::string> row{{"source", mapping_.source}};
    for (const auto& [member, fixed] : mapping_.fixed) row[member] = fixed;
    for (const auto& [member, column] : mapping_.columns) {
        auto text = value(column);
        if (text.empty() && member == "result")  // silence is not "granted"
            return fail(ErrorCode::malformed, "no result: whether the door opened is not known");
        if (text.empty()) continue;
        if (const auto words = mapping_.words.find(member); words != mapping_.words.end()) {
            const auto word = words->second.find(text);
            // A word that nobody explained is not known, whatever it may mean.
            text = word != words->second.end() ? word->second : member == "direction" ? "unknown" : text;
        }
        row[member] = std::move(text);
    }
    const auto moment = [&](const char* member) -> Result<std::optional<accompaniment::Span>> {
        const auto text = row.extract(member);
        if (text.empty()) return std::nullopt;
        return TRY(with_context(parse_feed_time(mapping_.time, text.mapped()), member));
    };
    const auto occurred = TRY(moment("occurred_at"));
    const auto created = TRY(moment("created_at"));
    const auto received = TRY(moment("received_at"));
    if (received) row["recorded_at"] = accompaniment::instant_text(received->to);
    accompaniment::Span span;
    if (occurred)
        span = *occurred;
    else if (created)  // somewhen before it was written down
        span = {created->from - mapping_.time.unknown_span_s * 1000, created->to};
    else
        return fail(ErrorCode::malformed, "no time");
    if (span.from == span.to) {
        row["occurred_at"] = accompaniment::instant_text(span.from);
    } else {
        row["occurred_from"] = accompaniment::instant_text(span.from);
        row["occurred_to"] = accompaniment::instant_text(span.to);
    }
    TRY_VOID(accompaniment::read_badge_row(Json(row).dump(), "", accompaniment::Source::import));
    return row;
}

// One row, whatever the format has it in.
Result<> FeedReader::offer(const Value& value) {
    if (!mapping_.keep_column.empty() &&
        std::ranges::find(mapping_.keep, value(mapping_.keep_column)) == mapping_.keep.end()) {
        ++left_out_;
        return {};
    }
    auto row = row_of(value);
    if (!row) return reject(row.error().context);
    ++rows_;
    return on_row_(*std::move(row));
}

Result<> FeedReader::take_header(std::vector<std::string> fields) {
    for (const auto& [member, column] : mapping_.columns) {
        if (std::ranges::find(fields, column) != fields.end()) continue;
        return fail(ErrorCode::malformed,
                    fmt::format("line {}: no column \"{}\", which the mapping takes for {}; it has: {}",
                                number_, printable(column), member, shortened(printable(buffer_), 400)));
    }
    header_ = std::move(fields);
    return {};
}

Result<> FeedReader::csv_line() {
    auto parsed = parse_csv(buffer_, {.bytes = kLine, .rows = 1, .columns = 256, .field = 4096});
    if (!parsed) return reject(parsed.error().context);
    if (parsed->empty()) return {};
    auto& fields = parsed->front().fields;
    if (header_.empty()) return take_header(std::move(fields));
    if (fields.size() != header_.size())
        return reject(fmt::format("{} fields, the first line has {}", fields.size(), header_.size()));
    return offer([&](const std::string& column) {
        const auto at = static_cast<std::size_t>(std::ranges::find(header_, column) - header_.begin());
        return at < fields.size() ? fields[at] : std::string();
    });
}

Result<> FeedReader::json_line() {
    JsonReader row(buffer_, {.limits = {.bytes = kLine, .depth = 8, .values = 2000}, .open = true});
    if (const auto good = row.finish(); !good) return reject(good.error().context);
    return offer([&](const std::string& column) { return row.text_at(column); });
}

Result<> FeedReader::line() {
    ++number_;
    const bool too_long = std::exchange(too_long_, false);
    if (buffer_.ends_with('\r')) buffer_.pop_back();
    if (number_ == 1 && buffer_.starts_with("\xef\xbb\xbf")) buffer_.erase(0, 3);
    Result<> done;
    if (buffer_.empty()) return done;
    if (too_long)
        done = reject(fmt::format("a line of more than {} bytes", kLine));
    else if (!is_utf8(buffer_) || buffer_.find('\0') != std::string::npos)
        done = reject("not UTF-8, or with a byte of zero");
    else
        done = mapping_.format == "csv" ? csv_line() : json_line();
    buffer_.clear();
    return done;
}

}  // namespace assay::inputs

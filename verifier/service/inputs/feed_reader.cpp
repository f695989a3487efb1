#include "verifier/service/inputs/feed_reader.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/blanks.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/mapped_value.h"
#include "verifier/judge/accompaniment/reading/case.h"

namespace assay::inputs {
namespace {

constexpr CsvLimits kRowLimits{.columns = 256, .field = 4096};

// A part of a name that is made of several: whatever the parts are, no two lists of them make one name.
std::string name_part(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '/')
            out += c == '%' ? "%25" : "%2F";
        else
            out += c;
    }
    return out;
}

}  // namespace

FeedReader::FeedReader(const FeedMapping& mapping, OnRow on_row, OnRejected on_rejected)
    : mapping_(mapping), on_row_(std::move(on_row)), on_rejected_(std::move(on_rejected)) {}

Result<> FeedReader::take(std::string_view bytes) {
    const bool csv = mapping_.format == "csv";
    while (!bytes.empty()) {
        const auto feed = bytes.find('\n');
        const auto size = csv ? ends_.find(bytes) : feed == std::string_view::npos ? feed : feed + 1;
        const bool ends = size != std::string_view::npos;
        const auto part = ends ? bytes.substr(0, size - 1) : bytes;
        bytes.remove_prefix(ends ? size : bytes.size());
        too_long_ = too_long_ || buffer_.size() + part.size() > kRow;
        buffer_.append(part.substr(0, kRow - buffer_.size()));
        breaks_ += static_cast<std::size_t>(std::ranges::count(part, '\n'));
        if (ends) TRY_VOID(row());
    }
    return {};
}

Result<> FeedReader::finish() {
    if (buffer_.empty() && !too_long_) return {};
    if (buffer_.ends_with('\n')) {  // of the last line, in a quoted field that has no end
        buffer_.pop_back();
        --breaks_;
    }
    return row();
}

Result<> FeedReader::reject(std::string reason) {
    ++rejected_;
    if (breaks_ > 0) reason += fmt::format(" (the row goes from line {} to {})", number_, number_ + breaks_);
    return on_rejected_({number_, std::move(reason), shortened(buffer_, kContent)});
}

Result<std::string> FeedReader::word(const std::string& member, std::string text) const {
    const auto words = mapping_.words.find(member);
    if (words == mapping_.words.end()) return text;
    if (const auto known = words->second.find(text); known != words->second.end()) return known->second;
    // A word that nobody explained is not known, whatever it may mean.
    if (member == "direction") return "unknown";
    if (text == "granted" || text == "denied") return text;
    return fail(ErrorCode::malformed,
                fmt::format("{}: expected a word that the mapping's [words.{}] has as granted or denied, got "
                            "\"{}\"",
                            member, member, shortened(printable_with_blanks(text), 64)));
}

// What names the row: one column, or several together.
Result<std::string> FeedReader::event_id(const Value& value) const {
    std::string out;
    for (const auto& column : mapping_.event_id) {
        const auto part = TRY(value(column));
        if (part.empty())
            return fail(ErrorCode::malformed,
                        fmt::format("event_id: no \"{}\", which is a part of it", printable(column)));
        out += (out.empty() ? "" : "/") + name_part(part);
    }
    return out;
}

Result<Json> FeedReader::row_of(const Value& value) const {
    std::map<std::string, std::string> row{{"source", mapping_.source}};
    for (const auto& [member, fixed] : mapping_.fixed) row[member] = fixed;
    for (const auto& [member, column] : mapping_.columns) {
        auto text = TRY(with_context(value(column), member));
        if (text.empty() && member == "result")  // silence is not "granted"
            return fail(ErrorCode::malformed, "no result: whether the door opened is not known");
        if (!text.empty()) row[member] = TRY(word(member, std::move(text)));
    }
    if (!mapping_.event_id.empty()) row["event_id"] = TRY(event_id(value));
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
    if (!mapping_.keep_column.empty()) {
        const auto kind = value(mapping_.keep_column);
        if (!kind) return reject(kind.error().context);
        if (std::ranges::find(mapping_.keep, *kind) == mapping_.keep.end()) {
            ++left_out_;
            return {};
        }
    }
    auto row = row_of(value);
    if (!row) return reject(row.error().context);
    ++rows_;
    return on_row_(*std::move(row));
}

Result<> FeedReader::take_header(std::vector<std::string> fields) {
    std::map<std::string, std::string> wanted;  // their column -> what it is for
    for (const auto& [member, column] : mapping_.columns) wanted[column] = member;
    for (const auto& column : mapping_.event_id) wanted[column] = "event_id";
    if (!mapping_.keep_column.empty()) wanted[mapping_.keep_column] = "[keep]";
    for (const auto& [column, use] : wanted) {
        const auto count = std::ranges::count(fields, column);
        if (count == 1) continue;
        return fail(ErrorCode::malformed,
                    fmt::format("line {}: {} \"{}\", which the mapping takes for {}; it has: {}", number_,
                                count == 0 ? "no column" : "more than one column", printable(column), use,
                                shortened(printable(buffer_), 400)));
    }
    header_ = std::move(fields);
    return {};
}

Result<> FeedReader::csv_row() {
    if (trimmed(buffer_).empty()) return {};
    auto fields = parse_csv_row(buffer_, kRowLimits);
    if (!fields) return reject(fields.error().context);
    if (header_.empty()) return take_header(*std::move(fields));
    if (fields->size() != header_.size())
        return reject(fmt::format("{} fields, the first line has {}", fields->size(), header_.size()));
    return offer([&](const std::string& column) -> Result<std::string> {
        return (*fields)[static_cast<std::size_t>(std::ranges::find(header_, column) - header_.begin())];
    });
}

Result<> FeedReader::json_row() {
    JsonReader row(buffer_, {.limits = {.bytes = kRow, .depth = 8, .values = 2000}, .open = true});
    if (const auto good = row.finish(); !good) return reject(good.error().context);
    return offer([&](const std::string& column) { return mapped_text(row, column); });
}

Result<> FeedReader::row() {
    const bool too_long = std::exchange(too_long_, false);
    if (buffer_.ends_with('\r')) buffer_.pop_back();
    if (number_ == 1 && buffer_.starts_with("\xef\xbb\xbf")) buffer_.erase(0, 3);
    Result<> done;
    if (too_long)
        done = reject(fmt::format("a row of more than {} bytes", kRow));
    else if (!is_utf8(buffer_) || buffer_.find('\0') != std::string::npos)
        done = reject("not UTF-8, or with a byte of zero");
    else if (!buffer_.empty())
        done = mapping_.format == "csv" ? csv_row() : json_row();
    buffer_.clear();
    number_ += std::exchange(breaks_, 0) + 1;
    return done;
}

}  // namespace assay::inputs

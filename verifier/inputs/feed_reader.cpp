#include "verifier/inputs/feed_reader.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/csv.h"
#include "evidence/base/json_door.h"
#include "evidence/base/text.h"
#include "verifier/accompaniment/case.h"

namespace assay::inputs {
namespace {

using nlohmann::json;

// "actor.id" of {"actor": {"id": 7}} is "7".
std::string at_path(const json& row, std::string_view path) {
    const auto* node = &row;
    while (!path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        if (!node->is_object()) return {};
        const auto found = node->find(std::string(path.substr(0, dot)));
        if (found == node->end()) return {};
        node = &*found;
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    if (node->is_string()) return node->get<std::string>();
    return node->is_null() || node->is_structured() ? std::string() : node->dump();
}

}  // namespace

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

Result<json> FeedReader::row_of(const std::function<std::string(const std::string&)>& value) const {
    json row{{"source", mapping_.source}};
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
        if (!row.contains(member)) return std::nullopt;
        const auto text = row[member].get<std::string>();
        row.erase(member);
        return TRY(with_context(parse_feed_time(mapping_.time, text), member));
    };
    const auto occurred = TRY(moment("occurred_at"));
    const auto created = TRY(moment("created_at"));
    const auto received = TRY(moment("received_at"));
    if (received) row["received_at"] = accompaniment::instant_text(received->to);
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
    TRY_VOID(accompaniment::read_badge_row(row, ""));
    return row;
}

Result<> FeedReader::line() {
    ++number_;
    std::string text;
    std::swap(text, buffer_);
    const bool too_long = std::exchange(too_long_, false);
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (number_ == 1 && text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
    if (text.empty()) return {};
    buffer_ = text;  // what a rejection shows
    Result<> done;
    if (too_long) {
        done = reject(fmt::format("a line of more than {} bytes", kLine));
    } else if (!is_utf8(text) || text.find('\0') != std::string::npos) {
        done = reject("not UTF-8, or with a byte of zero");
    } else if (mapping_.format == "csv") {
        const auto parsed = parse_csv(text, {.bytes = kLine, .rows = 1, .columns = 256, .field = 4096});
        if (!parsed || parsed->empty()) {
            done = parsed ? Result<>() : reject(parsed.error().context);
        } else if (header_.empty()) {
            header_ = parsed->front().fields;
            for (const auto& [member, column] : mapping_.columns) {
                if (std::ranges::find(header_, column) == header_.end()) {
                    buffer_.clear();
                    return fail(
                        ErrorCode::malformed,
                        fmt::format("line {}: no column \"{}\", which the mapping takes for {}; it has: {}",
                                    number_, printable(column), member, shortened(printable(text), 400)));
                }
            }
        } else if (parsed->front().fields.size() != header_.size()) {
            done = reject(fmt::format("{} fields, the first line has {}", parsed->front().fields.size(),
                                      header_.size()));
        } else {
            const auto& fields = parsed->front().fields;
            const auto value = [&](const std::string& column) {
                const auto at = std::ranges::find(header_, column) - header_.begin();
                return static_cast<std::size_t>(at) < fields.size() ? fields[static_cast<std::size_t>(at)]
                                                                    : std::string();
            };
            if (!mapping_.keep_column.empty() &&
                std::ranges::find(mapping_.keep, value(mapping_.keep_column)) == mapping_.keep.end()) {
                ++left_out_;
            } else {
                auto row = row_of(value);
                if (row) ++rows_;
                done = row ? on_row_(*std::move(row)) : reject(row.error().context);
            }
        }
    } else {
        const auto parsed = parse_json(text, {.bytes = kLine, .depth = 8, .values = 2000});
        const auto value = [&](const std::string& column) { return at_path(*parsed, column); };
        if (!parsed || !parsed->is_object()) {
            done = reject(parsed ? "an object is wanted" : parsed.error().context);
        } else if (!mapping_.keep_column.empty() &&
                   std::ranges::find(mapping_.keep, value(mapping_.keep_column)) == mapping_.keep.end()) {
            ++left_out_;
        } else {
            auto row = row_of(value);
            if (row) ++rows_;
            done = row ? on_row_(*std::move(row)) : reject(row.error().context);
        }
    }
    buffer_.clear();
    return done;
}

}  // namespace assay::inputs

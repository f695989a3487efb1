#include "verifier/service/inputs/feed_mapping.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"

namespace assay::inputs {
namespace {

constexpr std::array<std::string_view, 14> kMappingMembers = {
    "event_id", "feed_pos",  "person", "credential",  "reader",     "controller",  "zone_from",
    "zone_to",  "direction", "result", "occurred_at", "created_at", "received_at", "source"};

Result<std::map<std::string, std::string, std::less<>>> members_of(const TomlReader& table) {
    auto members = TRY(table.named_texts());
    for (const auto& [member, column] : members) {
        if (std::ranges::find(kMappingMembers, member) == kMappingMembers.end())
            return table.refuse(
                member, fmt::format("'{}' is no member of a badge row; docs/formats/feeds.md lists them",
                                    printable(member)));
    }
    return members;
}

}  // namespace

Result<FeedMapping> read_feed_mapping(const std::string& name, std::string_view text) {
    const auto file = TRY(TomlFile::parse(name, text));
    const auto in = file.root();
    TRY_VOID(in.only({"kind", "source", "format", "time", "event_id", "columns", "words", "fixed", "keep"}));
    FeedMapping out;
    if (const auto kind = TRY(in.text("kind")); kind != "badges")
        return in.refuse("kind", fmt::format("expected \"badges\", got \"{}\"", printable(kind)));
    out.source = TRY(in.text("source"));
    out.format = TRY(in.text("format"));
    if (out.format != "csv" && out.format != "jsonl")
        return in.refuse("format",
                         fmt::format("expected \"csv\" or \"jsonl\", got \"{}\"", printable(out.format)));
    if (const auto time = TRY(in.optional_table("time"))) out.time = TRY(read_time_form(*time));
    if (const auto columns = TRY(in.optional_table("columns"))) out.columns = TRY(members_of(*columns));
    out.event_id = TRY(in.optional_texts("event_id"));
    if (!out.event_id.empty() && out.columns.contains("event_id"))
        return in.refuse("event_id", "expected event_id here or in [columns], got both; leave one out");
    if (const auto fixed = TRY(in.optional_table("fixed"))) out.fixed = TRY(members_of(*fixed));
    if (const auto words = TRY(in.optional_table("words"))) {
        TRY_VOID(words->only({"direction", "result"}));
        for (const auto& member : words->keys())
            out.words[member] = TRY(TRY(words->optional_table(member))->named_texts());
    }
    if (const auto keep = TRY(in.optional_table("keep"))) {
        TRY_VOID(keep->only({"column", "values"}));
        out.keep_column = TRY(keep->text("column"));
        out.keep = TRY(keep->texts("values"));
    }
    const auto missing = [&](std::string_view wanted) {
        return in.refuse("columns",
                         fmt::format("expected a column for {}, got none; add {} = \"...\"", wanted, wanted));
    };
    if (out.event_id.empty() && !out.columns.contains("event_id")) return missing("event_id");
    if (!out.columns.contains("occurred_at") && !out.columns.contains("created_at"))
        return missing("occurred_at");
    if (!out.columns.contains("person") && !out.columns.contains("credential"))
        return in.refuse("columns",
                         "expected a column for person or credential, got neither: a row would be "
                         "nobody's");
    return out;
}

}  // namespace assay::inputs

#include "verifier/service/inputs/feed_mapping.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"

namespace assay::inputs {
namespace {

using vendors::TomlFile;
using vendors::TomlReader;

constexpr std::array<std::string_view, 14> kMappingMembers = {
    "event_id", "feed_pos",  "person", "credential",  "reader",     "controller",  "zone_from",
    "zone_to",  "direction", "result", "occurred_at", "created_at", "received_at", "source"};

Result<std::map<std::string, std::string, std::less<>>> texts_of(const TomlReader& reader,
                                                                 const toml::table& table,
                                                                 std::string_view what) {
    std::map<std::string, std::string, std::less<>> out;
    for (const auto& [key, node] : table) {
        const auto* value = node.as_string();
        if (value == nullptr || value->get().empty() || value->get().size() > 256)
            return reader.refuse(
                key.str(), fmt::format("expected {} as a text of 1 to 256 bytes, got another value", what));
        out.emplace(std::string(key.str()), value->get());
    }
    return out;
}

Result<> known_members(const TomlReader& reader,
                       const std::map<std::string, std::string, std::less<>>& members) {
    for (const auto& [member, column] : members) {
        if (std::ranges::find(kMappingMembers, member) == kMappingMembers.end())
            return reader.refuse(
                member, fmt::format("'{}' is no member of a badge row; docs/formats/feeds.md lists them",
                                    printable(member)));
    }
    return {};
}

}  // namespace

Result<FeedMapping> read_feed_mapping(const std::string& name, std::string_view text) {
    const auto file = TRY(TomlFile::parse(name, text));
    const TomlReader in(file, file.root());
    TRY_VOID(in.only({"kind", "source", "format", "time", "columns", "words", "fixed", "keep"}));
    FeedMapping out;
    if (const auto kind = TRY(in.text("kind")); kind != "badges")
        return in.refuse("kind", fmt::format("expected \"badges\", got \"{}\"", printable(kind)));
    out.source = TRY(in.text("source"));
    out.format = TRY(in.text("format"));
    if (out.format != "csv" && out.format != "jsonl")
        return in.refuse("format",
                         fmt::format("expected \"csv\" or \"jsonl\", got \"{}\"", printable(out.format)));
    if (const auto time = TRY(in.optional_table("time"))) out.time = TRY(read_time_form(*time));
    const auto table = [&](const char* key) { return file.root()[key].as_table(); };
    if (const auto* columns = table("columns")) out.columns = TRY(texts_of(in, *columns, "a column's name"));
    if (const auto* fixed = table("fixed")) out.fixed = TRY(texts_of(in, *fixed, "a value"));
    TRY_VOID(known_members(in, out.columns));
    TRY_VOID(known_members(in, out.fixed));
    if (const auto* words = table("words")) {
        for (const auto& [member, node] : *words) {
            const auto* of = node.as_table();
            if (of == nullptr || (member.str() != "direction" && member.str() != "result"))
                return in.refuse(
                    "words", fmt::format("expected the tables [words.direction] and [words.result], got '{}'",
                                         printable(member.str())));
            out.words[std::string(member.str())] =
                TRY(texts_of(in, *of, "in, out, unknown, granted or denied"));
        }
    }
    if (const auto keep = TRY(in.optional_table("keep"))) {
        TRY_VOID(keep->only({"column", "values"}));
        out.keep_column = TRY(keep->text("column"));
        out.keep = TRY(keep->texts("values"));
    }
    for (const auto* wanted : {"event_id", "occurred_at"}) {
        if (!out.columns.contains(wanted) &&
            !(wanted == std::string_view("occurred_at") && out.columns.contains("created_at")))
            return in.refuse("columns", fmt::format("expected a column for {}, got none; add {} = \"...\"",
                                                    wanted, wanted));
    }
    if (!out.columns.contains("person") && !out.columns.contains("credential"))
        return in.refuse("columns",
                         "expected a column for person or credential, got neither: a row would be "
                         "nobody's");
    return out;
}

}  // namespace assay::inputs

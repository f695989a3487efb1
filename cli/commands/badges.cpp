#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

#include <fmt/core.h>

#include "cli/commands/commands.h"
#include "cli/site/badge_upload.h"
#include "cli/site/badges_live.h"
#include "cli/site/mapping_file.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/reading/case.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostBadges = 64U << 20U;

struct BadgesOptions {
    std::string file, mapping, source, watermark;
    std::vector<std::string> zones;
    bool once = false;
};

Result<inputs::FeedMapping> mapping_of(const BadgesOptions& options) {
    const auto file = TRY(read_mapping_file(options.mapping));
    auto mapping = TRY(inputs::read_feed_mapping(file.name, file.text));
    if (!options.source.empty()) mapping.source = options.source;
    return mapping;
}

// The whole file through a reader, a piece at a time.
Result<> read_through(const std::string& file, inputs::FeedReader& reader) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(ErrorCode::not_found, printable(file) + ": cannot be opened");
    std::array<char, 1U << 16U> piece{};
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        TRY_VOID(with_context(reader.take({piece.data(), static_cast<std::size_t>(in.gcount())}),
                              printable(file)));
    }
    if (in.bad()) return fail(ErrorCode::io, printable(file) + ": cannot be read");
    return with_context(reader.finish(), printable(file));
}

// Where a mapping keeps none of many rows, its [keep] has other words than the export.
bool none_kept(const inputs::FeedReader& reader) {
    if (reader.rows() != 0 || reader.left_out() == 0) return false;
    fmt::print(stderr, "warning: none of {} rows has a word that the mapping's [keep] lists\n",
               reader.left_out() + reader.rejected());
    return true;
}

command_line::ExitCode show_badges(const Context& context, const BadgeUpload& upload, std::size_t left_out) {
    if (context.json) {
        print_json({{"rows", upload.sent()},
                    {"added", upload.added()},
                    {"rejected", upload.rejected()},
                    {"left_out", left_out},
                    {"verdicts_changed", upload.verdicts_changed()}});
    } else {
        fmt::print(
            "{} rows, {} of them new; {} rejected ('assay badges rejected' shows them), {} of another kind. "
            "{} "
            "verdicts changed.\n",
            upload.sent(), upload.added(), upload.rejected(), left_out, upload.verdicts_changed());
    }
    return upload.rejected() == 0 ? command_line::ExitCode::done : command_line::ExitCode::warning;
}

Result<command_line::ExitCode> import_export(const Context& context, const BadgesOptions& options,
                                             const std::string& file) {
    const auto mapping = TRY(mapping_of(options));
    BadgeUpload upload(context, mapping.source);
    inputs::FeedReader reader(
        mapping, [&](const Json& row) { return upload.add(row.dump()); },
        [&](inputs::RejectedFeedRow row) { return upload.add_rejected(std::move(row)); });
    TRY_VOID(read_through(file, reader));
    Json rest = Json::object();
    if (!options.watermark.empty() || !options.zones.empty()) {
        if (!options.watermark.empty())
            TRY_VOID(with_context(accompaniment::parse_instant(options.watermark), "--watermark"));
        const auto newest = accompaniment::instant_text(upload.newest_ms());
        rest["feeds"] = Json::array({{{"source", mapping.source},
                                      {"watermark", options.watermark.empty() ? newest : options.watermark},
                                      {"zones", options.zones}}});
    }
    TRY_VOID(upload.finish(std::move(rest)));
    const bool none = none_kept(reader);
    const auto code = show_badges(context, upload, reader.left_out());
    return none ? command_line::ExitCode::warning : code;
}

// A file that is badges.json already.
Result<command_line::ExitCode> import_document(const Context& context, const BadgesOptions& options) {
    const auto bytes = TRY(read_file(options.file, kMostBadges));
    TRY_VOID(with_context(accompaniment::read_badges(as_text(bytes), accompaniment::Source::import),
                          printable(options.file)));
    JsonReader document(as_text(bytes), kAnswer);
    BadgeUpload upload(context, "");
    document.each("rows", [&](JsonReader& row) {
        if (auto added = upload.add(row.encoded("")); !added) document.refuse("", std::move(added).error());
    });
    auto rest = Json::object();
    document.members("", [&](const std::string& name, JsonReader& value) {
        if (value.has("") && name != "rows") rest[name] = Json::encoded(value.encoded(""));
    });
    TRY_VOID(document.finish());
    TRY_VOID(upload.finish(std::move(rest)));
    return show_badges(context, upload, 0);
}

Result<command_line::ExitCode> import_file(const Context& context, const BadgesOptions& options) {
    return options.mapping.empty() ? import_document(context, options)
                                   : import_export(context, options, options.file);
}

Result<command_line::ExitCode> convert(const BadgesOptions& options) {
    const auto mapping = TRY(mapping_of(options));
    inputs::FeedReader reader(
        mapping,
        [](const Json& row) -> Result<> {
            fmt::print("{}\n", row.dump());
            return {};
        },
        [](const inputs::RejectedFeedRow& row) -> Result<> {
            fmt::print(stderr, "line {}: {}: {}\n", row.line, row.reason, printable(row.content));
            return {};
        });
    TRY_VOID(read_through(options.file, reader));
    fmt::print(stderr, "{} rows, {} rejected, {} of another kind\n", reader.rows(), reader.rejected(),
               reader.left_out());
    return reader.rejected() == 0 && !none_kept(reader) ? command_line::ExitCode::done
                                                        : command_line::ExitCode::warning;
}

// Each file once, in the order of their names; what was taken goes into the folder's "done".
Result<command_line::ExitCode> watch(const Context& context, const BadgesOptions& options) {
    const fs::path folder(options.file);
    std::error_code failed;
    fs::create_directories(folder / "done", failed);
    if (failed) return fail(ErrorCode::io, printable(options.file) + ": " + failed.message());
    auto worst = command_line::ExitCode::done;
    for (;;) {
        std::set<fs::path> files;
        for (const auto& entry : fs::directory_iterator(folder, failed)) {
            const auto name = entry.path().filename().string();
            if (entry.is_regular_file() && !name.starts_with('.') && !name.ends_with(".part"))
                files.insert(entry.path());
        }
        if (failed) return fail(ErrorCode::io, printable(options.file) + ": " + failed.message());
        for (const auto& file : files) {
            if (TRY(import_export(context, options, file.string())) != command_line::ExitCode::done)
                worst = command_line::ExitCode::warning;
            fs::rename(file, folder / "done" / file.filename(), failed);
            if (failed) return fail(ErrorCode::io, printable(file.string()) + ": " + failed.message());
        }
        if (options.once) return worst;
        std::this_thread::sleep_for(std::chrono::seconds(5));
    }
}

}  // namespace

void add_badges(command_line::Command& app, Context& context) {
    auto* badges = command_line::add_group(app, "badges", "Badge feeds: what the doors told");
    const auto options = std::make_shared<BadgesOptions>();
    const auto mapped = [options](command_line::Command* command, bool required) {
        auto* mapping = command->add_option(
            "--mapping", options->mapping,
            "How it is read: a file, or one of assay, onguard, ccure, genetec, brivo, salto");
        mapping->type_name("FILE")->required(required);
        command->add_option("--source", options->source,
                            "The feed's name, if it is another than the mapping's");
    };
    const auto complete = [options](command_line::Command* command) {
        command->add_option("--watermark", options->watermark,
                            "Every row up to this time is in it: 2026-03-02T14:00:00Z");
        command->add_option("--zones", options->zones,
                            "Zones that the feed covers; with them, the newest row is the watermark");
    };
    auto* import = command_line::add_command(
        *badges, "import",
        "Give the verifier an export, or a badges.json; again the same rows change nothing",
        "assay badges import today.csv --mapping onguard --zones site-1\n"
        "assay badges import badges.json   # docs/formats/accompaniment-case.md, badges.json",
        [&context, options] { return import_file(context, *options); });
    import->add_option("FILE", options->file, "The export")->required()->type_name("FILE");
    mapped(import, false);
    complete(import);
    auto* watched = command_line::add_command(
        *badges, "watch", "Import every file that appears in a folder, then move it to done/",
        "assay badges watch /srv/badges --mapping ccure --zones site-1 --once  # from a timer",
        [&context, options] { return watch(context, *options); });
    watched->add_option("FOLDER", options->file, "Files that end in .part are still being written")
        ->required()
        ->type_name("DIR");
    mapped(watched, true);
    complete(watched);
    watched->add_flag("--once", options->once, "Take what is there and end");
    auto* converted = command_line::add_command(
        *badges, "convert",
        "Show how an export is read: rows as JSON lines, rejections on standard error; nothing is sent",
        "assay badges convert today.csv --mapping my-doors.toml | head",
        [options] { return convert(*options); });
    converted->add_option("FILE", options->file, "The export")->required()->type_name("FILE");
    mapped(converted, true);
    add_badges_live(*badges, context);
}

}  // namespace assay::cli

#include "verifier/service/setup/operation/backup_manifest.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"

namespace assay::setup {
namespace {

constexpr std::string_view kFormat = "assay-backup";
constexpr std::int64_t kManifestVersion = 1;

}  // namespace

std::string encode_manifest(const BackupManifest& manifest) {
    auto files = Json::array();
    for (const auto& file : manifest.files)
        files.push_back({{"path", file.path}, {"size", file.size}, {"sha256", file.sha256}});
    Json database{{"engine", manifest.engine}, {"included", manifest.dump.empty()}};
    if (manifest.schema_version) database["schema_version"] = *manifest.schema_version;
    if (!manifest.dump.empty()) database["copied_by"] = manifest.dump;
    auto outside = Json::array(), folders = Json::array();
    for (const auto& each : manifest.outside) outside.push_back(each);
    for (const auto& each : manifest.folders) folders.push_back(each);
    const Json out{{"format", kFormat},       {"version", kManifestVersion}, {"made_at", manifest.made_at},
                   {"build", manifest.build}, {"state", manifest.state},     {"holds_private_keys", true},
                   {"database", database},    {"outside", outside},          {"folders", folders},
                   {"files", files}};
    return out.dump(1) + "\n";
}

Result<BackupManifest> manifest_from(std::string_view text) {
    JsonReader in(text, {.name = kManifestFile,
                         .limits = {.bytes = 16U << 20U, .depth = 8, .values = 8 * kMostEntries},
                         .open = true});
    BackupManifest out;
    in.word("format", {kFormat});
    const auto version = in.integer("version", 1);
    if (!in.failed() && version > kManifestVersion)
        return fail(
            ErrorCode::unsupported,
            fmt::format(
                "{}: expected version {} or older, got {}; use the version of Assay that made it, or a "
                "newer one",
                kManifestFile, kManifestVersion, version));
    out.made_at = in.text("made_at");
    out.build = in.text("build");
    out.state = in.text("state");
    in.need("database");
    in.object("database", [&](JsonReader& database) {
        out.engine = database.word("engine", {"sqlite", "postgresql"});
        const bool included = database.flag("included");
        out.schema_version = database.maybe_integer("schema_version", 0, 1'000'000);
        out.dump = database.text_or("copied_by", "", 4096);
        if (included != out.dump.empty())
            database.wrong("copied_by", "it where no database is included, and else none");
    });
    out.outside = in.texts_or_none("outside");
    out.folders = in.texts_or_none("folders", kMostEntries);
    in.need("files");
    in.each(
        "files",
        [&](JsonReader& file) {
            FileFact fact;
            fact.path = file.text("path");
            fact.size = file.count("size");
            fact.sha256 = file.hex_or_none("sha256", 32);
            if (!is_plain_path(fact.path)) file.wrong("path", "a path below the folder");
            if (fact.sha256.empty()) file.wrong("sha256", "64 hex digits");
            out.files.push_back(std::move(fact));
        },
        kMostEntries);
    TRY_VOID(in.finish());
    std::vector<std::string> paths = out.folders;
    for (const auto& file : out.files) paths.push_back(file.path);
    std::ranges::sort(paths);
    for (const auto& folder : out.folders) {
        if (!is_plain_path(folder))
            return fail(ErrorCode::malformed,
                        fmt::format("{}: folders: expected paths below the folder", kManifestFile));
    }
    if (std::ranges::adjacent_find(paths) != paths.end())
        return fail(ErrorCode::malformed,
                    fmt::format("{}: expected each path once, got one twice", kManifestFile));
    std::ranges::sort(out.folders);
    return out;
}

}  // namespace assay::setup

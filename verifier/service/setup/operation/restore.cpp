#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include <fmt/core.h>
#include <sys/stat.h>

#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/setup/audit.h"
#include "verifier/service/setup/operation/backup.h"
#include "verifier/service/store/engine/sqlite_copy.h"
#include "verifier/service/store/migrations.h"

namespace assay::setup {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kConfigFile = "verifier.toml";

Result<> is_as_listed(const FileFact& found, const FileFact& listed, const fs::path& file) {
    if (found == listed) return {};
    return fail(
        ErrorCode::refused,
        fmt::format(
            "{}: expected {} bytes with SHA-256 {} as the manifest says, got {} bytes with {}; the file "
            "was changed or damaged: restore another copy of this backup, or another backup",
            printable(file.string()), listed.size, listed.sha256, found.size, found.sha256));
}

/// Everything is there as listed, and nothing else.
Result<> verify(const fs::path& state, const BackupManifest& manifest) {
    const auto tree = TRY(tree_of(state));
    std::set<std::string> listed(manifest.folders.begin(), manifest.folders.end());
    for (const auto& file : manifest.files) listed.insert(file.path);
    for (const auto* found : {&tree.files, &tree.folders}) {
        for (const auto& path : *found) {
            if (!listed.contains(path))
                return fail(
                    ErrorCode::refused,
                    fmt::format(
                        "{}: expected only what the manifest lists, found this; somebody put it there: "
                        "look at it, and take it out",
                        printable((state / path).string())));
        }
    }
    const auto from = TRY(Beneath::open(state));
    for (const auto& file : manifest.files)
        TRY_VOID(is_as_listed(TRY(from.look(file.path)), file, state / file.path));
    return {};
}

/// What an older program would not be able to serve is not put in place.
Result<> is_for_this_version(const fs::path& state, const BackupManifest& manifest) {
    const auto has = [&](std::string_view path) {
        return std::ranges::find(manifest.files, path, &FileFact::path) != manifest.files.end();
    };
    if (!has(kConfigFile))
        return fail(ErrorCode::refused,
                    fmt::format("{}: expected {}, found none; this is no verifier's backup",
                                printable(state.string()), kConfigFile));
    if (has(kDatabaseFile) != manifest.dump.empty())
        return fail(
            ErrorCode::refused,
            fmt::format("{}: the manifest says that the database is {}in the backup, and it is not so",
                        printable(state.string()), manifest.dump.empty() ? "" : "not "));
    if (!manifest.dump.empty()) return {};
    const auto facts = TRY(store::look_at_sqlite(state / kDatabaseFile, store::SqliteUse::ours_alone, false));
    const auto known = static_cast<std::int64_t>(store::all_migrations().size());
    if (!facts.schema_version || *facts.schema_version > known)
        return fail(
            ErrorCode::unsupported,
            fmt::format(
                "{}: expected a database of schema version {} or older, got {}; use the version of Assay "
                "that made it ({}), or a newer one",
                printable((state / kDatabaseFile).string()), known,
                facts.schema_version ? std::to_string(*facts.schema_version) : "none",
                printable(manifest.build)));
    return {};
}

Result<> put(const fs::path& from_folder, const BackupManifest& manifest, const fs::path& to) {
    for (const auto& folder : manifest.folders) {
        if (::mkdir((to / folder).c_str(), 0700) != 0)
            return std::unexpected(error_of_errno(errno, "making " + printable((to / folder).string())));
    }
    const auto from = TRY(Beneath::open(from_folder));
    // The configuration last: without it no service starts on what is not whole yet.
    auto files = manifest.files;
    const auto config = std::ranges::find(files, kConfigFile, &FileFact::path);
    std::rotate(config, config + 1, files.end());
    for (const auto& file : files) {
        if (file.path == kConfigFile) TRY_VOID(flush_to_disk(to));
        TRY_VOID(is_as_listed(TRY(from.copy(file.path, to / file.path)), file, from_folder / file.path));
    }
    return flush_to_disk(to);
}

void print_restored(const BackupManifest& manifest, const fs::path& from, const StateFolder& state,
                    const std::string& reason) {
    const auto folder = printable(state.root.string());
    fmt::print("restored {} of {}, made by {}: {} files, each with the digest of the manifest\n", folder,
               printable(manifest.made_at), printable(manifest.build), manifest.files.size());
    for (const auto& each : manifest.outside)
        fmt::print("not in it, to be put back by hand: {}\n", printable(each));
    if (!manifest.dump.empty())
        fmt::print(
            "not in it: the database. Into the one that {}/verifier.toml names, made and empty:\n"
            "pg_restore --no-owner --dbname=... {}/database.pgdump\n",
            folder, printable(from.string()));
    if (reason.empty())
        fmt::print(
            "where hosts attested after the backup, say that it was set back on purpose, before it serves:\n"
            "assay-verifier audit restored --reason \"...\" --state {}\n",
            folder);
    fmt::print(
        "look at it, and serve it: assay-verifier check --state {0} && systemctl start assay-verifier\n",
        folder);
}

}  // namespace

Result<BackupManifest> restore_backup(const fs::path& from, const StateFolder& state) {
    constexpr std::size_t kManifestBytes = 16U << 20U;
    const auto file = from / kManifestFile;
    const auto text = TRY(inputs::read_file(file, kManifestBytes));
    const auto manifest = TRY(with_context(manifest_from(as_text(text)), printable(from.string())));
    const auto held = from / kBackupState;
    TRY_VOID(verify(held, manifest));
    TRY_VOID(is_for_this_version(held, manifest));
    std::error_code error;
    const bool was_there = fs::exists(state.root, error);
    TRY_VOID(make_private_folder(state.root));
    auto done = put(held, manifest, state.root);
    if (!done && was_there) {
        for (const auto& entry : fs::directory_iterator(state.root, error))
            fs::remove_all(entry.path(), error);
    } else if (!done) {
        fs::remove_all(state.root, error);
    }
    if (!done) return std::unexpected(done.error());
    return manifest;
}

Result<command_line::ExitCode> restore(const fs::path& from, const StateFolder& state,
                                       const std::string& reason, bool json, std::int64_t now) {
    if (!reason.empty()) TRY_VOID(check_reason(reason));
    const auto manifest = TRY(restore_backup(from, state));
    if (!reason.empty() && manifest.dump.empty()) TRY_VOID(audit_restored(state, reason, now));
    if (json)
        fmt::print("{}\n", Json({{"restored", state.root.string()},
                                 {"made_at", manifest.made_at},
                                 {"files", manifest.files.size()},
                                 {"database_included", manifest.dump.empty()}})
                               .dump(2));
    else
        print_restored(manifest, from, state, reason);
    return manifest.dump.empty() ? command_line::ExitCode::done : command_line::ExitCode::warning;
}

}  // namespace assay::setup

#include "verifier/service/setup/operation/backup.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/command_line/completion.h"
#include "evidence/base/cause.h"
#include "evidence/base/text.h"
#include "evidence/base/version.h"
#include "evidence/certificate/validity.h"
#include "files/output.h"
#include "verifier/service/store/engine/sqlite_copy.h"

namespace assay::setup {
namespace {

namespace fs = std::filesystem;

/// What is made beside its target under a name that nobody can foresee, and removed again where it stays
/// there.
class NewFolder {
  public:
    static Result<NewFolder> beside(const fs::path& target) {
        const auto parent = fs::absolute(target).parent_path();
        TRY_VOID(files::was_not_planted(parent));
        auto name = (parent / ("." + target.filename().string() + ".XXXXXX")).string();
        if (::mkdtemp(name.data()) == nullptr)
            return std::unexpected(error_of_errno(errno, "making a folder in " + printable(parent.string())));
        return NewFolder(fs::absolute(target), name);
    }
    NewFolder(NewFolder&& other) noexcept
        : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})) {}
    NewFolder& operator=(NewFolder&&) = delete;
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;
    ~NewFolder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }
    Result<> appear() {
        if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) != 0)
            return std::unexpected(error_of_errno(errno, "making " + printable(target_.string())));
        path_.clear();
        return {};
    }

  private:
    NewFolder(fs::path target, fs::path path) : target_(std::move(target)), path_(std::move(path)) {}
    fs::path target_, path_;
};

bool is_of_database(const std::string& path) {
    constexpr std::array<std::string_view, 4> kNames{"assay.db", "assay.db-wal", "assay.db-shm",
                                                     "assay.db-journal"};
    return std::ranges::find(kNames, path) != kNames.end();
}

bool lies_in(const fs::path& path, const fs::path& folder) {
    const auto steps = fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
    return !steps.empty() && *steps.begin() != "..";
}

// The administrator may keep a policy where the machine's configuration is.
std::vector<std::string> outside_of(const StateFolder& state, const Config& config) {
    std::vector<std::string> out;
    const auto look = [&](std::string_view key, const std::string& path) {
        if (!lies_in(state.root / path, state.root))
            out.push_back(fmt::format("{}: {}", key, printable(path)));
    };
    look("policy", config.policy);
    look("vendors", config.vendors);
    look("vendor_keys", config.vendor_keys);
    look("roots", config.tpm_roots);
    look("platform_roots", config.platform_roots);
    return out;
}

// Before the files: a bundle on disk that is newer than what the database remembers is loaded, an older one
// not.
Result<> add_database(const StateFolder& state, const fs::path& to, BackupManifest& manifest) {
    TRY_VOID(store::copy_sqlite(state.root / kDatabaseFile, to / kDatabaseFile));
    const auto facts = TRY(store::look_at_sqlite(to / kDatabaseFile, store::SqliteUse::ours_alone, true));
    const auto named = printable((state.root / kDatabaseFile).string());
    if (!facts.damage.empty())
        return fail(
            ErrorCode::internal,
            fmt::format(
                "{}: expected a sound database, SQLite found: {}; keep older backups, and restore one "
                "of them",
                named, facts.damage));
    if (!facts.schema_version)
        return fail(ErrorCode::malformed, named + ": expected a verifier's database, got another");
    manifest.schema_version = facts.schema_version;
    manifest.files.push_back(TRY(TRY(Beneath::open(to)).look(std::string(kDatabaseFile))));
    return {};
}

Result<> add_files(const StateFolder& state, const fs::path& to, BackupManifest& manifest) {
    const auto tree = TRY(tree_of(state.root));
    const auto from = TRY(Beneath::open(state.root));
    for (const auto& folder : tree.folders) {
        if (::mkdir((to / folder).c_str(), 0700) != 0)
            return std::unexpected(error_of_errno(errno, "making " + printable((to / folder).string())));
        manifest.folders.push_back(folder);
    }
    for (const auto& file : tree.files) {
        if (!is_of_database(file)) manifest.files.push_back(TRY(from.copy(file, to / file)));
    }
    return {};
}

void print_made(const BackupManifest& manifest, const fs::path& out) {
    fmt::print("made {}: {} files{}\n", printable(out.string()), manifest.files.size(),
               manifest.dump.empty() ? ", the database among them" : "");
    for (const auto& each : manifest.outside)
        fmt::print("not in it, since verifier.toml names it outside of the state folder: {}\n", each);
    if (!manifest.dump.empty())
        fmt::print("not in it: the database. Copy it as well, now:\n{}\n", manifest.dump);
    fmt::print(
        "it holds private keys (the CA's, the server's, and the one that signs results): whoever reads it "
        "can "
        "act as this verifier. Its files are its owner's alone (0600): keep it so\n");
}

}  // namespace

std::string dump_command(const std::string& connection, const fs::path& file) {
    auto shown = connection;
    const auto begin = shown.find("://") == std::string::npos ? 0 : shown.find("://") + 3;
    const auto at = shown.find('@', begin);
    const auto colon = shown.find(':', begin);
    if (at != std::string::npos && colon < at && at < shown.find('/', begin)) shown.erase(colon, at - colon);
    if (const auto query = shown.find('?'); query != std::string::npos) {
        std::string kept;
        for (std::size_t from = query + 1; from <= shown.size();) {
            const auto end = std::min(shown.find('&', from), shown.size());
            const auto parameter = shown.substr(from, end - from);
            if (!parameter.starts_with("password=")) kept += (kept.empty() ? "?" : "&") + parameter;
            from = end + 1;
        }
        shown.replace(query, std::string::npos, kept);
    }
    return fmt::format("pg_dump --format=custom --file={} {}", command_line::shell_quoted(file.string()),
                       command_line::shell_quoted(shown));
}

Result<BackupManifest> make_backup(const StateFolder& state, const fs::path& out, std::int64_t now) {
    const auto config = TRY(read_config(state));
    std::error_code error;
    if (fs::exists(fs::symlink_status(out, error)))
        return fail(ErrorCode::conflict,
                    fmt::format("--out {}: expected the name of a new folder, got one that is there; "
                                "give another",
                                printable(out.string())));
    if (lies_in(out, state.root))
        return fail(ErrorCode::usage,
                    fmt::format("--out {}: expected a folder outside of {}, got one in it; give another",
                                printable(out.string()), printable(state.root.string())));
    auto folder = TRY(NewFolder::beside(out));
    const auto to = folder.path() / kBackupState;
    if (::mkdir(to.c_str(), 0700) != 0)
        return std::unexpected(error_of_errno(errno, "making " + printable(to.string())));
    BackupManifest manifest;
    manifest.made_at = tcg::time_text(now);
    manifest.build = fmt::format("assay {}", kVersion);
    manifest.state = printable(fs::absolute(state.root).string());
    manifest.engine = config.database == "sqlite" ? "sqlite" : "postgresql";
    manifest.outside = outside_of(state, config);
    if (manifest.engine == "sqlite")
        TRY_VOID(add_database(state, to, manifest));
    else
        manifest.dump = dump_command(config.database, fs::absolute(out) / "database.pgdump");
    TRY_VOID(add_files(state, to, manifest));
    std::ranges::sort(manifest.files, {}, &FileFact::path);
    TRY_VOID(files::replace_file(folder.path() / kManifestFile, as_view(encode_manifest(manifest))));
    TRY_VOID(flush_to_disk(folder.path()));
    TRY_VOID(folder.appear());
    TRY_VOID(flush_to_disk(out));
    return manifest;
}

Result<command_line::ExitCode> backup(const StateFolder& state, const fs::path& out, bool json,
                                      std::int64_t now) {
    const auto manifest = TRY(make_backup(state, out, now));
    if (json)
        fmt::print("{}", encode_manifest(manifest));
    else
        print_made(manifest, out);
    return manifest.dump.empty() ? command_line::ExitCode::done : command_line::ExitCode::warning;
}

}  // namespace assay::setup

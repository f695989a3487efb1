#include "verifier/service/setup/operation/check.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/core.h>
#include <openssl/err.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "evidence/base/cause.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/tpm_roots.h"
#include "verifier/service/server/tls_context.h"
#include "verifier/service/setup/operation/beneath.h"
#include "verifier/service/setup/own_certificates.h"
#include "verifier/service/setup/vendor_data.h"
#include "verifier/service/shared/signer.h"
#include "verifier/service/store/acts/audit.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/engine/sqlite_copy.h"
#include "verifier/service/store/migrations.h"

namespace assay::setup {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<Checked>;

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::int64_t kSoon_s = 14 * kDay_s;

Checked failed(std::string what, std::string expected, const Error& error, std::string next) {
    return {Standing::failed, std::move(what), std::move(expected), printable(describe(error)),
            std::move(next)};
}

void check_policies(const StateFolder& state, const Config& config, Lines& out) {
    constexpr const char* kExpected = "policies that can be read, one of them for every host";
    const auto file = state.root / config.policy;
    const auto loaded = inputs::load_policies(file);
    if (!loaded)
        out.push_back(failed("policy", kExpected, loaded.error(),
                             fmt::format("mend it; 'assay policy check {}' says the same of a file",
                                         printable(file.string()))));
    else
        out.push_back({Standing::ok, "policy", kExpected, fmt::format("{}", loaded->all().size()), ""});
}

void check_roots(const StateFolder& state, const Config& config, std::int64_t now, Lines& out) {
    constexpr const char* kExpected = "roots of TPM makers, and revocation lists before their next update";
    const auto trust = inputs::load_tpm_trust(state.root / config.tpm_roots);
    if (!trust) {
        out.push_back(
            failed("TPM roots", kExpected, trust.error(), "take the file out of the folder, or get it anew"));
    } else {
        Checked line{
            Standing::ok, "TPM roots", kExpected,
            fmt::format("{} roots, {} lists", trust->roots().size(), trust->revocation_lists().size()), ""};
        if (trust->roots().empty())
            line = {Standing::warning, "TPM roots", kExpected, "no root: no EK certificate is believed",
                    "assay vendors import-roots FILE --into tpm-roots"};
        for (const auto& list : trust->revocation_lists()) {
            if (list.next_update() >= now) continue;
            line = {Standing::warning, "TPM roots", kExpected,
                    fmt::format("the list of {} was due at {}: its TPMs are refused",
                                printable(list.issuer()), utc_text(list.next_update())),
                    "fetch it, put it there, and reload"};
        }
        out.push_back(std::move(line));
    }
    constexpr const char* kPlatform = "certificates of makers of platforms, or none";
    const auto folder = state.root / config.platform_roots;
    std::error_code error;
    if (!fs::exists(folder, error)) {
        out.push_back({Standing::ok, "platform roots", kPlatform, "no folder", ""});
        return;
    }
    const auto platform = inputs::load_tpm_roots(folder);
    if (!platform)
        out.push_back(failed("platform roots", kPlatform, platform.error(),
                             "take the file out of the folder, or get it anew"));
    else
        out.push_back({Standing::ok, "platform roots", kPlatform, fmt::format("{}", platform->size()), ""});
}

void check_certificates(const StateFolder& state, std::int64_t now, Lines& out) {
    constexpr const char* kExpected = "good for 60 days and more";
    const auto certificates = own_certificates(state);
    if (!certificates) {
        out.push_back(failed("certificates", kExpected, certificates.error(), "restore it from a backup"));
        return;
    }
    for (const auto& each : *certificates) {
        const auto is = tcg::nearness(each.validity, now);
        Checked line{Standing::ok, "certificate " + each.what, kExpected,
                     tcg::validity_words(each.validity, now), ""};
        if (is != tcg::Nearness::far) {
            const bool over = is == tcg::Nearness::ended || is == tcg::Nearness::to_come;
            line.standing = over ? Standing::failed : Standing::warning;
            line.next = each.what == "ca" ? "assay-verifier certificates renew --ca"
                                          : "assay-verifier certificates renew";
            if (is == tcg::Nearness::to_come) line.next = "set this machine's clock";
        }
        out.push_back(std::move(line));
    }
}

// TlsContext compares the two: of any pair of certificate and key.
void check_pair(const std::string& what, const fs::path& certificate, const fs::path& key,
                const fs::path& authority, Lines& out) {
    const auto expected = fmt::format("a key that fits {}", printable(certificate.filename().string()));
    const auto loaded = server::TlsContext::load({certificate, key, authority});
    if (loaded)
        out.push_back({Standing::ok, what, expected, "it does", ""});
    else
        out.push_back(failed(what, expected, loaded.error(), "restore the pair from a backup"));
}

void check_keys(const StateFolder& state, Lines& out) {
    check_pair("key of the CA", state.ca_certificate(), state.ca_key(), state.ca_certificate(), out);
    constexpr const char* kExpected = "a P-256 key, which signs results";
    const auto pem = inputs::read_file(state.signing_key(), limits::kTextFile);
    const auto signer = pem ? api::Signer::from_pem(as_text(*pem)) : std::unexpected(pem.error());
    if (signer)
        out.push_back({Standing::ok, "signing key", kExpected, "its id is " + signer->key_id(), ""});
    else
        out.push_back(failed("signing key", kExpected, signer.error(), "restore signing.key from a backup"));
}

void check_vendor_data(const StateFolder& state, const Config& config, store::Store& store, std::int64_t now,
                       Lines& out) {
    constexpr const char* kExpected = "a bundle that is signed as configured, and good for 14 days and more";
    const auto loaded = load_vendor_data(state, config, store, now);
    if (!loaded) {
        out.push_back(failed("vendor data", kExpected, loaded.error(), "docs/howto/sign-vendor-data.md"));
        return;
    }
    const auto edition = loaded->edition().value_or(vendors::Edition{});
    Checked line{Standing::ok, "vendor data", kExpected,
                 fmt::format("version {}, expires {}", edition.version, utc_text(edition.expires)), ""};
    std::error_code error;
    if (fs::exists(state.example_vendor_key(), error)) {
        line.standing = Standing::warning;
        line.found += ", and the example key of 'init' may sign";
        line.next = "put real signers in its place: docs/howto/sign-vendor-data.md";
    }
    if (edition.expires - now < kSoon_s) {
        line.standing = Standing::warning;
        line.next = "sign and install the next edition, then reload";
    }
    out.push_back(std::move(line));
}

/// What is wrong with the schema's version, if anything is.
Checked schema_line(std::optional<std::int64_t> version) {
    const auto known = static_cast<std::int64_t>(store::all_migrations().size());
    Checked line{Standing::ok, "schema", fmt::format("version {}", known),
                 version ? fmt::format("version {}", *version) : "no version", ""};
    if (version == known) return line;
    line.standing = version && *version < known ? Standing::warning : Standing::failed;
    line.next = line.standing == Standing::warning ? "the next start brings it up: make a backup before"
                                                   : "use the version of Assay that made it, or a newer one";
    if (!version) line.next = "restore a backup";
    return line;
}

Result<std::optional<std::int64_t>> schema_of(const std::string& connection) {
    const auto database = TRY(store::Database::open(connection));
    return database->read([](soci::session& sql) -> std::optional<std::int64_t> {
        std::string version;
        if (!store::Query(sql, "SELECT value FROM meta WHERE key = 'schema_version'").one(version))
            return std::nullopt;
        return std::stoll(version);
    });
}

/// True where the store may be opened: nothing of it would be changed by that.
bool check_database(const StateFolder& state, const Config& config, bool whole, Lines& out) {
    constexpr const char* kSound = "what SQLite's integrity check finds sound";
    std::optional<std::int64_t> version;
    if (config.database == "sqlite") {
        const auto file = state.root / "assay.db";
        const auto facts = store::look_at_sqlite(file, store::SqliteUse::shared, whole);
        if (!facts || !facts->damage.empty()) {
            const Error damaged{ErrorCode::internal, facts ? facts->damage : facts.error().context, {}};
            out.push_back(failed("database", kSound, damaged,
                                 "stop the verifier, keep this file, and restore a backup"));
            return false;
        }
        if (whole) out.push_back({Standing::ok, "database", kSound, "ok", ""});
        version = facts->schema_version;
    } else {
        const auto found = schema_of(state.connection(config));
        if (!found) {
            out.push_back(failed("database", "PostgreSQL that answers", found.error(),
                                 "look at its log; verifier.toml: database"));
            return false;
        }
        out.push_back({Standing::ok, "database", "PostgreSQL that answers", "it does", ""});
        version = *found;
    }
    out.push_back(schema_line(version));
    return out.back().standing == Standing::ok;
}

void check_chain(store::Store& store, Lines& out) {
    constexpr const char* kExpected = "no row that contradicts the acts";
    const auto found = store::Audit(store).everything();
    if (!found)
        out.push_back(failed("chain", kExpected, found.error(), "assay-verifier audit verify"));
    else if (!found->empty())
        out.push_back(
            {Standing::failed, "chain", kExpected,
             fmt::format("{}, the first: {}", found->size(), printable(found->front().what)),
             "assay-verifier audit verify shows all of them; docs/formats/acts.md says what they mean"});
    else
        out.push_back({Standing::ok, "chain", kExpected, "none", ""});
}

void check_disk(const StateFolder& state, Lines& out) {
    constexpr std::uint64_t kEnough = 1024 * kMiB, kLeast = 64 * kMiB;
    struct statvfs info{};
    if (::statvfs(state.root.c_str(), &info) != 0) {
        out.push_back(
            failed("disk", "to be looked at", error_of_errno(errno, printable(state.root.string())), ""));
        return;
    }
    const auto free = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    Checked line{Standing::ok, "disk", fmt::format("{} MiB free", kEnough / kMiB),
                 fmt::format("{} MiB free", free / kMiB), ""};
    if (free < kEnough) {
        line.standing = free < kLeast ? Standing::failed : Standing::warning;
        line.next =
            "free some, or give the state folder a larger disk: docs/howto/operate-a-verifier.md#disk-full";
    }
    out.push_back(std::move(line));
}

void check_files(const StateFolder& state, Lines& out) {
    constexpr mode_t kOthers = 077;
    constexpr const char* kExpected = "the folder and its keys their owner's alone";
    const auto tree = tree_of(state.root);
    struct stat top{};
    if (!tree || ::stat(state.root.c_str(), &top) != 0) {
        const auto why = tree ? error_of_errno(errno, printable(state.root.string())) : tree.error();
        out.push_back(failed(
            "files", kExpected, why,
            "mend that; where this may not read it, run it as the service's user: sudo -u assay-verifier"));
        return;
    }
    Checked line{Standing::ok, "files", kExpected, fmt::format("{} files", tree->files.size()), ""};
    const auto tell = [&](Standing standing, const fs::path& path, std::string_view is, std::string next) {
        if (static_cast<int>(standing) <= static_cast<int>(line.standing)) return;
        line = {standing, "files", kExpected, printable(path.string()) + std::string(is), std::move(next)};
    };
    if ((top.st_mode & kOthers) != 0)
        tell(Standing::warning, state.root, " is open to others",
             "chmod 700 " + printable(state.root.string()));
    for (const auto& path : tree->files) {
        struct stat info{};
        const auto file = state.root / path;
        if (::lstat(file.c_str(), &info) != 0) continue;
        const auto named = printable(file.string());
        // A public file may be another's, as `sudo install -m 644` leaves it; one that its owner cannot read
        // may not.
        if (info.st_uid != top.st_uid && (info.st_mode & S_IROTH) == 0)
            tell(Standing::failed, file,
                 fmt::format(" is of user {}, the folder of user {}", info.st_uid, top.st_uid),
                 fmt::format("chown {}:{} {}", top.st_uid, top.st_gid, named));
        const bool secret = path.ends_with(".key") || path.starts_with("assay.db") || path == "verifier.toml";
        if (secret && (info.st_mode & kOthers) != 0)
            tell(Standing::warning, file, fmt::format(" has mode {:o}", info.st_mode & 0777U),
                 "chmod 600 " + named);
    }
    out.push_back(std::move(line));
}

}  // namespace

std::string_view to_string(Standing standing) {
    switch (standing) {
        case Standing::ok:
            return "ok";
        case Standing::warning:
            return "warning";
        case Standing::failed:
            return "failed";
    }
    return "failed";
}

Result<std::vector<Checked>> check_state(const CheckOptions& options, std::int64_t now) {
    const auto& state = options.state;
    const auto config = TRY(read_config(state));
    Lines out;
    check_policies(state, config, out);
    check_roots(state, config, now, out);
    check_certificates(state, now, out);
    check_pair("key of the server", state.server_certificate(), state.server_key(), state.ca_certificate(),
               out);
    const bool whole = !options.reload;
    if (whole) check_keys(state, out);
    if (check_database(state, config, whole, out)) {
        const auto store = store::Store::open(state.connection(config));
        if (!store) {
            out.push_back(failed("database", "one that can be opened", store.error(), ""));
        } else {
            check_vendor_data(state, config, **store, now, out);
            if (whole) check_chain(**store, out);
        }
    } else {
        out.push_back({Standing::failed, "vendor data", "to be judged by what was loaded before",
                       "not looked at, as the database cannot be opened", "see there"});
    }
    if (whole) check_disk(state, out);
    if (whole) check_files(state, out);
    return out;
}

Result<command_line::ExitCode> check(const CheckOptions& options, bool json, std::int64_t now) {
    const auto lines = TRY(check_state(options, now));
    auto rows = Json::array();
    auto worst = Standing::ok;
    for (const auto& line : lines) {
        worst = std::max(worst, line.standing);
        rows.push_back({{"standing", to_string(line.standing)},
                        {"what", line.what},
                        {"expected", line.expected},
                        {"found", line.found},
                        {"next", line.next}});
        if (!json)
            fmt::print("{:<7} {}: expected {}, found {}{}\n", to_string(line.standing), line.what,
                       line.expected, line.found, line.next.empty() ? "" : "; next: " + line.next);
    }
    if (json) fmt::print("{}\n", Json{{"standing", to_string(worst)}, {"checks", rows}}.dump(2));
    if (worst == Standing::failed) return command_line::ExitCode::not_processed;
    return worst == Standing::ok || options.reload ? command_line::ExitCode::done
                                                   : command_line::ExitCode::warning;
}

}  // namespace assay::setup

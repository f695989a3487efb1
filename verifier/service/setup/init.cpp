#include "verifier/service/setup/init.h"

#include <array>
#include <system_error>

#include <fmt/core.h>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "files/output.h"
#include "verifier/service/api/http.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/inputs/tpm_roots.h"
#include "verifier/service/inputs/vendor_files.h"
#include "verifier/service/setup/authority.h"
#include "verifier/service/setup/local_hand.h"
#include "verifier/service/setup/server_url.h"
#include "verifier/service/setup/state_folder.h"
#include "verifier/service/setup/vendor_data.h"
#include "verifier/service/store/operators.h"

#ifndef ASSAY_DATA_DIR
#define ASSAY_DATA_DIR "/usr/local/share/assay"
#endif

namespace assay::setup {
namespace {

namespace fs = std::filesystem;

struct EmbeddedPolicy {
    std::string_view name;
    std::string_view text;
};
#define POLICY(name, text) EmbeddedPolicy{name, text},
constexpr std::array kPolicies{
#include "policies.inc"
};
#undef POLICY

Result<> write_private(const fs::path& file, std::string_view text) {
    return files::replace_file(file, as_view(text));
}

Result<> copy_folder(const fs::path& from, const fs::path& to) {
    std::error_code error;
    if (!fs::is_directory(from, error)) {
        return fail(ErrorCode::usage, fmt::format("{} is not a folder", printable(from.string())));
    }
    fs::copy(from, to, fs::copy_options::recursive, error);
    if (error) {
        return fail(ErrorCode::io, fmt::format("copying {} to {}: {}", printable(from.string()),
                                               printable(to.string()), error.message()));
    }
    return {};
}

Result<> put_policies(const fs::path& from, const fs::path& to) {
    TRY_VOID(make_private_folder(to));
    for (const auto& [name, text] : TRY(inputs::read_policies(from)))
        TRY_VOID(write_private(to / name, text));
    return {};
}

Result<> put_policy(const InitOptions& options) {
    const auto target = options.state.root / options.config.policy;
    if (options.policy) {
        // As `serve` will load it: a policy for some hosts alone is none for the others.
        TRY_VOID(
            with_context(inputs::load_policies(*options.policy),
                         fmt::format("--policy {} (a folder may hold several, one of them for every host)",
                                     printable(options.policy->string()))));
        std::error_code error;
        if (fs::is_directory(*options.policy, error)) return put_policies(*options.policy, target);
        return files::replace_file(target, TRY(inputs::read_file(*options.policy, limits::kTextFile)));
    }
    const auto& embedded = kPolicies.front();
    TRY_VOID(judge::Policy::from_toml("default policy", embedded.text));
    return write_private(target, embedded.text);
}

Result<> put_vendors(const InitOptions& options, std::int64_t now) {
    const fs::path from = options.vendors.value_or(fs::path(ASSAY_DATA_DIR) / "vendor-db");
    return with_context(
        make_example_bundle(options.state, options.config, TRY(inputs::read_vendor_sources(from)), now),
        "vendor data (--vendor-db names its folder)");
}

Result<> put_tpm_roots(const InitOptions& options) {
    const auto to = options.state.root / options.config.tpm_roots;
    const fs::path installed = fs::path(ASSAY_DATA_DIR) / "tpm-roots";
    std::error_code error;
    if (!options.tpm_roots && !fs::is_directory(installed, error)) return make_private_folder(to);
    const auto from = options.tpm_roots.value_or(installed);
    TRY_VOID(with_context(inputs::load_tpm_trust(from), "TPM roots"));
    return copy_folder(from, to);
}

constexpr std::size_t kName = 64;  // bytes: RFC 5280, ub-common-name

/// Of an option of `operator add`: `needed` by the role, and text that can be shown.
Result<> given(std::string_view option, const std::string& text, bool needed, std::string_view role,
               std::string_view remedy) {
    if (text.size() > kName || printable(text) != text)
        return fail(ErrorCode::usage, fmt::format("{}: expected at most {} printable characters, got \"{}\"",
                                                  option, kName, printable(shortened(text, kName))));
    if (needed && text.empty())
        return fail(ErrorCode::usage,
                    fmt::format("{}: expected one for the role '{}', got none; {}", option, role, remedy));
    return {};
}

Result<> complete(const NewOperator& who) {
    const auto role = TRY(api::role_from_name(who.role));
    TRY_VOID(given("name", who.name, true, who.role, "give the operator's name"));
    TRY_VOID(given("--person", who.person, api::needs_person(role), who.role,
                   "give the id under which the directory has who keeps the key"));
    TRY_VOID(given("--feed", who.feed, api::is_feed(role), who.role,
                   "give the issuer of its orders, or the source of its rows"));
    if (!api::is_feed(role) && !who.feed.empty())
        return fail(ErrorCode::usage,
                    fmt::format("--feed: expected none for the role '{}', got '{}'; only order-feed and "
                                "badge-feed speak for one",
                                who.role, who.feed));
    return {};
}

Result<> issue(const StateFolder& state, store::Store& store, const NewOperator& who, const fs::path& folder,
               const std::string& server, std::int64_t now) {
    const auto ca_certificate = TRY(inputs::read_file(state.ca_certificate(), limits::kTextFile));
    const auto ca_key = TRY(inputs::read_file(state.ca_key(), limits::kTextFile));
    const Credentials authority{std::string(as_text(ca_certificate)), std::string(as_text(ca_key))};
    const auto credentials = TRY(issue_operator(authority, who.name, now));
    TRY_VOID(make_private_folder(folder));
    TRY_VOID(write_private(folder / "operator.key", credentials.key));
    TRY_VOID(write_private(folder / "operator.pem", credentials.certificate));
    TRY_VOID(write_private(folder / "ca.pem", authority.certificate));
    TRY_VOID(write_private(folder / "config.toml",
                           fmt::format("# For `assay --config`. Paths are relative to this folder.\n"
                                       "server = \"{}\"\n"
                                       "ca = \"ca.pem\"\n"
                                       "cert = \"operator.pem\"\n"
                                       "key = \"operator.key\"\n",
                                       server)));
    const auto digest = TRY(certificate_sha256(credentials.certificate));
    return store::Operators(store).add({digest, who.name, who.role, now, 0, who.person, who.feed},
                                       local_hand());
}

Result<> fill(const InitOptions& options, std::int64_t now) {
    const auto& state = options.state;
    TRY_VOID(put_policy(options));
    TRY_VOID(put_vendors(options, now));
    TRY_VOID(put_tpm_roots(options));
    TRY_VOID(make_private_folder(state.root / options.config.platform_roots));
    const auto authority =
        TRY(make_authority("Assay verifier CA of " + options.names.front().substr(0, 32), now));
    const auto server = TRY(issue_server(authority, options.names, now));
    TRY_VOID(make_private_folder(state.ca_certificate().parent_path()));
    TRY_VOID(write_private(state.ca_key(), authority.key));
    TRY_VOID(write_private(state.ca_certificate(), authority.certificate));
    TRY_VOID(write_private(state.server_key(), server.key));
    TRY_VOID(write_private(state.server_certificate(), server.certificate));
    TRY_VOID(write_private(state.signing_key(), TRY(make_signing_key())));
    TRY_VOID(write_private(state.config(), encode_config(options.config)));
    const auto url = TRY(server_url(state, options.config));
    const auto store = TRY(store::Store::open(state.connection(options.config)));
    // Who set the verifier up has no directory yet: the one operator of this role without a person.
    return issue(state, *store, {.name = "admin", .role = "admin"}, state.operator_folder(), url, now);
}

}  // namespace

Result<> init(const InitOptions& options, std::int64_t now) {
    if (options.names.empty())
        return fail(
            ErrorCode::usage,
            "--name: expected at least one name of the server, got none; give the one that clients use");
    const auto& root = options.state.root;
    std::error_code error;
    const bool was_there = fs::exists(root, error);
    TRY_VOID(make_private_folder(root));
    auto done = fill(options, now);
    if (!done && was_there) {
        for (const auto& entry : fs::directory_iterator(root, error)) fs::remove_all(entry.path(), error);
    } else if (!done) {
        fs::remove_all(root, error);
    }
    return done;
}

Result<> add_operator(const StateFolder& state, const Config& config, const NewOperator& who,
                      const std::filesystem::path& folder, const std::string& server, std::int64_t now) {
    TRY_VOID(complete(who));
    const auto store = TRY(store::Store::open(state.connection(config)));
    for (const auto& other : TRY(store::Operators(*store).list())) {
        if (other.name == who.name && !other.person.empty() && other.person != who.person)
            return fail(
                ErrorCode::conflict,
                fmt::format("name: expected one that is nobody else's, got '{}', under which '{}' acts "
                            "already; give another name",
                            who.name, printable(other.person)));
    }
    return issue(state, *store, who, folder, server, now);
}

}  // namespace assay::setup

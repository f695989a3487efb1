#include "verifier/service/setup/own_certificates.h"

#include <algorithm>
#include <cerrno>
#include <span>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/base/cause.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/ek_certificate.h"
#include "evidence/certificate/pem.h"
#include "files/output.h"
#include "verifier/service/inputs/inputs.h"
#include "verifier/service/setup/authority.h"
#include "verifier/service/setup/local_hand.h"
#include "verifier/service/store/operators.h"

namespace assay::setup {
namespace {

namespace fs = std::filesystem;

fs::path operator_certificate(const StateFolder& state) {
    return state.operator_folder() / "operator.pem";
}

Result<std::string> text_file(const fs::path& file) {
    const auto bytes = TRY(inputs::read_file(file, limits::kTextFile));
    return std::string(as_text(bytes));
}

Result<OwnCertificate> looked_at(std::string what, const fs::path& file) {
    const auto name = printable(file.string());
    const auto bytes = TRY(inputs::read_file(file, limits::kTextFile));
    const auto blocks = TRY(with_context(tcg::pem_or_der(bytes, "CERTIFICATE"), name));
    OwnCertificate out{std::move(what), file, {}, {}, {}, {}};
    const bool whole = out.what == "server";
    for (const auto& block : std::span(blocks).first(whole ? blocks.size() : 1)) {
        const auto certificate = TRY(with_context(tcg::Certificate::parse(block), name));
        const tcg::Validity its{certificate.not_before(), certificate.not_after()};
        if (out.sha256.empty()) {
            out.subject = printable(certificate.subject());
            out.issuer = printable(certificate.issuer());
            out.sha256 = certificate.sha256().hex();
            out.validity = its;
        }
        out.validity.not_before = std::max(out.validity.not_before, its.not_before);
        out.validity.not_after = std::min(out.validity.not_after, its.not_after);
    }
    return out;
}

// Files that another user's service could no longer read would be worse than certificates that end.
Result<> is_its_owner(const StateFolder& state) {
    struct stat info{};
    const auto folder = printable(state.root.string());
    if (::stat(state.root.c_str(), &info) != 0) return std::unexpected(error_of_errno(errno, folder));
    if (info.st_uid == ::geteuid()) return {};
    return fail(
        ErrorCode::refused,
        fmt::format("{} belongs to the user {}: run this as that user (sudo -u '#{}' ...), so that the "
                    "service can read what is written",
                    folder, info.st_uid, info.st_uid));
}

Result<> put(const fs::path& file, std::string_view certificate) {
    return files::replace_file(file, as_view(certificate), {.mode = kPrivate});
}

Result<Renewed> renew_the_authority(const StateFolder& state, const Credentials& authority,
                                    std::int64_t now) {
    const auto before = TRY(looked_at("ca", state.ca_certificate()));
    const auto renewed = TRY(renew_authority(authority, now));
    TRY_VOID(put(state.ca_certificate(), renewed));
    const auto copy = state.operator_folder() / "ca.pem";
    const auto there = text_file(copy);
    if (there && *there == authority.certificate) TRY_VOID(put(copy, renewed));
    const auto after = TRY(looked_at("ca", state.ca_certificate()));
    return Renewed{"ca", state.ca_certificate(), before.validity, after.validity, ""};
}

Result<Renewed> renew_the_server(const RenewOptions& options, const Credentials& authority,
                                 std::int64_t now) {
    const auto file = options.state.server_certificate();
    const auto before = TRY(looked_at("server", file));
    Renewed out{"server", file, before.validity, before.validity, ""};
    const auto pem = TRY(text_file(file));
    auto names = options.names.empty() ? TRY(server_names(pem)) : options.names;
    const auto renewed = renew_server(authority, pem, names, now);
    if (!renewed && renewed.error().code == ErrorCode::conflict && options.names.empty()) {
        out.left_alone = renewed.error().context;
        return out;
    }
    if (!renewed) return std::unexpected(renewed.error());
    TRY_VOID(put(file, *renewed));
    out.after = TRY(looked_at("server", file)).validity;
    return out;
}

Result<Renewed> renew_an_operator(store::Store& store, const Credentials& authority, const fs::path& file,
                                  std::int64_t now) {
    const auto shown = printable(file.string());
    const auto before = TRY(looked_at("operator", file));
    const auto who = store::Operators(store).find(before.sha256);
    if (!who && who.error().code == ErrorCode::not_found)
        return fail(
            ErrorCode::not_found,
            fmt::format(
                "{}: no operator of this verifier has this certificate; 'assay-verifier operator add' "
                "makes one",
                shown));
    if (!who) return std::unexpected(who.error());
    if (who->revoked_at != 0)
        return fail(ErrorCode::refused,
                    fmt::format("{}: it was revoked at {}; 'assay-verifier operator add' makes another",
                                shown, utc_text(who->revoked_at)));
    const auto renewed = TRY(renew_operator(authority, TRY(text_file(file)), who->name, now));
    // The store first: where this ends in between, the one of before is still good.
    const auto sha256 = TRY(certificate_sha256(renewed));
    TRY_VOID(store::Operators(store).add({sha256, who->name, who->role, now, 0, who->person, who->feed},
                                         local_hand()));
    TRY_VOID(put(file, renewed));
    const auto after = TRY(looked_at("operator", file)).validity;
    return Renewed{"operator " + who->name, file, before.validity, after, ""};
}

// What nobody named and is not ours, or no operator's any more, does not keep the others from being renewed.
bool is_left_alone(const Error& error) {
    return error.code == ErrorCode::conflict || error.code == ErrorCode::not_found ||
           error.code == ErrorCode::refused;
}

}  // namespace

Result<std::vector<OwnCertificate>> own_certificates(const StateFolder& state) {
    std::vector<OwnCertificate> out;
    out.push_back(TRY(looked_at("ca", state.ca_certificate())));
    out.push_back(TRY(looked_at("server", state.server_certificate())));
    std::error_code error;
    if (fs::exists(operator_certificate(state), error))
        out.push_back(TRY(looked_at("operator", operator_certificate(state))));
    return out;
}

Result<> check_own_certificates(const std::vector<OwnCertificate>& certificates, std::int64_t now) {
    for (const auto& each : certificates) {
        if (each.what == "operator") continue;  // others can still connect
        const auto is = tcg::nearness(each.validity, now);
        if (is != tcg::Nearness::ended && is != tcg::Nearness::to_come) continue;
        const auto cause =
            is == tcg::Nearness::ended ? Cause::certificate_own_ended : Cause::certificate_own_to_come;
        const auto detail = fmt::format("the {}'s, {}, {}; this machine's clock says {}", each.what,
                                        each.subject, tcg::validity_words(each.validity, now), utc_text(now));
        return std::unexpected(error_of(cause, printable(each.file.string()), detail));
    }
    return {};
}

Result<std::vector<Renewed>> renew_certificates(const RenewOptions& options, std::int64_t now) {
    const auto& state = options.state;
    if (options.ca && (!options.names.empty() || !options.files.empty()))
        return fail(ErrorCode::usage,
                    "--ca renews the authority's certificate alone: give neither names nor files");
    if (!options.files.empty() && !options.names.empty())
        return fail(ErrorCode::usage, "--name is for the server's certificate: give no files with it");
    const auto config = TRY(read_config(state));
    TRY_VOID(is_its_owner(state));
    Credentials authority;
    authority.certificate = TRY(text_file(state.ca_certificate()));
    authority.key = TRY(text_file(state.ca_key()));
    std::vector<Renewed> out;
    if (options.ca) {
        out.push_back(TRY(renew_the_authority(state, authority, now)));
        return out;
    }
    auto files = options.files;
    if (files.empty()) {
        out.push_back(TRY(renew_the_server(options, authority, now)));
        std::error_code error;
        if (options.names.empty() && fs::exists(operator_certificate(state), error))
            files.push_back(operator_certificate(state));
    }
    if (files.empty()) return out;
    const auto store = TRY(store::Store::open(state.connection(config)));
    for (const auto& file : files) {
        auto renewed = renew_an_operator(*store, authority, file, now);
        const bool by_itself = options.files.empty();
        if (!renewed && by_itself && is_left_alone(renewed.error())) {
            const auto before = TRY(looked_at("operator", file)).validity;
            renewed = Renewed{"operator", file, before, before, renewed.error().context};
        }
        out.push_back(TRY(std::move(renewed)));
    }
    return out;
}

}  // namespace assay::setup

#include "cli/hosts/activation.h"

#include <utility>

#include <fmt/core.h>

#include "client/signing/jwk.h"
#include "evidence/base/text.h"
#include "evidence/codec/jws.h"

namespace assay::cli {
namespace {

using Standing = judge::ShownActivation::Standing;

/// A PEM file has one key and no id, so a signature that is not of it may be another verifier's.
bool is_pem(std::string_view keys) {
    return keys.find("-----BEGIN") != std::string_view::npos;
}

/// The file is one of keys, whatever key is asked for.
Result<> check_keys(std::string_view keys) {
    const auto none = client::public_key_of(keys, "");
    if (!none && none.error().code != ErrorCode::not_found)
        return fail(none.error().code, "--keys: " + none.error().context);
    return {};
}

judge::ShownActivation as(judge::ShownActivation shown, Standing standing, std::string reason) {
    shown.standing = standing;
    shown.reason = std::move(reason);
    return shown;
}

}  // namespace

Result<judge::ShownActivation> verify_activation(const std::optional<std::string>& token,
                                                 std::string_view keys) {
    TRY_VOID(check_keys(keys));
    judge::ShownActivation shown;
    shown.keys = sha256(as_view(keys));
    if (!token) return shown;
    shown.token = sha256(as_view(*token));
    auto parsed = parse_jws(*token);
    if (!parsed) return as(std::move(shown), Standing::unreadable, describe(parsed.error()));
    shown.key_id = parsed->key_id;
    const auto key = client::public_key_of(keys, shown.key_id);
    if (!key) {
        auto reason =
            key.error().code == ErrorCode::not_found
                ? fmt::format("one of key {}, which is not among those given", printable(shown.key_id))
                : describe(key.error());
        return as(std::move(shown), Standing::unknown_key, std::move(reason));
    }
    const auto payload = verified_payload(*std::move(parsed), *key);
    if (!payload) {
        const auto names = fmt::format("one that names key {}", printable(shown.key_id));
        return is_pem(keys)
                   ? as(std::move(shown), Standing::unknown_key,
                        names + " and that the key given did not sign: another verifier's, or altered")
                   : as(std::move(shown), Standing::altered,
                        names + " and that this key did not sign: it was altered");
    }
    auto statement = activation_of(as_text(*payload));
    if (!statement) return as(std::move(shown), Standing::unreadable, describe(statement.error()));
    shown.standing = Standing::authentic;
    shown.statement = *std::move(statement);
    return shown;
}

}  // namespace assay::cli

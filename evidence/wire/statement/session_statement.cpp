#include "evidence/wire/statement/session_statement.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/digest.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay {
namespace {

using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using Context = CHandle<EVP_MD_CTX, EVP_MD_CTX_free>;

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    std::size_t size = 0;
    return EVP_PKEY_get_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
           std::string_view(group.data(), size) == "prime256v1";
}

}  // namespace

Result<std::string> session_statement_text(const SessionStatement& statement) {
    std::string out = "assay-session-v1\n";
    const auto at = std::to_string(statement.at);
    const std::array<std::pair<std::string_view, std::string_view>, 9> lines{
        {{"action", statement.action},
         {"role", statement.role},
         {"session", statement.session},
         {"host", statement.host},
         {"order", statement.order},
         {"order-version", statement.order_digest},
         {"nonce", statement.nonce},
         {"device", statement.device},
         {"at", at}}};
    for (const auto& [name, value] : lines) {
        const bool odd =
            std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
        if (odd || value.size() > limits::kText || !is_utf8(value))
            return fail(ErrorCode::malformed,
                        fmt::format("{}: expected a text without control characters", name));
        out += fmt::format("{}: {}\n", name, value);
    }
    return out;
}

Result<SessionStatement> parse_session_statement(std::string_view text) {
    SessionStatement out;
    std::string at;
    const std::array<std::pair<std::string_view, std::string*>, 9> lines{
        {{"action: ", &out.action},
         {"role: ", &out.role},
         {"session: ", &out.session},
         {"host: ", &out.host},
         {"order: ", &out.order},
         {"order-version: ", &out.order_digest},
         {"nonce: ", &out.nonce},
         {"device: ", &out.device},
         {"at: ", &at}}};
    auto rest = text;
    const auto take = [&](std::string_view name) -> Result<std::string_view> {
        const auto end = rest.find('\n');
        if (!rest.starts_with(name) || end == std::string_view::npos || end < name.size())
            return fail(ErrorCode::malformed, fmt::format("session statement: no line \"{}...\"", name),
                        text.size() - rest.size());
        const auto value = rest.substr(name.size(), end - name.size());
        rest.remove_prefix(end + 1);
        return value;
    };
    if (!TRY(take("assay-session-v1")).empty())
        return fail(ErrorCode::unsupported, "session statement: of another version");
    for (const auto& [name, value] : lines) *value = TRY(take(name));
    const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), out.at);
    // One statement has one text: signs, zeros in front and what stands behind would be others.
    if (error != std::errc() || end != at.data() + at.size() || TRY(session_statement_text(out)) != text)
        return fail(ErrorCode::malformed, "session statement: not in its canonical form");
    return out;
}

std::string public_key_id(ByteView subject_public_key_info) {
    return sha256(subject_public_key_info).hex();
}

Result<bool> session_signature_verifies(ByteView subject_public_key_info, std::string_view text,
                                        ByteView signature) {
    const auto* at = as_uchar(subject_public_key_info);
    const auto* const end = at + subject_public_key_info.size();
    const Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(subject_public_key_info.size())));
    if (!key || at != end)
        return fail(ErrorCode::malformed, "public key: expected a SubjectPublicKeyInfo in DER");
    const bool ed25519 = EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519;
    if (!ed25519 && !is_p256(key.get()))
        return fail(ErrorCode::unsupported, "public key: expected an Ed25519 or P-256 key");
    const Context context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit_ex(context.get(), nullptr, ed25519 ? nullptr : "SHA256", nullptr,
                                            nullptr, key.get(), nullptr) != 1) {
        return fail(ErrorCode::crypto, "public key: OpenSSL cannot verify with it");
    }
    const auto bytes = as_view(text);
    return EVP_DigestVerify(context.get(), as_uchar(signature), signature.size(), as_uchar(bytes),
                            bytes.size()) == 1;
}

}  // namespace assay

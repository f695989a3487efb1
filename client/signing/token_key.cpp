#include "client/signing/token_key.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ui.h>

#include "client/signing/p11_kit.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/digest.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "files/secret.h"

namespace assay::client {
namespace {

using Uri = CHandle<P11KitUri, [](P11KitUri* uri) { p11_kit().uri_free(uri); }>;
using Modules = CHandle<CK_FUNCTION_LIST*,
                        [](CK_FUNCTION_LIST** modules) { p11_kit().modules_finalize_and_release(modules); }>;
using Prompt = CHandle<UI, UI_free>;
using EcdsaSignature = CHandle<ECDSA_SIG, ECDSA_SIG_free>;

// PKCS#11 3.0, which p11-kit's header of Debian 12 does not have.
constexpr CK_KEY_TYPE kEdwards = 0x40;
constexpr CK_MECHANISM_TYPE kEddsa = 0x1057;

constexpr std::size_t kSlots = 256;
constexpr std::size_t kAttribute = 4096;  // bytes
constexpr std::size_t kPin = 256;
constexpr std::size_t kP256Point = 65, kEd25519Point = 32, kHalf = 32;

// What stands before the point in a SubjectPublicKeyInfo (RFC 5480, RFC 8410).
constexpr std::string_view kP256Before = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
constexpr std::string_view kEd25519Before = "302a300506032b6570032100";
constexpr std::string_view kP256Parameters = "06082a8648ce3d030107";

std::unexpected<Error> failed(CK_RV code, std::string_view what) {
    const bool pin = code == CKR_PIN_INCORRECT || code == CKR_PIN_LOCKED || code == CKR_PIN_LEN_RANGE ||
                     code == CKR_PIN_INVALID;
    return fail(pin ? ErrorCode::refused : ErrorCode::io,
                fmt::format("token: {}: {}", what, p11_kit().strerror(code)));
}

struct Session {
    CK_FUNCTION_LIST* module = nullptr;
    CK_SESSION_HANDLE handle = 0;

    [[nodiscard]] std::optional<Bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
        CK_ATTRIBUTE wanted{type, nullptr, 0};
        if (module->C_GetAttributeValue(handle, object, &wanted, 1) != CKR_OK ||
            wanted.ulValueLen > kAttribute)
            return std::nullopt;
        Bytes out(wanted.ulValueLen);
        wanted.pValue = out.data();
        if (module->C_GetAttributeValue(handle, object, &wanted, 1) != CKR_OK) return std::nullopt;
        return out;
    }
    // Two are as many as anybody asks about.
    [[nodiscard]] Result<std::vector<CK_OBJECT_HANDLE>> find(std::vector<CK_ATTRIBUTE> wanted) const {
        if (const auto code = module->C_FindObjectsInit(handle, wanted.data(), wanted.size()); code != CKR_OK)
            return failed(code, "looking for the key");
        std::vector<CK_OBJECT_HANDLE> out(2);
        CK_ULONG count = 0;
        const auto code = module->C_FindObjects(handle, out.data(), out.size(), &count);
        module->C_FindObjectsFinal(handle);
        if (code != CKR_OK) return failed(code, "looking for the key");
        out.resize(std::min<std::size_t>(count, out.size()));
        return out;
    }
};

struct Place {
    CK_FUNCTION_LIST* module = nullptr;
    CK_SLOT_ID slot = 0;
    CK_TOKEN_INFO token{};
};

// The one token that the URI means.
Result<Place> place_of(P11KitUri* uri, CK_FUNCTION_LIST** modules) {
    std::vector<Place> found;
    for (auto** module = modules; *module != nullptr; ++module) {
        CK_INFO info{};
        std::array<CK_SLOT_ID, kSlots> slots{};
        CK_ULONG count = slots.size();
        if ((*module)->C_GetInfo(&info) != CKR_OK || p11_kit().uri_match_module_info(uri, &info) == 0 ||
            (*module)->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK)
            continue;
        for (std::size_t i = 0; i < count; ++i) {
            Place place{*module, slots.at(i), {}};
            if ((*module)->C_GetTokenInfo(place.slot, &place.token) == CKR_OK &&
                p11_kit().uri_match_token_info(uri, &place.token) != 0)
                found.push_back(place);
        }
    }
    if (found.empty())
        return fail(ErrorCode::not_found,
                    "token: none of this name is there; 'p11tool --list-tokens' shows those that are");
    if (found.size() > 1)
        return fail(ErrorCode::conflict, "token: more than one is meant: name it with token= or serial=");
    return found.front();
}

// RFC 7512, 2.4: a file's name or a file URI; what a program would be asked is not run.
Result<std::string> pin_in(std::string_view source) {
    constexpr std::string_view kFile = "file:";
    if (source.starts_with('|'))
        return fail(ErrorCode::unsupported,
                    "token: pin-source: expected a file, got a command; nothing is run");
    if (source.starts_with(kFile)) source.remove_prefix(kFile.size());
    if (source.starts_with("//")) source.remove_prefix(2);
    return with_context(files::read_secret(source), "token: pin-source");
}

Result<std::string> pin_of(P11KitUri* uri) {
    if (const auto* given = p11_kit().uri_get_pin_value(uri)) return std::string(given);
    if (const auto* source = p11_kit().uri_get_pin_source(uri)) return pin_in(source);
    const Prompt prompt(UI_new_method(UI_OpenSSL()));
    std::array<char, kPin> pin{};
    if (!prompt || UI_add_input_string(prompt.get(), "PIN of the token: ", 0, pin.data(), 1, kPin - 1) <= 0 ||
        UI_process(prompt.get()) != 0)
        return fail(ErrorCode::refused, "token: no PIN was given");
    std::string out(pin.data());
    OPENSSL_cleanse(pin.data(), pin.size());
    return out;
}

Result<> log_in(const Session& session, const Place& place, P11KitUri* uri) {
    if ((place.token.flags & CKF_LOGIN_REQUIRED) == 0) return {};
    const bool keypad = (place.token.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    auto pin = keypad ? std::string() : TRY(pin_of(uri));
    auto* bytes = keypad ? nullptr : reinterpret_cast<unsigned char*>(pin.data());  // NOLINT
    const auto code = session.module->C_Login(session.handle, CKU_USER, bytes, pin.size());
    OPENSSL_cleanse(pin.data(), pin.size());
    if (code != CKR_OK && code != CKR_USER_ALREADY_LOGGED_IN) return failed(code, "log in");
    return {};
}

Result<CK_OBJECT_HANDLE> private_key(const Session& session, P11KitUri* uri) {
    CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
    std::vector<CK_ATTRIBUTE> wanted{{CKA_CLASS, &kind, sizeof kind}};
    for (const CK_ATTRIBUTE_TYPE type : {CKA_LABEL, CKA_ID}) {
        if (const auto* given = p11_kit().uri_get_attribute(uri, type)) wanted.push_back(*given);
    }
    const auto found = TRY(session.find(wanted));
    if (found.empty()) return fail(ErrorCode::not_found, "token: it has no private key of this name");
    if (found.size() > 1)
        return fail(ErrorCode::conflict, "token: more than one key is meant: name it with object= or id=");
    return found.front();
}

// The point, out of its OCTET STRING where the module wraps it in one.
Bytes unwrapped(Bytes point, std::size_t size) {
    if (point.size() == size + 2 && point[0] == std::byte{4} && point[1] == static_cast<std::byte>(size))
        point.erase(point.begin(), point.begin() + 2);
    return point;
}

Result<Bytes> public_key_of(const Session& session, CK_OBJECT_HANDLE key, bool edwards) {
    CK_OBJECT_CLASS kind = CKO_PUBLIC_KEY;
    auto id = session.attribute(key, CKA_ID).value_or(Bytes());
    const auto beside = TRY(session.find({{CKA_CLASS, &kind, sizeof kind}, {CKA_ID, id.data(), id.size()}}));
    auto point = beside.empty() ? std::nullopt : session.attribute(beside.front(), CKA_EC_POINT);
    if (!point) point = session.attribute(key, CKA_EC_POINT);
    const auto size = edwards ? kEd25519Point : kP256Point;
    const auto bare = unwrapped(std::move(point).value_or(Bytes()), size);
    if (bare.size() != size)
        return fail(ErrorCode::not_found,
                    "token: it does not show the key's public half (an object with its id)");
    auto out = TRY(from_hex(edwards ? kEd25519Before : kP256Before, kP256Before.size()));
    out.insert(out.end(), bare.begin(), bare.end());
    return out;
}

// r and s, each of 32 bytes, as DER.
Result<Bytes> der_of(ByteView raw) {
    const EcdsaSignature signature(ECDSA_SIG_new());
    if (raw.size() != 2 * kHalf || !signature) return fail(ErrorCode::crypto, "token: an odd signature");
    auto* r = BN_bin2bn(as_uchar(raw), kHalf, nullptr);
    auto* s = BN_bin2bn(as_uchar(raw.subspan(kHalf)), kHalf, nullptr);
    if (r == nullptr || s == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return fail(ErrorCode::crypto, "token: an odd signature");
    }
    Bytes out(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)));
    auto* at = as_writable_uchar(out);
    i2d_ECDSA_SIG(signature.get(), &at);
    return out;
}

}  // namespace

struct TokenKey::State {
    Modules modules;
    Session session;
    CK_OBJECT_HANDLE key = 0;
    bool edwards = false;
    Bytes public_key;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (session.module != nullptr) session.module->C_CloseSession(session.handle);
    }
};

TokenKey::TokenKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
TokenKey::TokenKey(TokenKey&&) noexcept = default;
TokenKey& TokenKey::operator=(TokenKey&&) noexcept = default;
TokenKey::~TokenKey() = default;

Result<TokenKey> TokenKey::open(const std::string& text) {
    const Uri uri(p11_kit().uri_new());
    if (!uri || p11_kit().uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get()) != P11_KIT_URI_OK)
        return fail(ErrorCode::usage,
                    "pkcs11: no URI in the form of RFC 7512: pkcs11:token=NAME;object=NAME");
    auto state = std::make_unique<State>();
    state->modules.reset(p11_kit().modules_load_and_initialize(0));
    if (!state->modules) return fail(ErrorCode::io, "token: p11-kit has no PKCS#11 module that works");
    const auto place = TRY(place_of(uri.get(), state->modules.get()));
    Session session{place.module, 0};
    if (const auto code =
            place.module->C_OpenSession(place.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session.handle);
        code != CKR_OK)
        return failed(code, "open a session");
    state->session = session;
    TRY_VOID(log_in(session, place, uri.get()));
    state->key = TRY(private_key(session, uri.get()));
    const auto type = session.attribute(state->key, CKA_KEY_TYPE).value_or(Bytes());
    const auto is = [&](CK_KEY_TYPE wanted) {
        return std::ranges::equal(type, std::as_bytes(std::span(&wanted, 1)));
    };
    state->edwards = is(kEdwards);
    const auto parameters = session.attribute(state->key, CKA_EC_PARAMS).value_or(Bytes());
    if (!state->edwards && (!is(CKK_EC) || to_hex(parameters) != kP256Parameters))
        return fail(ErrorCode::unsupported,
                    "token: expected an Ed25519 or P-256 key, got another; name one with object= or id=");
    state->public_key = TRY(public_key_of(session, state->key, state->edwards));
    return TokenKey(std::move(state));
}

const Bytes& TokenKey::public_key() const {
    return state_->public_key;
}

Result<Bytes> TokenKey::sign(std::string_view text) const {
    const auto& session = state_->session;
    CK_MECHANISM mechanism{state_->edwards ? kEddsa : CKM_ECDSA, nullptr, 0};
    if (const auto code = session.module->C_SignInit(session.handle, &mechanism, state_->key); code != CKR_OK)
        return failed(code, "sign");
    auto input = state_->edwards ? to_bytes(text) : to_bytes(sha256(as_view(text)).view());
    Bytes out(2 * kHalf);
    CK_ULONG size = out.size();
    const auto code = session.module->C_Sign(session.handle, as_writable_uchar(input), input.size(),
                                             as_writable_uchar(out), &size);
    if (code != CKR_OK) return failed(code, "sign");
    out.resize(std::min<std::size_t>(size, out.size()));
    return state_->edwards ? Result<Bytes>(std::move(out)) : der_of(out);
}

}  // namespace assay::client

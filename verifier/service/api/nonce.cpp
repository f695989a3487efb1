#include "verifier/service/api/nonce.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/wire/evidence.h"

namespace assay::api {
namespace {

constexpr std::string_view kDomain = "assay-nonce-v2";
constexpr std::size_t kTime = 4;
constexpr std::size_t kRandom = 12;
constexpr std::size_t kCode = 16;
static_assert(kTime + kRandom + kCode == kNonceSize);
constexpr std::int64_t kClockSkew_s = 30;  // between copies of the verifier

}  // namespace

Result<Bytes> random_bytes(std::size_t size) {
    Bytes out(size);
    if (RAND_bytes(as_writable_uchar(out), static_cast<int>(size)) != 1) {
        return fail(ErrorCode::internal, "no random bytes");
    }
    return out;
}

bool equal_secrets(ByteView a, ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<Bytes> short_code(ByteView key, std::string_view domain, ByteView message) {
    ByteWriter input;
    input.text(domain).u8(0).bytes(message);
    std::array<std::byte, EVP_MAX_MD_SIZE> code{};
    unsigned int size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_uchar(input.view()),
             input.view().size(), as_writable_uchar(code), &size) == nullptr ||
        size < kCode) {
        return fail(ErrorCode::internal, "HMAC failed");
    }
    return to_bytes(ByteView(code).first(kCode));
}

Result<Bytes> make_nonce(ByteView key, std::int64_t now) {
    ByteWriter nonce;
    nonce.u32be(static_cast<std::uint32_t>(now)).bytes(TRY(random_bytes(kRandom)));
    nonce.bytes(TRY(short_code(key, kDomain, nonce.view())));
    return nonce.take();
}

std::optional<std::int64_t> check_nonce(ByteView key, ByteView nonce, std::int64_t now,
                                        std::int64_t lifetime_s) {
    if (nonce.size() != kNonceSize) return std::nullopt;
    const auto body = nonce.first(kTime + kRandom);
    const auto code = short_code(key, kDomain, body);
    if (!code || !equal_secrets(*code, nonce.last(kCode))) return std::nullopt;
    ByteReader reader(body);
    const auto issued_at = static_cast<std::int64_t>(reader.u32be("time"));
    if (issued_at > now + kClockSkew_s || now >= issued_at + lifetime_s) return std::nullopt;
    return issued_at;
}

}  // namespace assay::api

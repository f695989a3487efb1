#include "evidence/base/digest.h"

#include <algorithm>
#include <cstdlib>

#include <openssl/evp.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/hex.h"

namespace assay {
namespace {

constexpr std::array kAlgorithms{HashAlgorithm::sha1, HashAlgorithm::sha256, HashAlgorithm::sha384,
                                 HashAlgorithm::sha512};

using Md = CHandle<EVP_MD, EVP_MD_free>;
using MdContext = CHandle<EVP_MD_CTX, EVP_MD_CTX_free>;

// Without a hash nothing can be judged and nothing may be affirmed: an OpenSSL that lacks SHA-2 ends the
// process.
[[noreturn]] void no_hashing() {
    std::abort();
}

std::size_t index_of(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::sha1:
            return 0;
        case HashAlgorithm::sha256:
            return 1;
        case HashAlgorithm::sha384:
            return 2;
        case HashAlgorithm::sha512:
            return 3;
    }
    no_hashing();
}

const EVP_MD* fetched(HashAlgorithm algorithm) {
    thread_local const std::array<Md, 4> table{
        Md(EVP_MD_fetch(nullptr, "SHA1", nullptr)), Md(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
        Md(EVP_MD_fetch(nullptr, "SHA384", nullptr)), Md(EVP_MD_fetch(nullptr, "SHA512", nullptr))};
    return table[index_of(algorithm)].get();
}

void finish_into(EVP_MD_CTX* context, std::array<std::byte, Digest::kMaxSize>& out) {
    unsigned size = 0;
    if (EVP_DigestFinal_ex(context, as_writable_uchar(out), &size) != 1) no_hashing();
}

}  // namespace

std::string_view to_string(HashAlgorithm algorithm) {
    constexpr std::array<std::string_view, 4> names{"sha1", "sha256", "sha384", "sha512"};
    return names[index_of(algorithm)];
}

Result<HashAlgorithm> hash_algorithm_from_name(std::string_view name) {
    for (const auto algorithm : kAlgorithms) {
        if (to_string(algorithm) == name) return algorithm;
    }
    return fail(ErrorCode::unsupported, "hash algorithm '" + std::string(name.substr(0, 32)) + "'");
}

Result<HashAlgorithm> hash_algorithm_from_id(std::uint16_t id) {
    for (const auto algorithm : kAlgorithms) {
        if (static_cast<std::uint16_t>(algorithm) == id) return algorithm;
    }
    return fail(ErrorCode::unsupported, "hash algorithm id " + std::to_string(id));
}

std::size_t digest_size(HashAlgorithm algorithm) {
    constexpr std::array<std::size_t, 4> sizes{20, 32, 48, 64};
    return sizes[index_of(algorithm)];
}

Digest Digest::filled(HashAlgorithm algorithm, std::byte fill) {
    Digest digest;
    digest.algorithm_ = algorithm;
    std::fill_n(digest.bytes_.begin(), digest_size(algorithm), fill);
    return digest;
}

Result<Digest> Digest::from_bytes(HashAlgorithm algorithm, ByteView bytes) {
    if (bytes.size() != digest_size(algorithm)) {
        return fail(ErrorCode::malformed, "a " + std::string(to_string(algorithm)) + " digest of " +
                                              std::to_string(bytes.size()) + " bytes");
    }
    Digest digest;
    digest.algorithm_ = algorithm;
    std::copy(bytes.begin(), bytes.end(), digest.bytes_.begin());
    return digest;
}

std::string Digest::hex() const {
    return to_hex(view());
}

bool Digest::is_filled_with(std::byte value) const {
    return std::ranges::all_of(view(), [value](std::byte byte) { return byte == value; });
}

struct Hasher::Context {
    MdContext evp{EVP_MD_CTX_new()};
};

Hasher::Hasher(HashAlgorithm algorithm) : context_(std::make_unique<Context>()), algorithm_(algorithm) {
    if (EVP_DigestInit_ex2(context_->evp.get(), fetched(algorithm), nullptr) != 1) no_hashing();
}

Hasher::~Hasher() = default;

Hasher& Hasher::update(ByteView bytes) {
    if (EVP_DigestUpdate(context_->evp.get(), bytes.data(), bytes.size()) != 1) no_hashing();
    return *this;
}

Digest Hasher::finish() {
    Digest digest;
    digest.algorithm_ = algorithm_;
    finish_into(context_->evp.get(), digest.bytes_);
    return digest;
}

Digest hash(HashAlgorithm algorithm, std::initializer_list<ByteView> parts) {
    thread_local const MdContext context{EVP_MD_CTX_new()};
    if (EVP_DigestInit_ex2(context.get(), fetched(algorithm), nullptr) != 1) no_hashing();
    for (const auto part : parts) {
        if (EVP_DigestUpdate(context.get(), part.data(), part.size()) != 1) no_hashing();
    }
    std::array<std::byte, Digest::kMaxSize> out{};
    finish_into(context.get(), out);
    // from_bytes cannot refuse here: the size is the algorithm's own.
    return *Digest::from_bytes(algorithm, ByteView(out).first(digest_size(algorithm)));
}

Digest extend(const Digest& old, const Digest& with) {
    return hash(old.algorithm(), {old.view(), with.view()});
}

}  // namespace assay

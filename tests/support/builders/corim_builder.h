#pragma once

#include <string>
#include <utility>
#include <vector>

#include "evidence/codec/cbor.h"
#include "tests/support/builders/rim_signers.h"
#include "tests/support/certificates/certificate_builder.h"
#include "verifier/judge/rim/corim.h"
#include "verifier/judge/rim/cose_sign1.h"

namespace assay::test {

using Encoded = cbor::Encoded;

/// CBOR that evidence/codec/cbor.h does not write: tags, and maps with integer keys in the order given.
inline Encoded cbor_head(unsigned major, std::uint64_t argument) {
    auto head = cbor::unsigned_integer(argument);
    head.front() |= static_cast<std::byte>(major << 5U);
    return head;
}
inline Encoded cbor_tag(std::uint64_t number, const Encoded& content) {
    auto out = cbor_head(6, number);
    out.insert(out.end(), content.begin(), content.end());
    return out;
}
inline Encoded cbor_map(const std::vector<std::pair<Encoded, Encoded>>& entries) {
    auto out = cbor_head(5, entries.size());
    for (const auto& [key, value] : entries) {
        out.insert(out.end(), key.begin(), key.end());
        out.insert(out.end(), value.begin(), value.end());
    }
    return out;
}
inline Encoded cbor_map(const std::vector<std::pair<std::int64_t, Encoded>>& entries) {
    std::vector<std::pair<Encoded, Encoded>> out;
    for (const auto& [key, value] : entries) out.emplace_back(cbor::integer(key), value);
    return cbor_map(out);
}

/// Makes a CoRIM with one CoMID of one reference triple, and signs it. A test changes a field.
struct CorimBuilder {
    std::string id = "example corim";
    std::vector<std::pair<std::int64_t, Encoded>> corim_extra, comid_triples_extra, protected_extra,
        unprotected_extra;
    std::int64_t not_before = kRimTime - 1000, not_after = kRimTime + 1000;  // the manifest's
    std::int64_t signer_not_before = kRimTime - 2000,
                 signer_not_after = kRimTime + 500;  // as the signer says
    std::vector<Encoded> measurements{
        measurement("bootloader", Digest::filled(HashAlgorithm::sha256, std::byte{0xab}))};
    std::vector<Bytes> certificates;  ///< x5chain
    std::int64_t algorithm = -7;
    std::optional<std::int64_t>
        signed_as;  ///< the algorithm that is really used; by default the one that is said
    bool algorithm_is_protected = true;

    static Encoded digest(std::int64_t algorithm, ByteView value) {
        return cbor::array({cbor::integer(algorithm), cbor::bytes(value)});
    }
    static Encoded measurement(std::string_view key, const Digest& value) {
        return cbor_map({{0, cbor::text(key)},
                         {1, cbor_map({{0, cbor_map({{0, cbor::text("1.42")}})},
                                       {1, cbor_tag(553, cbor::unsigned_integer(7))},
                                       {2, cbor::array({digest(1, value.view())})}})}});
    }

    [[nodiscard]] Encoded comid() const {
        const auto environment =
            cbor_map({{0, cbor_map({{2, cbor::text("R750")}, {1, cbor::text("Example Systems")}})}});
        auto triples = comid_triples_extra;
        triples.emplace_back(0, cbor::array({cbor::array({environment, cbor::array(measurements)})}));
        return cbor_map({{1, cbor_map({{0, cbor::text("example-comid")}, {1, cbor::unsigned_integer(3)}})},
                         {4, cbor_map(triples)}});
    }
    [[nodiscard]] Encoded corim_map() const {
        auto entries = corim_extra;
        entries.emplace_back(
            1, cbor::array({cbor_tag(506, cbor::bytes(comid()))}));  // not in order, as libraries write it
        entries.emplace_back(0, cbor::text(id));
        entries.emplace_back(4, validity(not_before, not_after));
        return cbor_map(entries);
    }
    static Encoded validity(std::int64_t from, std::int64_t to) {
        return cbor_map({{1, cbor_tag(1, cbor::integer(to))}, {0, cbor_tag(1, cbor::integer(from))}});
    }
    [[nodiscard]] Encoded unsigned_corim() const { return cbor_tag(501, corim_map()); }

    [[nodiscard]] Encoded protected_header() const {
        auto entries = protected_extra;
        if (algorithm_is_protected) entries.emplace_back(1, cbor::integer(algorithm));
        entries.emplace_back(3, cbor::text("application/rim+cbor"));
        entries.emplace_back(8, cbor::bytes(cbor_map({{0, cbor_map({{0, cbor::text("Example Systems")}})},
                                                      {1, validity(signer_not_before, signer_not_after)}})));
        return cbor_map(entries);
    }
    [[nodiscard]] Encoded unprotected_header() const {
        auto entries = unprotected_extra;
        if (!algorithm_is_protected) entries.emplace_back(1, cbor::integer(algorithm));
        std::vector<Encoded> chain;
        for (const auto& each : certificates) chain.push_back(cbor::bytes(each));
        if (chain.size() == 1) entries.emplace_back(33, chain.front());
        if (chain.size() > 1) entries.emplace_back(33, cbor::array(chain));
        return cbor_map(entries);
    }
    /// COSE_Sign1 with tag 18.
    [[nodiscard]] Bytes sealed(ByteView signature) const {
        return cbor_tag(18, cbor::array({cbor::bytes(protected_header()), unprotected_header(),
                                         cbor::bytes(unsigned_corim()), cbor::bytes(signature)}));
    }
    /// The same signed, and with the tags of `outer` around it.
    [[nodiscard]] Bytes sign(EVP_PKEY* key, const std::vector<std::uint64_t>& outer = {}) const {
        auto out = sealed(signature(key, rim::sig_structure(protected_header(), unsigned_corim())));
        for (const auto each : outer) out = cbor_tag(each, out);
        return out;
    }

    [[nodiscard]] Bytes signature(EVP_PKEY* key, ByteView message) const {
        const auto used = signed_as.value_or(algorithm);
        if (used == -8) return eddsa(key, message);
        const bool ecdsa = used > -37;
        const auto hash = used == -7 || used == -37 || used == -257    ? HashAlgorithm::sha256
                          : used == -35 || used == -38 || used == -258 ? HashAlgorithm::sha384
                                                                       : HashAlgorithm::sha512;
        const auto scheme = ecdsa         ? tcg::Scheme::ecdsa
                            : used > -257 ? tcg::Scheme::rsapss
                                          : tcg::Scheme::rsassa;
        auto made = test::sign(key, message, scheme, hash);
        if (!ecdsa) return made.rsa;
        made.r.insert(made.r.end(), made.s.begin(), made.s.end());
        return made.r;
    }
    static Bytes eddsa(EVP_PKEY* key, ByteView message) {
        const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
        Bytes out(114);
        std::size_t size = out.size();
        require(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) == 1 &&
                    EVP_DigestSign(context.get(), as_writable_uchar(out), &size, as_uchar(message),
                                   message.size()) == 1,
                "EdDSA");
        out.resize(size);
        return out;
    }
};

/// SubjectPublicKeyInfo in DER.
inline Bytes public_key_der(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    const Bytes out = to_bytes(std::as_bytes(std::span(der, static_cast<std::size_t>(size))));
    OPENSSL_free(der);
    return out;
}

}  // namespace assay::test

#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "evidence/base/c_handle.h"
#include "vendor-db/bundle/bundle_trust.h"

namespace assay::test {

/// A signer's key pair, in PEM. The same seed gives the same key.
struct SignerKeys {
    std::string secret, open;

    static SignerKeys of_seed(unsigned char seed) {
        const std::vector<unsigned char> raw(32, seed);
        const CHandle<EVP_PKEY, EVP_PKEY_free> key(
            EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size()));
        const CHandle<BIO, BIO_free> secret(BIO_new(BIO_s_mem())), open(BIO_new(BIO_s_mem()));
        if (!key ||
            PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
            PEM_write_bio_PUBKEY(open.get(), key.get()) != 1)
            throw std::runtime_error("making an Ed25519 key");
        return {text_of(secret.get()), text_of(open.get())};
    }
    [[nodiscard]] vendors::BundleKey key(const std::string& name) const {
        return vendors::BundleKey::from_pem(name, open).value();
    }

  private:
    static std::string text_of(BIO* bio) {
        char* data = nullptr;
        const auto size = BIO_get_mem_data(bio, &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

/// A bundle that two of three signers have signed, version 7, issued at kIssued, good for a day, and the
/// owner who asks for two signatures of three keys.
struct BundleBuilder {
    static constexpr std::int64_t kIssued = 1'795'000'000;
    static constexpr std::int64_t kDay = 86'400;

    SignerKeys anna = SignerKeys::of_seed(1), bert = SignerKeys::of_seed(2), carla = SignerKeys::of_seed(3),
               stranger = SignerKeys::of_seed(9);
    vendors::BundleContent content{7, kIssued, kIssued + kDay, sources()};
    std::vector<SignerKeys> signers{anna, bert};
    std::vector<vendors::BundleKey> keys{anna.key("anna.pem"), bert.key("bert.pem"), carla.key("carla.pem")};
    std::vector<vendors::BundleKey> retired;
    std::size_t signatures = 2;
    std::int64_t now = kIssued + 100;
    std::optional<vendors::LastBundle> last;

    static vendors::Sources sources() {
        return {{{"vendors/acme.toml",
                  "id = \"acme\"\n[[names]]\nkind = \"legal\"\ntexts = [\"Acme Corp.\"]\nsource = \"made "
                  "up\"\n"}},
                {},
                {},
                {}};
    }

    [[nodiscard]] Bytes encoded_content() const { return vendors::encode_bundle_content(content).value(); }
    [[nodiscard]] vendors::Bundle bundle() const { return signed_by(encoded_content(), signers); }
    static vendors::Bundle signed_by(Bytes content, const std::vector<SignerKeys>& signers) {
        vendors::Bundle out{std::move(content), {}};
        for (const auto& each : signers)
            out.signatures.push_back(vendors::sign_content(out.content, each.secret, "").value());
        return out;
    }
    [[nodiscard]] Bytes file() const { return vendors::encode_bundle(bundle()); }
    [[nodiscard]] Result<vendors::BundleJudgement> judge(ByteView bytes) const {
        const auto trust = vendors::BundleTrust::of(keys, retired, signatures);
        if (!trust) return std::unexpected(trust.error());
        return vendors::judge_bundle(bytes, *trust, now, last);
    }
    [[nodiscard]] Result<vendors::BundleJudgement> judge() const { return judge(file()); }
};

}  // namespace assay::test

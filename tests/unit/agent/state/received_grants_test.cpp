#include "agent/state/received_grants.h"

#include <fstream>

#include <catch2/catch.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "evidence/base/c_handle.h"
#include "tests/support/machine/temp_folder.h"
#include "verifier/service/shared/signer.h"

using namespace assay;
using namespace assay::agent;

namespace {

api::Signer new_signer() {
    const CHandle<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
    const CHandle<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
    REQUIRE(PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return api::Signer::from_pem({data, static_cast<std::size_t>(size)}).value();
}

const Bytes kNonce(32, std::byte{7});

// A host that trusts one verifier, and a grant of it; a test breaks one thing.
struct Host {
    Host() { std::ofstream(keys) << verifier.jwks(); }
    [[nodiscard]] std::string token(const api::Signer& by) const {
        return by.sign(device_grant_claims(grant)).value();
    }

    test::TempFolder folder;
    std::filesystem::path keys = folder.path() / "verifier-keys.json";
    api::Signer verifier = new_signer();
    DeviceGrant grant{"rack-7", kNonce, "s-1", "W-1", 300, {}};
};

}  // namespace

TEST_CASE("a grant counts if the verifier signed it for this host and this attestation") {
    const Host host;
    const auto token = host.token(host.verifier);
    CHECK(received_grant(token, host.keys, "rack-7", kNonce) == host.grant);
    CHECK_FALSE(received_grant(token, host.keys, "rack-8", kNonce));
    CHECK_FALSE(received_grant(token, host.keys, "rack-7", Bytes(32)));
    CHECK_FALSE(received_grant(host.token(new_signer()), host.keys, "rack-7", kNonce));
}

TEST_CASE("a grant that was changed does not count") {
    const Host host;
    auto token = host.token(host.verifier);
    const auto at = token.find('.') + 20;
    token[at] = token[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(received_grant(token, host.keys, "rack-7", kNonce));
}

TEST_CASE("without the verifier's key no grant counts, and the error says how to fetch it") {
    const Host host;
    const auto refused =
        received_grant(host.token(host.verifier), host.folder.path() / "none", "rack-7", kNonce);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().context.find("assay-agent gate trust") != std::string::npos);
}

TEST_CASE("an attestation result of the verifier is no grant") {
    const Host host;
    const auto token = host.verifier.sign(R"({"eat_profile":"tag:ietf.org,2026:rats/ear#05"})").value();
    CHECK_FALSE(received_grant(token, host.keys, "rack-7", kNonce));
}

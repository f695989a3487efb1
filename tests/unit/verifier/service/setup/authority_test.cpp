#include "verifier/service/setup/authority.h"

#include <memory>

#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/unit/verifier/service/api/test_service.h"

using namespace assay;
using namespace assay::setup;
using assay::test::must;

namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate parsed(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

int verified(const std::string& leaf, const std::string& root, int purpose) {
    const auto certificate = parsed(leaf);
    const auto authority = parsed(root);
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> trusted(X509_STORE_new(), X509_STORE_free);
    X509_STORE_add_cert(trusted.get(), authority.get());
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(),
                                                                                  X509_STORE_CTX_free);
    X509_STORE_CTX_init(context.get(), trusted.get(), certificate.get(), nullptr);
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
    return X509_verify_cert(context.get());
}

}  // namespace

TEST_CASE(
    "server and operator certificates lead to the authority under strict rules, each for its purpose only") {
    const auto time = static_cast<std::int64_t>(std::time(nullptr));
    const auto root = must(make_authority("CA", time));
    const auto server = must(issue_server(root, {"verifier.example", "192.0.2.1", "::1"}, time));
    const auto person = must(issue_operator(root, "vera", time));
    REQUIRE(verified(server.certificate, root.certificate, X509_PURPOSE_SSL_SERVER) == 1);
    REQUIRE(verified(person.certificate, root.certificate, X509_PURPOSE_SSL_CLIENT) == 1);
    REQUIRE(verified(server.certificate, root.certificate, X509_PURPOSE_SSL_CLIENT) != 1);
    REQUIRE(verified(person.certificate, root.certificate, X509_PURPOSE_SSL_SERVER) != 1);
    const auto certificate = parsed(server.certificate);
    REQUIRE(X509_check_host(certificate.get(), "verifier.example", 0, 0, nullptr) == 1);
    REQUIRE(X509_check_ip_asc(certificate.get(), "192.0.2.1", 0) == 1);
    REQUIRE(X509_check_ip_asc(certificate.get(), "::1", 0) == 1);
    REQUIRE(X509_check_host(certificate.get(), "other.example", 0, 0, nullptr) == 0);
}

TEST_CASE("a name that would smuggle a second one into the certificate is refused") {
    const auto root = must(make_authority("CA", 1'800'000'000));
    for (const auto* bad : {"a,DNS:b", "a b", "", "a\nb", "a:b", "*"}) {
        INFO(bad);
        REQUIRE_FALSE(issue_server(root, {bad}, 1'800'000'000));
    }
}

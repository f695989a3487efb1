#include <catch2/catch.hpp>

#include "files/output.h"
#include "tests/support/certificates/certificate_builder.h"
#include "tests/support/machine/temp_folder.h"
#include "verifier/service/server/tls_context.h"
#include "verifier/service/setup/authority.h"

using namespace assay;

namespace {

std::string key_text(EVP_PKEY* key) {
    const CHandle<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

// A server's files of a house PKI, and its root.
struct HouseServer {
    test::TempFolder folder;
    server::TlsFiles files{folder.path() / "server.pem", folder.path() / "server.key",
                           folder.path() / "ca.pem"};
    std::vector<std::string> certificates;  // server, intermediate, root

    HouseServer() {
        const auto now = static_cast<std::int64_t>(std::time(nullptr));
        const auto with = [&](test::CertificateSpec spec) {
            spec.not_before = now - 3600;
            spec.not_after = now + 3600;
            return spec;
        };
        auto* const root_key = test::shared_key(test::Key::p384);
        auto* const between_key = test::shared_key(test::Key::p256);
        auto* const own_key = test::shared_key(test::Key::rsa2048);
        const auto made = [](const test::CertificateSpec& spec, EVP_PKEY* key, EVP_PKEY* by,
                             const tcg::Certificate* issuer) {
            return tcg::Certificate::parse(test::make_certificate(spec, key, by, issuer)).value();
        };
        const auto root =
            made(with(test::CertificateSpec::ca("House Root", "House Root")), root_key, root_key, nullptr);
        const auto between =
            made(with(test::CertificateSpec::ca("House CA", "House Root")), between_key, root_key, &root);
        test::CertificateSpec own;
        own.issuer = "House CA";
        own.set("keyUsage", "critical,digitalSignature").set("extendedKeyUsage", "serverAuth");
        own.set("subjectAltName", "critical,DNS:localhost");
        certificates = {test::pem(made(with(own), own_key, between_key, &between)), test::pem(between),
                        test::pem(root)};
        put(files.key, key_text(own_key));
        put(files.authority, setup::make_authority("operators", now)->certificate);
    }
    static void put(const std::filesystem::path& file, const std::string& text) {
        if (!files::replace_file(file, as_view(text))) throw std::runtime_error("write");
    }
    /// What a client that knows the root alone says of the handshake.
    [[nodiscard]] long verified() const {
        const auto context = server::TlsContext::load(files).value();
        const std::unique_ptr<SSL_CTX, server::SslDeleter> of_client(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_verify(of_client.get(), SSL_VERIFY_PEER, nullptr);
        const CHandle<BIO, BIO_free_all> text(
            BIO_new_mem_buf(certificates[2].data(), static_cast<int>(certificates[2].size())));
        const CHandle<X509, X509_free> root(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
        X509_STORE_add_cert(SSL_CTX_get_cert_store(of_client.get()), root.get());
        const server::SslConnection client(SSL_new(of_client.get()));
        const auto accepting = context.accept(-1);
        BIO* here = nullptr;
        BIO* there = nullptr;
        REQUIRE(BIO_new_bio_pair(&here, 0, &there, 0) == 1);
        SSL_set_bio(client.get(), here, here);
        SSL_set_bio(accepting.get(), there, there);
        SSL_set_connect_state(client.get());
        constexpr int kFlights = 8;
        for (int i = 0; i < kFlights; ++i) {
            SSL_do_handshake(client.get());
            SSL_do_handshake(accepting.get());
        }
        return SSL_get_verify_result(client.get());
    }
};

}  // namespace

TEST_CASE(
    "a server sends the certificates between it and a house PKI's root, which is all that a client knows") {
    const HouseServer house;
    HouseServer::put(house.files.certificate, house.certificates[0] + house.certificates[1]);
    CHECK(house.verified() == X509_V_OK);
}

TEST_CASE("without the certificate between a client that knows the root alone does not take the server") {
    const HouseServer house;
    HouseServer::put(house.files.certificate, house.certificates[0]);
    CHECK(house.verified() != X509_V_OK);
}

TEST_CASE("a chain that begins with another certificate than the key's is refused at the start") {
    const HouseServer house;
    HouseServer::put(house.files.certificate, house.certificates[1] + house.certificates[0]);
    CHECK_FALSE(server::TlsContext::load(house.files));
}

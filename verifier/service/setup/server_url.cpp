#include "verifier/service/setup/server_url.h"

#include <array>

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "client/url.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "verifier/service/inputs/inputs.h"

namespace assay::setup {
namespace {

using PemSource = CHandle<BIO, BIO_free>;
using ServerCertificate = CHandle<X509, X509_free>;
using AlternativeNames = CHandle<GENERAL_NAMES, GENERAL_NAMES_free>;

std::string_view octets(const ASN1_STRING* text) {
    return as_text(ByteView(reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(text)),  // NOLINT
                            static_cast<std::size_t>(ASN1_STRING_length(text))));
}

/// RFC 5280, 4.2.1.6: four octets or sixteen. Empty for others, and for other kinds of name.
std::string host_in(const GENERAL_NAME* name) {
    if (name->type == GEN_DNS) return std::string(octets(name->d.dNSName));  // NOLINT: OpenSSL's own union
    if (name->type != GEN_IPADD) return {};
    const auto address = octets(name->d.iPAddress);  // NOLINT: OpenSSL's own union
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool four = address.size() == sizeof(in_addr);
    if (!four && address.size() != sizeof(in6_addr)) return {};
    return ::inet_ntop(four ? AF_INET : AF_INET6, address.data(), text.data(), text.size()) != nullptr
               ? std::string(text.data())
               : std::string();
}

std::string first_host(const X509* certificate) {
    const AlternativeNames names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    if (!names) return {};
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        auto host = host_in(sk_GENERAL_NAME_value(names.get(), i));
        if (!host.empty() && printable(host) == host && host.find('*') == std::string::npos) return host;
    }
    return {};
}

}  // namespace

Result<std::string> server_url(const StateFolder& state, const Config& config) {
    const auto pem = TRY(inputs::read_file(state.server_certificate(), limits::kTextFile));
    const PemSource source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const ServerCertificate certificate(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
    const auto named = printable(state.server_certificate().string());
    if (!certificate) return fail(ErrorCode::crypto, named + ": not a certificate in PEM");
    const auto host = first_host(certificate.get());
    if (host.empty())
        return fail(ErrorCode::usage, named +
                                          ": expected the name of a host in its subjectAltName, got none; "
                                          "give the URL that clients use with --server");
    return client::https_url(host, config.port);
}

}  // namespace assay::setup

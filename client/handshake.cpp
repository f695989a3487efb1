#include "client/handshake.h"

#include <algorithm>
#include <array>
#include <exception>
#include <span>

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "client/libssl.h"
#include "evidence/base/bytes.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/ek_certificate.h"

namespace assay::client {
namespace {

constexpr std::size_t kNames = 8;
constexpr std::size_t kNameSize = 256;

std::string name_text(const GENERAL_NAME& name) {
    int kind = 0;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(&name, &kind));
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
    const std::span bytes(ASN1_STRING_get0_data(value), size);
    if (kind == GEN_DNS) return printable(shortened(as_text(std::as_bytes(bytes)), kNameSize));
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = size == sizeof(in_addr) ? AF_INET : AF_INET6;
    if (size != sizeof(in_addr) && size != sizeof(in6_addr)) return {};
    return inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr ? text.data() : "";
}

std::vector<std::string> names_of(const X509* certificate) {
    std::vector<std::string> out;
    const CHandle<GENERAL_NAMES, GENERAL_NAMES_free> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && out.size() < kNames; ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
        if (auto text = name_text(*name); !text.empty()) out.push_back(std::move(text));
    }
    return out;
}

void note(X509_STORE_CTX* path, Handshake& handshake) {
    handshake.verdict = X509_STORE_CTX_get_error(path);
    handshake.depth = X509_STORE_CTX_get_error_depth(path);
    handshake.sent = static_cast<std::size_t>(std::max(sk_X509_num(X509_STORE_CTX_get0_untrusted(path)), 0));
    handshake.server = seen_certificate(X509_STORE_CTX_get0_cert(path));
    handshake.failing = seen_certificate(X509_STORE_CTX_get_current_cert(path));
    auto* chain = X509_STORE_CTX_get0_chain(path);
    const int length = sk_X509_num(chain);
    if (handshake.verdict == X509_V_OK && length > 0)
        handshake.top = seen_certificate(sk_X509_value(chain, length - 1));
}

int verify_and_note(X509_STORE_CTX* path, void* user) {
    const int good = X509_verify_cert(path);
    try {
        note(path, *static_cast<Handshake*>(user));
    } catch (const std::exception&) {  // what is told is lost, what was judged is not
        static_cast<Handshake*>(user)->verdict = X509_STORE_CTX_get_error(path);
    }
    return good;
}

void note_message(int sent, int, int kind, const void* bytes, std::size_t size, SSL*, void* user) {
    constexpr std::size_t kAlertSize = 2;  // RFC 8446, 6: level, description
    if (sent != 0 || size < kAlertSize) return;
    auto& handshake = *static_cast<Handshake*>(user);
    const std::span told(static_cast<const unsigned char*>(bytes), size);
    // RFC 8446, 5.1: a record begins with its type
    if (kind == SSL3_RT_HEADER)
        handshake.foreign |= told[0] < SSL3_RT_CHANGE_CIPHER_SPEC || told[0] > SSL3_RT_APPLICATION_DATA;
    if (kind == SSL3_RT_ALERT && told[1] != SSL_AD_CLOSE_NOTIFY) handshake.alert = told[1];
}

}  // namespace

std::optional<SeenCertificate> seen_certificate(X509* certificate) {
    if (certificate == nullptr) return std::nullopt;
    const int size = i2d_X509(certificate, nullptr);
    if (size <= 0 || static_cast<std::size_t>(size) > limits::kCertificate) return std::nullopt;
    Bytes der(static_cast<std::size_t>(size));
    auto* out = as_writable_uchar(der);
    i2d_X509(certificate, &out);
    const auto parsed = tcg::Certificate::parse(der);
    if (!parsed) return std::nullopt;
    return SeenCertificate{printable(parsed->subject()),
                           printable(parsed->issuer()),
                           {parsed->not_before(), parsed->not_after()},
                           names_of(certificate)};
}

std::optional<SeenCertificate> seen_certificate_of(const std::string& file) {
    const CHandle<BIO, BIO_free> bio(BIO_new_file(file.c_str(), "r"));
    if (!bio) return std::nullopt;
    const CHandle<X509, X509_free> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    return seen_certificate(certificate.get());
}

void Handshake::begin() {
    verdict = depth = 0;
    foreign = false;
    failing.reset();
    alert.reset();
}

void watch_handshakes(SSL_CTX* context, Handshake& handshake) {
    try {
        const auto& ssl = libssl();
        ssl.SSL_CTX_set_cert_verify_callback(context, verify_and_note, &handshake);
        ssl.SSL_CTX_set_msg_callback(context, note_message);
        ssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, &handshake);
    } catch (const std::exception&) {
        return;
    }
}

}  // namespace assay::client

#include "evidence/certificate/ek_certificate.h"

#include <algorithm>
#include <array>

#include <openssl/core_names.h>
#include <openssl/x509v3.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/fault.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/certificate/certificate_extension.h"
#include "evidence/certificate/certificate_key.h"
#include "evidence/tpm/key/openssl_key.h"

namespace assay::tcg {
namespace {

using Number = CHandle<BIGNUM, BN_free>;

constexpr std::string_view kEkUsage = "2.23.133.8.1";  // tcg-kp-EKCertificate
constexpr std::size_t kTcgHeader = 7;

/// Where the certificate lies in what was read, and what is around it.
struct Located {
    ByteView der;
    std::vector<EkReasonKind> quirks;
};

/// Bytes of the first DER element: its header and what the header claims. (X.690, 8.1.3)
std::size_t der_element_size(ByteReader& in) {
    if (in.u8("certificate tag") != 0x30) in.fail_here(ErrorCode::malformed, "no DER SEQUENCE");
    const std::uint8_t first = in.u8("certificate length");
    if (first < 0x80) return 2U + first;
    if (first == 0x81) return 3U + in.u8("certificate length");
    if (first == 0x82) return 4U + in.u16be("certificate length");
    in.fail_here(ErrorCode::limit, "certificate length of more than two octets, or indefinite");
    return 0;
}

Result<Located> locate(ByteView bytes) {
    if (bytes.size() > limits::kCertificate) {
        return fail(ErrorCode::limit, "certificate of " + std::to_string(bytes.size()) + " bytes");
    }
    Located located;
    std::size_t start = 0;
    // TCG_PCCLIENT_STORED_CERT: tag 1001, type 00, size, then TCG_FULL_CERT: tag 1002. (PC Client Specific
    // Implementation Specification 1.21, 7.3.2)
    static constexpr std::array kStored{std::byte{0x10}, std::byte{0x01}, std::byte{0x00}};
    static constexpr std::array kFull{std::byte{0x10}, std::byte{0x02}};
    if (bytes.size() > kTcgHeader && equal(bytes.first(3), kStored) && equal(bytes.subspan(5, 2), kFull)) {
        start = kTcgHeader;
        located.quirks.push_back(EkReasonKind::quirk_tcg_header);
    }
    ByteReader in(bytes.subspan(start), start);
    const std::size_t size = der_element_size(in);
    if (const auto& error = in.error()) return std::unexpected(*error);
    if (size > bytes.size() - start) {
        return fail(
            ErrorCode::truncated,
            std::to_string(size) + " bytes claimed, " + std::to_string(bytes.size() - start) + " left",
            start);
    }
    located.der = bytes.subspan(start, size);
    const ByteView rest = bytes.subspan(start + size);
    if (!rest.empty()) {
        const std::byte filler = rest.front();
        // What an NV area holds that was never written, all of it: anything else is data that nobody
        // explains.
        const bool erased = filler == std::byte{0x00} || filler == std::byte{0xff};
        const bool padding =
            erased && std::ranges::all_of(rest, [filler](std::byte b) { return b == filler; });
        if (!padding) {
            return fail(ErrorCode::malformed, std::to_string(rest.size()) + " bytes left over", start + size);
        }
        located.quirks.push_back(EkReasonKind::quirk_padding);
    }
    return located;
}

std::string serial_text(const ASN1_INTEGER* serial) {
    const Number number(ASN1_INTEGER_to_BN(serial, nullptr));
    if (!number) return "";
    char* raw = BN_bn2hex(number.get());
    if (raw == nullptr) return "";
    std::string text = lower(raw);
    OPENSSL_free(raw);
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    const std::size_t digits = text.find_first_not_of('0', sign);
    text.erase(sign, std::min(digits, text.size() - 1) - sign);
    return text;
}

Result<std::string> utf8(const ASN1_STRING* value) {
    unsigned char* raw = nullptr;
    const int size = ASN1_STRING_to_UTF8(&raw, value);
    if (size < 0) return fail(ErrorCode::malformed, openssl_error());
    const std::unique_ptr<unsigned char, decltype([](unsigned char* p) { OPENSSL_free(p); })> owned(raw);
    return std::string(as_text(std::as_bytes(std::span(raw, static_cast<std::size_t>(size)))));
}

/// The TPM attributes of one directoryName, into `seen`: absent and empty are not the same, or an empty one
/// would hide its twin.
struct TpmAttributes {
    std::optional<std::string> manufacturer, model, version;
    std::string ambiguity;

    void take(const X509_NAME* name) {
        for (int entry = 0; entry < X509_NAME_entry_count(name); ++entry) {
            const X509_NAME_ENTRY* attribute = X509_NAME_get_entry(name, entry);
            const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(attribute);
            const ASN1_STRING* value = X509_NAME_ENTRY_get_data(attribute);
            if (has_oid(type, "2.23.133.2.1")) take(manufacturer, "manufacturer", value);
            if (has_oid(type, "2.23.133.2.2")) take(model, "model", value);
            if (has_oid(type, "2.23.133.2.3")) take(version, "version", value);
        }
    }
    [[nodiscard]] bool any() const { return manufacturer || model || version; }

  private:
    void take(std::optional<std::string>& field, std::string_view what, const ASN1_STRING* value) {
        if (field) {
            ambiguity = "TPM " + std::string(what) + " twice";
            return;
        }
        auto text = utf8(value);
        if (!text || text->find('\0') != std::string::npos)
            ambiguity = "TPM " + std::string(what) + " is no text";
        field = text ? std::move(*text) : std::string();
    }
};

Result<TpmAttributes> read_tpm(const X509* certificate) {
    const auto names = TRY(extension<GeneralNames>(certificate, NID_subject_alt_name, "subjectAltName"));
    TpmAttributes found;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DIRNAME) found.take(name->d.directoryName);
    }
    return found;
}

}  // namespace

void Certificate::FreeX509::operator()(x509_st* certificate) const {
    X509_free(certificate);
}

Result<Certificate> Certificate::parse(ByteView bytes) {
    if (ASSAY_FAULT("certificate")) return fail(ErrorCode::malformed, "an injected fault");
    Located located = TRY(with_context(locate(bytes), "certificate"));
    Certificate made;
    made.der_ = to_bytes(located.der);
    made.quirks_ = std::move(located.quirks);
    const unsigned char* next = as_uchar(made.der_);
    made.x509_.reset(d2i_X509(nullptr, &next, static_cast<long>(made.der_.size())));
    if (!made.x509_) return fail(ErrorCode::malformed, "certificate: " + openssl_error());
    if (next != as_uchar(made.der_) + made.der_.size()) {
        return fail(ErrorCode::malformed, "certificate: bytes left over inside");
    }
    const X509* x509 = made.x509_.get();
    made.subject_ = certificate_name(X509_get_subject_name(x509));
    made.issuer_ = certificate_name(X509_get_issuer_name(x509));
    made.serial_ = serial_text(X509_get0_serialNumber(x509));
    made.not_before_ = TRY(unix_time_of(X509_get0_notBefore(x509), "certificate: notBefore"));
    made.not_after_ = TRY(unix_time_of(X509_get0_notAfter(x509), "certificate: notAfter"));
    auto tpm = TRY(with_context(read_tpm(x509), "certificate"));
    made.ambiguity_ = std::move(tpm.ambiguity);
    if (tpm.any() && made.ambiguity_.empty()) {
        made.tpm_ = Tpm{std::move(tpm.manufacturer).value_or(""), std::move(tpm.model).value_or(""),
                        std::move(tpm.version).value_or("")};
    }
    made.has_ek_usage_ = TRY(with_context(has_key_usage(x509, kEkUsage), "certificate"));
    auto found = certificate_key(x509);
    made.key_ = std::move(found.key);
    if (found.openssl_oaep) made.quirks_.push_back(EkReasonKind::quirk_oaep_key);
    openssl_error();  // what could not be decoded is said by what is absent; nothing stays in this thread's
                      // queue
    return made;
}

bool Certificate::is_a_ca() const {
    return X509_check_ca(x509_.get()) != 0;
}

Digest Certificate::sha256() const {
    return assay::sha256(der_);
}

std::string Certificate::key_kind() const {
    if (!key_) return "unknown";
    if (const auto* rsa = std::get_if<RsaPublic>(&*key_)) return "RSA-" + std::to_string(rsa->key_bits);
    switch (std::get<EccPublic>(*key_).curve) {
        case EccCurve::p256:
            return "P-256";
        case EccCurve::p384:
            return "P-384";
        case EccCurve::p521:
            return "P-521";
    }
    return "unknown";
}

bool certificate_key_equals(const Certificate& certificate, const TpmPublic& key) {
    const auto& certified = certificate.key();
    if (!certified) return false;
    if (const auto* rsa = std::get_if<RsaPublic>(&*certified)) {
        const auto* other = std::get_if<RsaPublic>(&key.key);
        return other != nullptr && rsa->exponent == other->exponent && rsa->modulus == other->modulus;
    }
    const auto& ecc = std::get<EccPublic>(*certified);
    const auto* other = std::get_if<EccPublic>(&key.key);
    const std::size_t size = coordinate_size(ecc.curve);
    return other != nullptr && ecc.curve == other->curve && ecc.x == left_padded(other->x, size) &&
           ecc.y == left_padded(other->y, size);
}

}  // namespace assay::tcg

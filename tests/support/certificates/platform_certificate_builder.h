#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <openssl/x509.h>

#include "evidence/certificate/platform/judge_platform_certificate.h"
#include "evidence/codec/der.h"
#include "tests/support/certificates/certificate_builder.h"

namespace assay::test {

/// DER, written from the inside out: der_of(tag, {parts}).
inline Bytes der_of(unsigned tag, std::initializer_list<Bytes> parts) {
    Bytes content;
    for (const auto& part : parts) content.insert(content.end(), part.begin(), part.end());
    Bytes out{static_cast<std::byte>(tag)};
    const std::size_t size = content.size();
    if (size >= 0x80) {
        const unsigned octets = size > 0xffff ? 3 : size > 0xff ? 2 : 1;
        out.push_back(static_cast<std::byte>(0x80U + octets));
        for (unsigned i = octets; i-- > 1;) out.push_back(static_cast<std::byte>(size >> 8U * i & 0xffU));
    }
    out.push_back(static_cast<std::byte>(size & 0xffU));
    out.insert(out.end(), content.begin(), content.end());
    return out;
}
inline Bytes der_text(unsigned tag, std::string_view text) {
    return der_of(tag, {to_bytes(text)});
}
inline Bytes der_oid(const std::string& text) {
    const CHandle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(text.c_str(), 1));
    require(object != nullptr, "object identifier");
    unsigned char* raw = nullptr;
    const int size = i2d_ASN1_OBJECT(object.get(), &raw);
    const Bytes out = to_bytes(std::as_bytes(std::span(raw, static_cast<std::size_t>(size))));
    OPENSSL_free(raw);
    return out;
}
inline Bytes der_number(unsigned value, unsigned tag = der::tag::kInteger) {  // up to 32767
    if (value < 0x80) return der_of(tag, {Bytes{static_cast<std::byte>(value)}});
    return der_of(tag, {Bytes{static_cast<std::byte>(value >> 8U), static_cast<std::byte>(value & 0xffU)}});
}
inline Bytes der_name(const std::string& common_name_text) {
    const auto name = common_name(common_name_text);
    unsigned char* raw = nullptr;
    const int size = i2d_X509_NAME(name.get(), &raw);
    const Bytes out = to_bytes(std::as_bytes(std::span(raw, static_cast<std::size_t>(size))));
    OPENSSL_free(raw);
    return out;
}

/// One component as a configuration 2 has it. As it comes: a DIMM of a base certificate.
struct ComponentSpec {
    std::string registry = "2.23.133.18.3.1";
    Bytes class_value = to_bytes(std::string_view("\0\x06\0\x01", 4));
    std::string manufacturer = "Samsung";
    std::string model = "M393A4K40DB3-CWE";
    std::string serial = "03A1B2C3";  ///< empty: none
    std::string revision;
    std::string mac;                           ///< empty: no address
    std::optional<Bytes> before_manufacturer;  ///< bytes of one's own in place of the class
    int status = -1;                           ///< 0 added, 1 modified, 2 removed; -1: none

    [[nodiscard]] Bytes encoded(bool with_class = true) const {
        using namespace der::tag;
        Bytes body;
        const auto append = [&](const Bytes& part) { body.insert(body.end(), part.begin(), part.end()); };
        if (before_manufacturer) {
            append(*before_manufacturer);
        } else if (with_class) {
            append(der_of(kSequence, {der_oid(registry), der_of(kOctetString, {class_value})}));
        }
        append(der_text(kUtf8String, manufacturer));
        append(der_text(kUtf8String, model));
        if (!serial.empty()) append(der_text(primitive(0), serial));
        if (!revision.empty()) append(der_text(primitive(1), revision));
        append(der_of(primitive(3), {Bytes{std::byte{0xff}}}));
        if (!mac.empty()) {
            append(der_of(constructed(4),
                          {der_of(kSequence, {der_oid("2.23.133.17.1"), der_text(kUtf8String, mac)})}));
        }
        if (status >= 0) append(der_number(static_cast<unsigned>(status), primitive(7)));
        return der_of(kSequence, {body});
    }
};

/// One platform certificate to be made: as it comes, the base of a server with two DIMMs and a drive. `delta`
/// gives an empty delta of the base. Every part may be replaced by bytes of one's own through `raw`.
struct PlatformSpec {
    std::string issuer = "Test Platform CA";
    unsigned serial = 0x51;
    Bytes holder;  ///< DER of the Holder; `holder_of` makes it
    std::string not_before = "20240101000000Z", not_after = "20330101000000Z";
    std::string type = "2.23.133.8.2";  ///< empty: no such attribute
    std::string platform_serial = "SRV0001";
    unsigned configuration = 2;
    std::vector<ComponentSpec> components = standard_components();
    std::string components_uri;
    std::vector<std::pair<std::string, bool>> more_extensions;  ///< object identifier, critical
    std::vector<Bytes> more_attributes;
    std::string algorithm = "1.2.840.10045.4.3.2";  ///< ecdsa-with-SHA256
    const char* hash = "SHA256";

    static std::vector<ComponentSpec> standard_components() {
        ComponentSpec other;
        other.serial = "03A1B2C4";
        ComponentSpec drive;
        drive.class_value = to_bytes(std::string_view("\0\x07\0\x03", 4));
        drive.model = "MZQL23T8HCLS-00A07";
        drive.serial = "S64HNE0T100001";
        return {ComponentSpec(), other, drive};
    }
    static PlatformSpec delta(unsigned number, std::vector<ComponentSpec> changes) {
        PlatformSpec spec;
        spec.serial = 0x60 + number;
        spec.holder = holder_of(der_name(spec.issuer), 0x51);
        spec.not_before = "202" + std::to_string(4 + number) + "0601000000Z";
        spec.type = "2.23.133.8.5";
        spec.components = std::move(changes);
        return spec;
    }

    /// baseCertificateID.
    static Bytes holder_of(const Bytes& issuer_name, const Bytes& serial_integer) {
        using namespace der::tag;
        return der_of(kSequence,
                      {der_of(constructed(0),
                              {der_of(kSequence, {der_of(constructed(4), {issuer_name})}), serial_integer})});
    }
    static Bytes holder_of(const Bytes& issuer_name, unsigned serial) {
        return holder_of(issuer_name, der_number(serial));
    }
    static Bytes holder_of(const tcg::Certificate& ek) {
        unsigned char* raw = nullptr;
        const int size = i2d_ASN1_INTEGER(X509_get0_serialNumber(ek.x509()), &raw);
        const Bytes serial = to_bytes(std::as_bytes(std::span(raw, static_cast<std::size_t>(size))));
        OPENSSL_free(raw);
        raw = nullptr;
        const int name_size = i2d_X509_NAME(X509_get_issuer_name(ek.x509()), &raw);
        const Bytes name = to_bytes(std::as_bytes(std::span(raw, static_cast<std::size_t>(name_size))));
        OPENSSL_free(raw);
        return holder_of(name, serial);
    }
    /// objectDigestInfo over the EK certificate, by SHA-256.
    static Bytes holder_digest_of(const tcg::Certificate& ek) {
        using namespace der::tag;
        return der_of(
            kSequence,
            {der_of(constructed(2),
                    {der_number(1, kEnumerated), der_of(kSequence, {der_oid("2.16.840.1.101.3.4.2.1")}),
                     der_of(kBitString, {Bytes{std::byte{0}}, to_bytes(ek.sha256().view())})})});
    }

    [[nodiscard]] Bytes attributes() const {
        using namespace der::tag;
        Bytes all;
        const auto add = [&](const Bytes& part) { all.insert(all.end(), part.begin(), part.end()); };
        const auto attribute = [](const std::string& oid, const Bytes& value) {
            return der_of(kSequence, {der_oid(oid), der_of(kSet, {value})});
        };
        if (!type.empty()) add(attribute("2.23.133.2.25", der_of(kSequence, {der_oid(type)})));
        add(attribute("2.23.133.2.23", der_of(kSequence, {der_number(1), der_number(1), der_number(17)})));
        Bytes list;
        for (const auto& component : components) {
            Bytes one = component.encoded(configuration != 1);
            if (configuration == 3) {  // a trait that holds the whole component
                one = der_of(kSequence,
                             {der_of(kSequence, {der_oid("2.23.133.19.1.5"), der_oid("2.23.133.19.2.26"),
                                                 der_oid(component.registry), one})});
            }
            list.insert(list.end(), one.begin(), one.end());
        }
        Bytes body = der_of(constructed(0), {list});
        if (!components_uri.empty()) {
            const Bytes uri = der_of(constructed(1), {der_text(kIa5String, components_uri)});
            body.insert(body.end(), uri.begin(), uri.end());
        }
        if (configuration != 0) {
            add(attribute("2.23.133.5.1.7." + std::to_string(configuration), der_of(kSequence, {body})));
        }
        for (const auto& each : more_attributes) add(each);
        return der_of(kSequence, {all});
    }

    [[nodiscard]] Bytes extensions() const {
        using namespace der::tag;
        const auto extension = [](const std::string& oid, bool critical, const Bytes& value) {
            return critical ? der_of(kSequence, {der_oid(oid), der_of(kBoolean, {Bytes{std::byte{0xff}}}),
                                                 der_of(kOctetString, {value})})
                            : der_of(kSequence, {der_oid(oid), der_of(kOctetString, {value})});
        };
        const auto field = [](const std::string& oid, std::string_view text) {
            return der_of(kSet, {der_of(kSequence, {der_oid(oid), der_text(kUtf8String, text)})});
        };
        const Bytes name =
            der_of(kSequence, {field("2.23.133.5.1.1", "Example Servers"), field("2.23.133.5.1.4", "ES-2U"),
                               field("2.23.133.5.1.5", "A1"), field("2.23.133.5.1.6", platform_serial)});
        Bytes all = extension("2.5.29.17", false, der_of(kSequence, {der_of(constructed(4), {name})}));
        for (const auto& [oid, critical] : more_extensions) {
            const Bytes more = extension(oid, critical, der_of(kNull, {}));
            all.insert(all.end(), more.begin(), more.end());
        }
        return der_of(kSequence, {all});
    }

    [[nodiscard]] Bytes info() const {
        using namespace der::tag;
        return der_of(
            kSequence,
            {der_number(1), holder,
             der_of(constructed(0), {der_of(kSequence, {der_of(constructed(4), {der_name(issuer)})})}),
             der_of(kSequence, {der_oid(algorithm)}), der_number(serial),
             der_of(kSequence,
                    {der_text(kGeneralizedTime, not_before), der_text(kGeneralizedTime, not_after)}),
             attributes(), extensions()});
    }

    /// The certificate, signed by `key`.
    [[nodiscard]] Bytes signed_by(EVP_PKEY* key) const { return wrapped(info(), algorithm, hash, key); }
    static Bytes wrapped(const Bytes& info, const std::string& algorithm, const char* hash, EVP_PKEY* key) {
        using namespace der::tag;
        const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
        std::size_t size = 0;
        require(EVP_DigestSignInit_ex(context.get(), nullptr, hash, nullptr, nullptr, key, nullptr) == 1 &&
                    EVP_DigestSign(context.get(), nullptr, &size, as_uchar(info), info.size()) == 1,
                "sign");
        Bytes signature(size);
        require(EVP_DigestSign(context.get(), as_writable_uchar(signature), &size, as_uchar(info),
                               info.size()) == 1,
                "sign");
        signature.resize(size);
        return der_of(kSequence, {info, der_of(kSequence, {der_oid(algorithm)}),
                                  der_of(kBitString, {Bytes{std::byte{0}}, signature})});
    }
};

/// A platform maker with its root and issuer, and a machine's EK certificate: what a valid certificate needs.
struct PlatformWorld {
    static constexpr std::int64_t kNow = 1'790'000'000;  // 2026-09-21

    EVP_PKEY* root_key = shared_key(Key::p384);
    EVP_PKEY* issuer_key = shared_key(Key::p256);
    tcg::Certificate root =
        made(CertificateSpec::ca("Test Platform Root", "Test Platform Root"), root_key, root_key, nullptr);
    tcg::Certificate issuer = made(issuer_spec(), issuer_key, root_key, &root);
    tcg::Certificate ek = made({}, shared_key(Key::rsa2048), root_key, nullptr);

    static CertificateSpec issuer_spec() {
        CertificateSpec spec;
        spec.subject = "Test Platform CA";
        spec.issuer = "Test Platform Root";
        spec.extensions = {{"basicConstraints", "critical,CA:FALSE"},
                           {"keyUsage", "critical,digitalSignature"},
                           {"subjectKeyIdentifier", "hash"},
                           {"authorityKeyIdentifier", "keyid"}};
        return spec;
    }
    static tcg::Certificate made(CertificateSpec spec, EVP_PKEY* key, EVP_PKEY* by,
                                 const tcg::Certificate* issuer) {
        if (spec.subject.empty()) spec.set("authorityKeyIdentifier", "");
        return tcg::Certificate::parse(make_certificate(spec, key, by, issuer)).value();
    }

    [[nodiscard]] PlatformSpec base() const {
        PlatformSpec spec;
        spec.holder = PlatformSpec::holder_of(ek);
        return spec;
    }
    [[nodiscard]] tcg::PlatformCertificate certificate(const PlatformSpec& spec) const {
        return tcg::PlatformCertificate::parse(spec.signed_by(issuer_key)).value();
    }
    [[nodiscard]] tcg::PlatformVerdict judged(const std::vector<PlatformSpec>& specs) const {
        std::vector<tcg::PlatformCertificate> certificates;
        for (const auto& spec : specs) certificates.push_back(certificate(spec));
        return judged(certificates);
    }
    [[nodiscard]] tcg::PlatformVerdict judged(
        const std::vector<tcg::PlatformCertificate>& certificates) const {
        return tcg::judge_platform_certificates({.certificates = certificates,
                                                 .issuers = std::span(&issuer, 1),
                                                 .roots = std::span(&root, 1),
                                                 .ek = &ek,
                                                 .at = kNow});
    }
};

}  // namespace assay::test

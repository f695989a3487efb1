#include "evidence/certificate/platform/platform_certificate.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/certificate/certificate_key.h"
#include "evidence/certificate/platform/platform_certificate_fields.h"

namespace assay::tcg {

using namespace der::tag;

namespace platform_fields {

Result<std::string> name_text(ByteView name, std::string_view what) {
    const unsigned char* next = as_uchar(name);
    const CHandle<X509_NAME, X509_NAME_free> parsed(
        d2i_X509_NAME(nullptr, &next, static_cast<long>(name.size())));
    if (!parsed || next != as_uchar(name) + name.size()) {
        return fail(ErrorCode::malformed, std::string(what) + ": not a name: " + openssl_error());
    }
    return certificate_name(parsed.get());
}

Result<ByteView> read_directory_name(der::Reader& names, std::string_view what) {
    std::optional<ByteView> found;
    while (!names.empty()) {
        const auto name = TRY(names.any(what));
        if (name.tag != constructed(4)) continue;  // directoryName, EXPLICIT because Name is a CHOICE
        if (found) return fail(ErrorCode::malformed, std::string(what) + ": two names", name.offset);
        auto inner = TRY(names.inside(name, what));
        found = TRY(inner.take(kSequence, what)).whole;
        TRY_VOID(inner.finish(what));
    }
    if (!found) return fail(ErrorCode::malformed, std::string(what) + ": no directoryName");
    return *found;
}

namespace {

std::string number_text(ByteView number) {
    Bytes magnitude = to_bytes(number);
    const bool negative = (std::to_integer<unsigned>(number.front()) & 0x80U) != 0;
    if (negative) {  // two's complement
        unsigned carry = 1;
        for (auto octet = magnitude.rbegin(); octet != magnitude.rend(); ++octet) {
            const unsigned value = (std::to_integer<unsigned>(*octet) ^ 0xffU) + carry;
            *octet = static_cast<std::byte>(value & 0xffU);
            carry = value >> 8U;
        }
    }
    const std::string text = to_hex(magnitude);
    const std::size_t digits = std::min(text.find_first_not_of('0'), text.size() - 1);
    return (negative ? "-" : "") + text.substr(digits);
}

constexpr std::size_t kSerialSize = 32;  // RFC 5280 allows 20 octets; more are in use

Result<void> read_serial(const der::Element& element, IssuerSerial& into, std::string_view what) {
    into.serial = to_bytes(TRY(der::integer(element, kSerialSize, what)));
    into.serial_text = number_text(into.serial);
    return {};
}

}  // namespace

Result<IssuerSerial> read_issuer_serial(der::Reader& fields, std::string_view what) {
    IssuerSerial read;
    auto names = TRY(fields.enter(kSequence, what));
    const ByteView name = TRY(read_directory_name(names, what));
    read.issuer = to_bytes(name);
    read.issuer_text = TRY(name_text(name, what));
    TRY_VOID(read_serial(TRY(fields.take(kInteger, what)), read, what));
    TRY_VOID(fields.maybe(kBitString, what));
    TRY_VOID(fields.finish(what));
    return read;
}

Result<PlatformCertificate::Specification> read_specification(der::Reader& numbers, std::string_view what) {
    PlatformCertificate::Specification read;
    for (auto* number : {&read.major, &read.minor, &read.revision}) {
        *number = TRY(der::small_number(TRY(numbers.take(kInteger, what)), 65535, what));
    }
    TRY_VOID(numbers.finish(what));
    return read;
}

Result<std::string> read_text(const der::Element& element, std::string_view what) {
    if (element.tag == kPrintableString || element.tag == kIa5String) {
        return der::ia5(element, kPlatformText, what);
    }
    if (element.tag != kUtf8String) {
        return fail(ErrorCode::malformed, std::string(what) + ": not a text", element.offset);
    }
    return der::utf8(element, kPlatformText, what);
}

}  // namespace platform_fields

namespace {

using namespace platform_fields;

constexpr std::string_view kPemBegin = "-----BEGIN ATTRIBUTE CERTIFICATE-----";
constexpr std::string_view kPemEnd = "-----END ATTRIBUTE CERTIFICATE-----";
constexpr std::size_t kPemLine = 76;

struct File {
    Bytes der;
    std::vector<PlatformReasonKind> quirks;
};

/// RFC 7468; lines may have any length, which OpenSSL's reader does not take.
Result<File> from_pem(std::string_view text) {
    const std::size_t begin = text.find(kPemBegin);
    const std::size_t end = text.find(kPemEnd);
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
        return fail(ErrorCode::malformed, "a PEM file without an ATTRIBUTE CERTIFICATE");
    }
    if (text.find("-----BEGIN", end) != std::string_view::npos) {
        return fail(ErrorCode::malformed, "a PEM file with more than one object");
    }
    File file;
    std::string base64;
    std::size_t line = 0;
    for (const char c : text.substr(begin + kPemBegin.size(), end - begin - kPemBegin.size())) {
        if (c == '\r' || c == '\n' || c == ' ' || c == '\t') {
            line = 0;
            continue;
        }
        if (++line == kPemLine + 1 && file.quirks.empty())
            file.quirks.push_back(PlatformReasonKind::quirk_pem_long_lines);
        base64 += c;
    }
    if (base64.size() % 4 != 0) return fail(ErrorCode::malformed, "PEM: not whole groups of base64");
    file.der.resize(base64.size() / 4 * 3);
    const int size = EVP_DecodeBlock(as_writable_uchar(file.der), as_uchar(as_view(base64)),
                                     static_cast<int>(base64.size()));
    const std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
    if (size < 0 || static_cast<std::size_t>(size) < padding) {
        return fail(ErrorCode::malformed, "PEM: not base64");
    }
    file.der.resize(static_cast<std::size_t>(size) - padding);
    return file;
}

Result<std::string> read_algorithm(der::Reader& in, std::string_view what) {
    auto fields = TRY(in.enter(kSequence, what));
    std::string algorithm = TRY(der::oid(TRY(fields.take(kOid, what)), what));
    if (!fields.empty()) TRY_VOID(fields.any(what));
    TRY_VOID(fields.finish(what));
    return algorithm;
}

/// Holder (RFC 5755, 4.2.2): any of three ways to say whose certificate it is.
Result<void> read_holder(der::Reader holder, PlatformCertificate& into) {
    if (auto base = TRY(holder.maybe_enter(constructed(0), "holder.baseCertificateID"))) {
        into.holder = TRY(read_issuer_serial(*base, "holder.baseCertificateID"));
    }
    if (auto names = TRY(holder.maybe_enter(constructed(1), "holder.entityName"))) {
        const auto name = TRY(read_directory_name(*names, "holder.entityName"));
        into.holder_name = TRY(name_text(name, "holder.entityName"));
    }
    constexpr std::string_view what = "holder.objectDigestInfo";
    if (auto info = TRY(holder.maybe_enter(constructed(2), what))) {
        ObjectDigest digest;
        digest.type = static_cast<ObjectDigest::Type>(
            TRY(der::small_number(TRY(info->take(kEnumerated, what)), 2, what)));
        TRY_VOID(info->maybe(kOid, what));
        digest.algorithm = TRY(read_algorithm(*info, what));
        digest.digest = to_bytes(TRY(der::bit_string(TRY(info->take(kBitString, what)), what)));
        TRY_VOID(info->finish(what));
        into.holder_digest = std::move(digest);
    }
    return holder.finish("holder");
}

/// AttCertIssuer: v2Form with one directoryName (RFC 5755, 4.2.3). v1Form is not of this profile.
Result<void> read_issuer(der::Reader& info, PlatformCertificate& into) {
    auto form = TRY(info.enter(constructed(0), "issuer"));
    auto names = TRY(form.enter(kSequence, "issuer"));
    const ByteView name = TRY(read_directory_name(names, "issuer"));
    TRY_VOID(form.finish("issuer"));
    into.issuer.issuer = to_bytes(name);
    into.issuer.issuer_text = TRY(name_text(name, "issuer"));
    return {};
}

Result<void> read_credential_type(der::Reader& values, PlatformCertificate& into) {
    constexpr std::string_view what = "credential type";
    auto value = TRY(values.enter(kSequence, what));
    const std::string type = TRY(der::oid(TRY(value.take(kOid, what)), what));
    TRY_VOID(value.finish(what));
    if (type == "2.23.133.8.2") {  // tcg-kp-PlatformAttributeCertificate
        into.type = PlatformCertificate::Type::base;
    } else if (type == "2.23.133.8.5") {  // tcg-kp-DeltaPlatformAttributeCertificate
        into.type = PlatformCertificate::Type::delta;
    } else {
        return fail(ErrorCode::unsupported, "credential type " + type);
    }
    return {};
}

Result<void> read_attribute(const std::string& type, der::Reader& values, PlatformCertificate& into) {
    if (type == "2.23.133.2.25") {
        TRY_VOID(read_credential_type(values, into));
    } else if (type == "2.23.133.2.23") {
        auto version = TRY(values.enter(kSequence, "credential specification"));
        if (version.next_is(kSequence)) {  // Intel's of 2019
            into.quirks.push_back(PlatformReasonKind::quirk_nested_specification);
            version = TRY(version.enter(kSequence, "credential specification"));
        }
        into.credential_specification = TRY(read_specification(version, "credential specification"));
    } else if (type == "2.23.133.2.17") {
        auto value = TRY(values.enter(kSequence, "platform specification"));
        auto version = TRY(value.enter(kSequence, "platform specification"));
        into.platform_specification = TRY(read_specification(version, "platform specification"));
        TRY_VOID(value.any("platform class"));
        TRY_VOID(value.finish("platform specification"));
    } else if (type == "2.23.133.2.19") {
        TRY_VOID(values.enter(kSequence, "security assertions"));
        into.security_assertions = true;
    } else if (type.starts_with("2.23.133.5.1.7.") && type.size() == 16 && type.back() >= '1' &&
               type.back() <= '3') {
        if (into.configuration_version != 0) {
            return fail(ErrorCode::malformed, "two platform configurations");
        }
        TRY_VOID(read_configuration(values, static_cast<unsigned>(type.back() - '0'), into));
    } else {
        into.unread_attributes.push_back(type);
        return {};
    }
    return values.finish("attribute " + type);
}

constexpr std::size_t kAttributes = 64;

Result<void> read_attributes(der::Reader list, PlatformCertificate& into) {
    std::vector<std::string> seen;
    while (!list.empty()) {
        if (seen.size() == kAttributes) return fail(ErrorCode::limit, "more than 64 attributes");
        auto attribute = TRY(list.enter(kSequence, "attribute"));
        const std::string type = TRY(der::oid(TRY(attribute.take(kOid, "attribute type")), "attribute type"));
        for (const auto& earlier : seen) {
            if (earlier == type) return fail(ErrorCode::malformed, "attribute " + type + " is there twice");
        }
        seen.push_back(type);
        auto values = TRY(attribute.enter(kSet, "values of attribute " + type));
        TRY_VOID(attribute.finish("attribute " + type));
        TRY_VOID(read_attribute(type, values, into));
    }
    return {};
}

/// AttributeCertificateInfo (RFC 5755, 4.1).
Result<void> read_info(der::Reader info, PlatformCertificate& into) {
    // v2 is written 1. (RFC 5755, 4.1)
    if (TRY(der::small_number(TRY(info.take(kInteger, "version")), 255, "version")) != 1) {
        return fail(ErrorCode::unsupported, "an attribute certificate that is not of version 2");
    }
    TRY_VOID(read_holder(TRY(info.enter(kSequence, "holder")), into));
    TRY_VOID(read_issuer(info, into));
    if (TRY(read_algorithm(info, "signature algorithm")) != into.signature_algorithm) {
        return fail(ErrorCode::malformed, "two different signature algorithms inside and outside");
    }
    TRY_VOID(read_serial(TRY(info.take(kInteger, "serial number")), into.issuer, "serial number"));
    auto validity = TRY(info.enter(kSequence, "validity"));
    into.not_before =
        TRY(der::generalized_time(TRY(validity.take(kGeneralizedTime, "notBeforeTime")), "notBeforeTime"));
    into.not_after =
        TRY(der::generalized_time(TRY(validity.take(kGeneralizedTime, "notAfterTime")), "notAfterTime"));
    TRY_VOID(validity.finish("validity"));
    TRY_VOID(read_attributes(TRY(info.enter(kSequence, "attributes")), into));
    TRY_VOID(info.maybe(kBitString, "issuerUniqueID"));
    if (auto extensions = TRY(info.maybe_enter(kSequence, "extensions"))) {
        TRY_VOID(read_extensions(*extensions, into));
    }
    return info.finish("attribute certificate");
}

}  // namespace

std::string_view to_string(ComponentStatus status) {
    switch (status) {
        case ComponentStatus::added:
            return "added";
        case ComponentStatus::modified:
            return "modified";
        case ComponentStatus::removed:
            return "removed";
    }
    return "unknown";
}

std::string_view to_string(ComponentAddress::Kind kind) {
    switch (kind) {
        case ComponentAddress::Kind::ethernet:
            return "ethernet";
        case ComponentAddress::Kind::wlan:
            return "wlan";
        case ComponentAddress::Kind::bluetooth:
            return "bluetooth";
        case ComponentAddress::Kind::other:
            return "other";
    }
    return "other";
}

Result<PlatformCertificate> PlatformCertificate::parse(ByteView file) {
    constexpr std::string_view what = "platform certificate";
    if (file.size() > 2 * limits::kCertificate) {
        return fail(ErrorCode::limit, "platform certificate of " + std::to_string(file.size()) + " bytes");
    }
    PlatformCertificate made;
    if (as_text(file).find("-----BEGIN") != std::string_view::npos) {
        auto read = TRY(with_context(from_pem(as_text(file)), what));
        made.der = std::move(read.der);
        made.quirks = std::move(read.quirks);
    } else {
        made.der = to_bytes(file);
    }
    const auto parsed = [&]() -> Result<void> {
        auto outer = TRY(der::open(made.der, kSequence, limits::kCertificate, "attribute certificate"));
        const auto info = TRY(outer.take(kSequence, "acinfo"));
        made.signed_part = to_bytes(info.whole);
        made.signature_algorithm = TRY(read_algorithm(outer, "signatureAlgorithm"));
        made.signature =
            to_bytes(TRY(der::bit_string(TRY(outer.take(kBitString, "signatureValue")), "signatureValue")));
        TRY_VOID(outer.finish("attribute certificate"));
        return read_info(TRY(outer.inside(info, "acinfo")), made);
    }();
    if (!parsed) return std::unexpected(with_context(parsed, what).error());
    return made;
}

}  // namespace assay::tcg

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/certificate/platform/platform_reason.h"

namespace assay::tcg {

/// An attribute certificate's issuer and serial, or those of what it is about. (RFC 5755, 4.1)
struct IssuerSerial {
    Bytes issuer;             ///< DER of the Name
    std::string issuer_text;  ///< RFC 2253; hostile text, as is everything that is text here
    Bytes serial;             ///< content of the DER INTEGER: two's complement, big-endian, shortest form
    std::string serial_text;  ///< lower-case hexadecimal without leading zeros, '-' in front if negative
};

/// holder.objectDigestInfo: a digest of the certificate or key that the attributes belong to. (RFC 5755, 7.3)
struct ObjectDigest {
    enum class Type : std::uint8_t { public_key, certificate, other };
    Type type = Type::other;
    std::string algorithm;  ///< object identifier of the hash
    Bytes digest;
};

/// What a delta says of one of its components. (Platform Certificate Profile 1.1, 3.1.7.1)
enum class ComponentStatus : std::uint8_t { added, modified, removed };
std::string_view to_string(ComponentStatus status);

struct ComponentAddress {
    enum class Kind : std::uint8_t { ethernet, wlan, bluetooth, other };  ///< 2.23.133.17.1, .2, .3
    Kind kind = Kind::other;
    std::string text;  ///< as it is in the certificate: "A434D9123456", "a4:34:d9:12:34:56", ...
};
std::string_view to_string(ComponentAddress::Kind kind);

/// One component of a platform: ComponentIdentifier of configuration 1, 2, or the traits of configuration 3.
struct PlatformComponent {
    std::string registry;  ///< of the class, an object identifier; empty in configuration 1
    std::optional<std::uint32_t> class_value;  ///< its four octets, big-endian; absent in configuration 1,
                                               ///< but for quirk_bare_class: then of no registry
    std::string manufacturer;
    std::string model;
    std::optional<std::string> serial;
    std::optional<std::string> revision;
    std::optional<std::string> manufacturer_id;  ///< private enterprise number, an object identifier
    std::optional<bool> field_replaceable;
    std::vector<ComponentAddress> addresses;
    std::optional<std::string> location;                ///< configuration 3 alone
    std::optional<IssuerSerial> certificate;            ///< the component's own platform certificate, by name
    std::optional<Bytes> certificate_signature_digest;  ///< the same by a hash over its signature value
    std::optional<std::string> certificate_uri;
    std::optional<ComponentStatus> status;
    std::vector<std::string> unread_traits;  ///< categories of configuration 3 whose value is not read
};

/// A name and a value that the maker states of the platform, such as "TSC Enabled": "true".
struct PlatformProperty {
    std::string name;
    std::string value;
    std::optional<ComponentStatus> status;
};

/// A platform attribute certificate of the TCG, 1.0, 1.1 or 2.x, base or delta (RFC 5755 with the Platform
/// Certificate Profile). Parsed is not trusted: `judge_platform_certificates` judges.
struct PlatformCertificate {
    enum class Type : std::uint8_t { base, delta };

    Bytes der;                        ///< the whole certificate
    Bytes signed_part;                ///< acinfo with its header: what the signature is over
    std::string signature_algorithm;  ///< object identifier, the same inside and outside of the signed part
    Bytes signature;

    std::optional<IssuerSerial> holder;      ///< baseCertificateID
    std::optional<std::string> holder_name;  ///< entityName: says less than the others
    std::optional<ObjectDigest> holder_digest;
    IssuerSerial issuer;          ///< the certificate's own issuer and serial
    std::int64_t not_before = 0;  ///< seconds since 1970-01-01 UTC
    std::int64_t not_after = 0;
    Type type = Type::base;  ///< by the credential type attribute; base where there is none

    struct Specification {
        std::uint32_t major = 0, minor = 0, revision = 0;
    };
    std::optional<Specification> platform_specification;    ///< 2.23.133.2.17
    std::optional<Specification> credential_specification;  ///< 2.23.133.2.23
    bool security_assertions = false;                       ///< 2.23.133.2.19 is there
    unsigned configuration_version = 0;                     ///< 1, 2, 3; 0 where there is no configuration
    std::vector<PlatformComponent> components;
    std::vector<PlatformProperty> properties;
    std::optional<std::string> components_uri;  ///< components that are elsewhere: never fetched
    std::optional<std::string> properties_uri;

    struct Platform {  ///< the SAN's directoryName
        std::string manufacturer, model, version, serial, manufacturer_id;
    };
    Platform platform;
    std::vector<std::string> policies;      ///< object identifiers
    std::optional<Bytes> authority_key_id;  ///< keyIdentifier of the extension
    bool names_revocation = false;          ///< a CRL or a responder is named; nothing is fetched
    std::vector<std::string> unknown_critical_extensions;  ///< object identifiers; any of them refuses
    std::vector<std::string> unread_attributes;            ///< object identifiers
    std::vector<PlatformReasonKind> quirks;  ///< departures from the profile that real makers ship

    /// `file`: DER, or PEM with the label ATTRIBUTE CERTIFICATE; at most limits::kCertificate bytes of DER.
    static Result<PlatformCertificate> parse(ByteView file);
};

inline constexpr std::size_t kPlatformComponents = 1024;  ///< components of one certificate
inline constexpr std::size_t kPlatformText = 1024;        ///< one text of a certificate, bytes

}  // namespace assay::tcg

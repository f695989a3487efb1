#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/certificate/ek_certificate.h"

/// Reference integrity manifests: what a maker says that its firmware measures. Bytes, trusted keys and the
/// time are arguments. docs/formats/rim.md is the page.
namespace assay::rim {

/// pc_client: a SWID tag with an XML signature, and its support RIMs. corim: CBOR, COSE_Sign1.
/// digest_list: lines or CSV, which nobody signs.
enum class RimFormat : std::uint8_t { pc_client, corim, digest_list };
std::string_view to_string(RimFormat format);  ///< "pc-client", "corim", "digest-list"

/// What the digests of a value are of.
enum class RimValueKind : std::uint8_t {
    event,        ///< one event of a boot event log
    pcr,          ///< a register's final value
    file,         ///< a file
    measurement,  ///< a component's measurement that is neither: `path` names it
};
std::string_view to_string(RimValueKind kind);  ///< "event", "pcr", "file", "measurement"

struct RimValue {
    RimValueKind kind = RimValueKind::measurement;
    std::optional<std::uint32_t> pcr;         ///< 0..23
    std::optional<std::uint32_t> event_type;  ///< of an event: as the log says, covered by no digest
    std::vector<Digest> digests;  ///< of the same thing, one an algorithm; never empty, never SHA-1
    std::string description;      ///< printable
    std::string path;             ///< file, component or key of the measurement; printable; may be empty
    std::string place;            ///< where it stands: "line 7", "offset 312", "boot.rimel event 12"
    bool operator==(const RimValue&) const = default;
};

/// Who signed: a certificate that leads to a trusted one or is trusted itself, or a trusted key.
struct RimSigner {
    std::string subject;               ///< RFC 2253, printable; "public key" where a key alone was trusted
    Digest sha256;                     ///< of the certificate's DER, or of the key's SubjectPublicKeyInfo
    bool by_certificate = true;        ///< false: `sha256` is the key's
    std::string algorithm;             ///< "RSA with SHA-256", ...
    std::optional<Digest> trusted_by;  ///< SHA-256 of the given certificate at the end of the path
    std::optional<std::int64_t> not_before, not_after;  ///< the certificate's, Unix time
    bool operator==(const RimSigner&) const = default;
};

/// A support RIM: a file beside the tag that has the values.
struct SupportRim {
    std::string name;  ///< as in the tag, with its directories; printable
    std::optional<std::uint64_t> size;
    std::vector<Digest> digests;  ///< none is SHA-1
    std::string place;
    bool given = false;  ///< its content was given, has the digests, and was read
    bool operator==(const SupportRim&) const = default;
};

/// A manifest that was read. Texts are printable.
struct Rim {
    RimFormat format = RimFormat::digest_list;
    std::string tag_id;
    std::string name;
    std::string version;            ///< of what it describes
    std::uint64_t tag_version = 0;  ///< of the manifest itself: a higher one replaces a lower one
    std::string maker, model, platform_version;
    std::string binding_spec;  ///< PC Client: "PC Client RIM 1.2"; CoRIM: its profile
    bool supplemental = false;
    std::optional<RimSigner> signer;                    ///< nobody, and only if that was allowed: empty
    std::optional<std::int64_t> signed_at;              ///< as the signer says
    std::optional<std::int64_t> not_before, not_after;  ///< as the signer says
    Digest file;                                        ///< SHA-256 of the manifest
    std::vector<RimValue> values;
    std::vector<SupportRim> support;
    std::vector<std::string> not_used;  ///< what the manifest has beside, and is not used
    bool operator==(const Rim&) const = default;
};

/// Whom the owner trusts with reference values, and when it is.
struct RimTrust {
    std::span<const tcg::Certificate> certificates = {};  ///< roots, or signers themselves
    std::span<const Bytes> keys = {};                     ///< SubjectPublicKeyInfo in DER; for CoRIM
    std::int64_t at_unix_time = 0;
    bool allow_unsigned = false;
    /// CoRIM profiles that the owner knows to change nothing of what is read here.
    std::span<const std::string> profiles = {};
};

/// A file beside the manifest. Borrows.
struct NamedFile {
    std::string name;
    ByteView content;
};

/// A manifest with the same tag id and a higher tag version was seen before: who may choose among what a
/// maker signed would bring back what it withdrew. `refused` with both versions.
Result<> check_not_older(const Rim& rim, std::string_view last_tag_id, std::uint64_t last_tag_version);

namespace limits {
inline constexpr std::size_t kRimFile = 4U << 20U;  ///< a manifest, bytes
inline constexpr std::size_t kValues = 65'536;      ///< of one manifest
inline constexpr std::size_t kSupportRims = 64;
inline constexpr std::size_t kSignerCertificates = 16;  ///< that come with a manifest
inline constexpr std::size_t kTrusted = 64;             ///< keys and certificates that are given
}  // namespace limits

}  // namespace assay::rim

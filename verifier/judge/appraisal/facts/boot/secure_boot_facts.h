#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/eventlog/replay/replay.h"

/// What a host's last attested boot showed of UEFI Secure Boot, small enough to be kept for every host. Facts
/// without a verdict. PURE.
namespace assay::judge {

class OpenedEvidence;

/// On what the facts of one boot stand.
enum class BootKnown : std::uint8_t {
    quoted,       ///< PCR 7 is quoted and the log replays to it
    no_log,       ///< the host sent no boot event log that can be read
    not_vouched,  ///< no quote vouches for PCR 7, or the log does not replay to it: nothing of it counts
};
std::string_view to_string(BootKnown known);  ///< "quoted", "no-log", "not-vouched"

/// A certificate of db or KEK, or one that let an image in.
struct BootCertificate {
    Digest sha256;                ///< of the DER
    std::string subject, issuer;  ///< RFC 2253, printable, at most 200 bytes each; empty where none is read
    std::int64_t not_after = 0;   ///< Unix time, seconds; 0 where it cannot be read

    bool operator==(const BootCertificate&) const = default;
};

/// db or KEK, as the firmware measured it.
struct BootKeys {
    bool measured = false;  ///< a verified event has it; else it is not known
    bool whole = true;      ///< all that was measured is below
    std::vector<Digest> certificates;
    std::uint64_t hashes = 0, others = 0;  ///< entries that are hashes of images, and those of other kinds

    bool operator==(const BootKeys&) const = default;
};

/// What an image was let in by: the entry of a database, as the log names it after the first use. A verifier
/// of images (firmware, shim) does not log an entry twice.
struct BootAuthority {
    std::string variable;  ///< "db", "MokList", "Shim"; printable
    std::string kind;      ///< "certificate", "image" or "other"
    Digest sha256;         ///< of the certificate's DER; the image's own; of the entry's bytes

    bool operator==(const BootAuthority&) const = default;
};

/// What PCR 2 or 4 has a digest of that no text explains: an image that was loaded.
struct BootImage {
    std::uint32_t pcr = 0;
    Bytes digest;      ///< Authenticode, in the bank
    std::string what;  ///< its path, as the log says: nobody vouches for it; printable, at most 200 bytes
    /// Index of the authority that stands before it in the log, or of the only one so far. The order of
    /// events of different PCRs is the log's word; empty where it does not tell one.
    std::optional<std::uint64_t> authority;

    bool operator==(const BootImage&) const = default;
};

struct SecureBootFacts {
    BootKnown known = BootKnown::no_log;
    std::string why;                            ///< where it is not `quoted`: what is missing; printable
    std::string bank = "sha256";                ///< of image digests
    std::optional<bool> enabled;                ///< the variable SecureBoot; empty: not known
    std::vector<BootCertificate> certificates;  ///< of everything below, ascending by digest
    BootKeys db, kek;
    bool dbx_measured = false;
    std::uint64_t dbx_entries = 0;
    Digest dbx;                              ///< of encode_revoked_entries: which entries
    std::vector<BootAuthority> authorities;  ///< in the log's order
    bool authorities_whole = false;          ///< PCR 7 has its separator, and every event of it could be read
    std::vector<BootImage> images;           ///< in the log's order
    bool applications_whole = false;         ///< `images` has all of PCR 4
    bool drivers_whole = false;              ///< and all of PCR 2

    [[nodiscard]] const BootCertificate* certificate(const Digest& sha256) const;  ///< null: not among them
    bool operator==(const SecureBootFacts&) const = default;
};

/// What dbx revokes.
struct RevokedEntries {
    std::vector<Digest> images;        ///< SHA-256, ascending
    std::vector<Digest> certificates;  ///< SHA-256 of their DER, ascending
    bool whole = true;                 ///< no entry was left out, and none is of another kind

    bool operator==(const RevokedEntries&) const = default;
};

struct SecureBootSeen {
    SecureBootFacts facts;
    RevokedEntries revoked;  ///< what facts.dbx is the digest of
};

/// Of a log held against values that a verified quote vouches for.
SecureBootSeen secure_boot_seen(const tcg::ReplayedEventLog& log);
/// Of authentic evidence.
SecureBootSeen secure_boot_seen(const OpenedEvidence& opened);
/// What decides what the function above gives, without a look at the log: 32 hex digits.
std::string secure_boot_mark(const OpenedEvidence& opened);

/// CBOR, and back; equal facts are equal bytes. At most a few hundred KiB: what is more is cut, and is then
/// not `whole`.
Bytes encode_secure_boot_facts(const SecureBootFacts& facts);
Result<SecureBootFacts> decode_secure_boot_facts(ByteView bytes);
Bytes encode_revoked_entries(const RevokedEntries& entries);
Result<RevokedEntries> decode_revoked_entries(ByteView bytes);

namespace secure_boot_bounds {
inline constexpr std::size_t kCertificates = 64;  ///< of each of db and KEK, and of authorities
inline constexpr std::size_t kImages = 512;
inline constexpr std::size_t kRevoked = 8192;  ///< of each kind
inline constexpr std::size_t kText = 200;      ///< bytes of a subject or path
}  // namespace secure_boot_bounds

}  // namespace assay::judge

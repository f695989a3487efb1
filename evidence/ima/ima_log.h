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
#include "evidence/tpm/pcr.h"

namespace assay::tcg {

/// One entry of an IMA measurement list, as claimed. Nothing is verified until its PCR replays (match_ima).
/// (kernel Documentation/security/IMA-templates.rst; security/integrity/ima/ima_template.c)
struct ParsedImaEntry {
    std::uint32_t index = 0;  ///< in the whole list
    std::size_t offset = 0;   ///< bytes from the start of the whole list
    std::uint32_t pcr = 0;    ///< 10 by default
    /// The list's own template digest, of the algorithm that the list was written with (SHA-1 but for the
    /// newer binary_runtime_measurements_sha256 and so on): what that algorithm's bank was extended with.
    Digest template_digest;
    std::string_view template_name;  ///< "ima-ng", "ima-sig", or a format string such as "d-ng|n-ng"
    /// What is hashed for a bank. Binary lists: borrowed from the list. Text lists: rebuilt, owned by the
    /// ParsedImaLog.
    ByteView template_data;

    /// An entry whose digest is zero: the kernel extended all ones because a file changed while measured.
    [[nodiscard]] bool is_violation() const { return template_digest.is_filled_with(std::byte{0}); }
};

/// The fields of the known templates, decoded on demand. Absent or empty where the template does not have
/// them.
struct ImaFields {
    std::optional<HashAlgorithm>
        file_hash_algorithm;          ///< "d": sha1; "d-ng", "d-ngv2": from the prefix; empty if unknown
    std::string_view file_hash_name;  ///< the algorithm's name as written, hostile
    ByteView file_hash;
    bool is_verity = false;        ///< "d-ngv2" with "verity:": the hash is the file's fs-verity digest
    std::string_view path;         ///< without its NUL; hostile: may hold spaces and newlines
    ByteView signature;            ///< "sig", as is
    ByteView buffer;               ///< "buf": of ima-buf
    ByteView appended_hash;        ///< "d-modsig", as is: the file without its appended signature
    ByteView appended_signature;   ///< "modsig", as is
    ByteView evm_signature;        ///< "evmsig", as is
    std::string_view xattr_names;  ///< "xattrnames", as is: joined by '|'
    std::optional<std::uint64_t> uid, gid;  ///< "iuid", "igid"
    std::optional<std::uint64_t> mode;      ///< "imode"
};

/// The fields of a template by its name, joined by '|': "d-ng|n-ng". A name that is not known is a format
/// itself.
std::string_view ima_template_format(std::string_view name);

/// Where a part of a list begins: so much of the whole list stands before it.
struct ImaPosition {
    std::size_t entries = 0;
    std::size_t offset = 0;  ///< bytes
};

/// Borrows a binary list's bytes. Movable, not copyable.
class ParsedImaLog {
  public:
    ParsedImaLog(ParsedImaLog&&) = default;
    ParsedImaLog& operator=(ParsedImaLog&&) = default;
    ParsedImaLog(const ParsedImaLog&) = delete;
    ParsedImaLog& operator=(const ParsedImaLog&) = delete;
    ~ParsedImaLog() = default;

    [[nodiscard]] std::span<const ParsedImaEntry> unverified_entries() const { return entries_; }
    /// Of the first entry; nothing stands before a whole list.
    [[nodiscard]] ImaPosition start() const { return start_; }
    /// Behind the last entry.
    [[nodiscard]] ImaPosition end() const { return end_; }
    /// Byte offset behind so many entries of the whole list; from `start` to `end`.
    [[nodiscard]] std::size_t offset_behind(std::size_t entries) const;

  private:
    friend Result<ParsedImaLog> parse_ima_log(ByteView, HashAlgorithm, ImaPosition);
    friend Result<ParsedImaLog> parse_ima_ascii(std::string_view);
    ParsedImaLog() = default;
    std::vector<ParsedImaEntry> entries_;
    std::vector<Bytes> rebuilt_;
    ImaPosition start_;
    ImaPosition end_;
};

/// binary_runtime_measurements, little-endian: u32 PCR, template digest (20 bytes for SHA-1), u32 name
/// length, name, u32 data length, data (the template "ima" has no data length: 20 bytes digest, u32 length,
/// name). Limits: limits::kSection, kImaEntries (of the whole list), name 256, data limits::kEventData.
/// `start`: where `list` is a part of a list; offsets of errors too are those of the whole list.
Result<ParsedImaLog> parse_ima_log(ByteView list, HashAlgorithm template_hash = HashAlgorithm::sha1,
                                   ImaPosition start = {});

/// ascii_runtime_measurements: every template whose fields are known. A template digest's size tells its
/// algorithm, the same in all lines. A path with a newline cannot be told apart in this form, and one with a
/// blank only where the template has one text field: use the binary one for evidence.
Result<ParsedImaLog> parse_ima_ascii(std::string_view list);

/// Decodes an entry's template data by its template's name; `unsupported` for a name that is not known and is
/// not a format string of known fields, `malformed` when the data is not what the template says.
Result<ImaFields> ima_fields(const ParsedImaEntry& entry);

/// What the kernel extended for this entry: the hash of the template data in `bank`; for SHA-1 the list's own
/// digest; all ones for a violation.
Digest ima_extended_digest(const ParsedImaEntry& entry, HashAlgorithm bank);
/// The hash of what the kernel hashes of this entry's data, whatever its own digest says. The template "ima"
/// pads its name to 256 bytes.
Digest ima_data_digest(const ParsedImaEntry& entry, HashAlgorithm bank);
/// Whether the list's own digest is the hash of the entry's data. False for edited entries; true for
/// violations.
bool ima_digest_covers_data(const ParsedImaEntry& entry);

/// Where a replay stands: kept between reports so that a long list is hashed once.
struct ImaReplayState {
    std::size_t entries = 0;  ///< of the list, already replayed (of any PCR)
    Digest value;             ///< of the PCR after them; the zero digest of the bank at boot
};
ImaReplayState ima_boot_state(HashAlgorithm bank);

enum class ImaAgreement : std::uint8_t {
    match,       ///< the whole list replays to the quoted value
    runs_ahead,  ///< a prefix does: the rest was measured after the quote (a race) and is unverified
    differs,     ///< no prefix does: cut short, edited, or of another boot
};
std::string_view to_string(ImaAgreement agreement);  ///< "match", "runs-ahead", "differs"

struct ImaMatch {
    ImaAgreement agreement = ImaAgreement::differs;
    ImaReplayState
        verified;  ///< up to and including the last entry that the quote covers; only set unless `differs`
    ImaReplayState whole;                   ///< after the whole list
    std::vector<std::uint32_t> violations;  ///< indices among the verified entries
    std::vector<std::uint32_t>
        edited;  ///< entries whose data is not what their digest says: their data is nobody's word
};

/// Extends `pcr`'s entries from `from` on and looks for the (longest) prefix that gives `quoted`. Entries of
/// other PCRs are skipped. `from` lies within the list, not before its start. In the SHA-1 bank an entry's
/// data counts as verified only if it is not in `edited`; in other banks the data itself is hashed.
ImaMatch match_ima(const ParsedImaLog& list, HashAlgorithm bank, std::uint32_t pcr,
                   const ImaReplayState& from, const Digest& quoted);

/// The file hash of the entry named "boot_aggregate", which must be the first; empty otherwise. It is
/// the hash of PCRs 0..7 (to 9 from Linux 5.8 on, SHA-1 excepted) at the time IMA started.
std::optional<ImaFields> boot_aggregate(const ParsedImaLog& list);

}  // namespace assay::tcg

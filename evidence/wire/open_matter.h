#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/wire/judged_event.h"

/// What was told of a host and is not over: it is told again in every result until it is (ADR 22). A matter
/// carries its texts and times as they were when it was first told, so that a steady host's conclusion stays
/// the same bytes.
namespace assay {

enum class ChangeKind : std::uint8_t { boot, keys, part, firmware, section, watch };

std::string_view to_string(ChangeKind kind);

/// What is not as the host last attested it: the same two sides are the same change.
struct MatterChange {
    ChangeKind kind = ChangeKind::boot;
    Bytes before;  ///< SHA-256 over what was; empty where nothing was
    Bytes after;   ///< SHA-256 over what is; empty where nothing is

    bool operator==(const MatterChange&) const = default;
};

struct MatterAcknowledgement {
    std::string by;       ///< name of an operator: two certificates of one name are one person
    std::int64_t at = 0;  ///< Unix time, seconds

    bool operator==(const MatterAcknowledgement&) const = default;
};

struct OpenMatter {
    std::string id;       ///< of the finding: "usb.unaccompanied"
    std::string subject;  ///< the finding's own texts, as first told
    std::string expected;
    std::string actual;        ///< of a change; of a device its texts are made of `device`
    std::string where;         ///< the finding's `evidence`, without the matter's id
    std::string tier;          ///< "none", "warning" or "contraindicated"
    std::string basis;         ///< as a finding has it
    std::int64_t since = 0;    ///< Unix time, seconds: told first
    std::uint64_t record = 0;  ///< journal record that began it; 0 of a change
    std::optional<MatterDevice> device;
    std::optional<MatterChange> change;
    bool over = false;  ///< of a change or an absence: it is as before again, and waits for acknowledgement
    std::optional<JudgedEvent> verdict;       ///< with a directory of persons: the newest
    std::vector<MatterAcknowledgement> acks;  ///< of different persons, at most limits::kAcknowledgements

    bool operator==(const OpenMatter&) const = default;
};

/// 16 hex digits: the name by which people speak of it. Of id, subject, since, record and a change's two
/// sides.
std::string matter_id(const OpenMatter& matter);

/// How many different people must acknowledge it before it may be over: two where a device was mounted, read,
/// written or bound to a network, else one.
std::size_t acknowledgements_needed(const OpenMatter& matter);
/// How many more it takes.
std::size_t missing_acknowledgements(const OpenMatter& matter);

/// Something that is missing, rather than another than before.
bool is_absence(ChangeKind kind);

/// Whether it is told no more: a device gone, a section or a watcher back, and acknowledged by as many as it
/// takes. A changed boot, part or firmware needs no more than the acknowledgement, unless it is
/// contraindicated.
bool is_over(const OpenMatter& matter);

/// A device that was there when the host last attested, so that it is no news after the next start.
struct PresentDevice {
    std::string port;
    std::string controller;
    Bytes identity;     ///< 32 bytes
    Bytes descriptors;  ///< 32 bytes
    std::uint64_t record = 0;
    /// A monitor has started in another boot since, and may tell yet that it is still there.
    bool lost_sight = false;

    bool operator==(const PresentDevice&) const = default;
};

/// One thing that is not as the host last attested it.
struct HostChange {
    ChangeKind kind = ChangeKind::boot;
    std::string id;  ///< of the finding: "boot.changed"
    std::string subject;
    std::string expected;
    std::string actual;
    std::string where;    ///< since when, of which PCR: what differs from host to host
    Bytes before;         ///< 32 bytes, or empty
    Bytes after;          ///< 32 bytes, or empty
    std::string planned;  ///< who says that it was expected; empty: nobody

    bool operator==(const HostChange&) const = default;
};

/// What is not as the host last attested it, as far as that could be compared. Absent where all is as it was.
struct HostNews {
    /// At most limits::kHostChanges that are new, and those of `planned`.
    std::vector<HostChange> changes = {};
    std::uint64_t more = 0;           ///< new ones that nobody expected, beyond those
    std::string not_compared = {};    ///< why nothing of the boot could be compared; empty: it could
    std::vector<Bytes> planned = {};  ///< `after` of open changes that are expected by now: they are over

    bool operator==(const HostNews&) const = default;
};

/// The monitor's sign of life as of the last attestation: facts/standing/watcher.h.
struct WatchPoint {
    Bytes boot = {};              ///< first 16 bytes of the boot id's SHA-256
    std::uint64_t kernel = 0;     ///< the monitor has to have handled this number soon
    std::uint64_t kernel_ms = 0;  ///< the TPM's clock when it was read
    std::uint64_t seen = 0;
    std::uint64_t start_ms = 0;
    std::uint64_t diskseq = 0;
    Bytes devnums = {};
    Bytes there = {};  ///< first 8 bytes of SHA-256 over controllers, ports and device numbers of section usb
    /// The TPM's clock when devices were first other ones than the monitor or `there` had, and no record told
    /// of it. Absent: they fit.
    std::optional<std::uint64_t> unlike_ms = {};

    bool operator==(const WatchPoint&) const = default;
};

/// Of a list of matters, as the store keeps it. `malformed`, `too_large`
Bytes encode_open_matters(const std::vector<OpenMatter>& matters);
Result<std::vector<OpenMatter>> decode_open_matters(ByteView bytes);
Bytes encode_watch_point(const WatchPoint& watch);
Result<WatchPoint> decode_watch_point(ByteView bytes);

}  // namespace assay

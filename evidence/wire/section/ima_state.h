#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"

/// An IMA list that comes in parts: docs/adr/0010-ima-lists-come-in-parts.md.
namespace assay {

/// An entry of the list about which there is something to say. Texts are printable and cut.
struct ImaNote {
    std::uint64_t entry = 0;   ///< index in the whole list
    std::uint64_t offset = 0;  ///< bytes from the start of the whole list
    std::string path;          ///< "entry" where its data cannot be read
    std::string expected;
    std::string found;

    bool operator==(const ImaNote&) const = default;
};

/// All entries of one kind, and the first of them (at most limits::kImaNotes) one by one.
struct ImaNotes {
    std::uint64_t count = 0;
    std::vector<ImaNote> first;

    bool operator==(const ImaNotes&) const = default;
};

/// What the rules for measured files came to so far.
struct ImaFiles {
    Digest rules;                ///< under which all entries before were judged
    std::uint64_t approved = 0;  ///< entries
    std::uint64_t ignored = 0;
    ImaNotes unlisted;    ///< no rule speaks of them
    ImaNotes unapproved;  ///< a rule speaks of them, and says something else

    bool operator==(const ImaFiles&) const = default;
};

/// Where the replay of a host's list stands: after the last entry that an accepted quote covered.
struct ImaState {
    std::string boot_id;            ///< the kernel's
    std::uint32_t reset_count = 0;  ///< the TPM's, as quoted
    std::uint64_t entries = 0;
    std::uint64_t offset = 0;       ///< bytes
    Digest value;                   ///< of PCR 10 in the judged bank; never SHA-1
    std::string aggregate_hash;     ///< algorithm of `aggregate` as the list writes it; empty for none
    Bytes aggregate;                ///< file hash of the first entry, if that is a readable boot_aggregate
    ImaNotes edited;                ///< entries whose SHA-1 digest is not that of their data
    ImaNotes violations;            ///< entries that the kernel could not measure
    std::optional<ImaFiles> files;  ///< absent where the policy has no rules for files

    bool operator==(const ImaState&) const = default;
};

Bytes encode_ima_state(const ImaState& state);
Result<ImaState> decode_ima_state(ByteView bytes);

/// What a challenge offers an agent of this boot to go on from.
struct ImaStart {
    std::string boot_id;
    std::uint64_t entries = 0;
    std::uint64_t offset = 0;
    Digest state;  ///< SHA-256 of the encoded ImaState

    bool operator==(const ImaStart&) const = default;
};
ImaStart start_of(const ImaState& state);

/// The section `ima-log-part`: the list from `offset` on.
struct ImaPart {
    Digest state;  ///< ImaStart::state
    std::uint64_t entries = 0;
    std::uint64_t offset = 0;
    Bytes list;  ///< raw binary_runtime_measurements from there on; may be empty

    bool operator==(const ImaPart&) const = default;
};

}  // namespace assay

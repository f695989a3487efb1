#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/wire/evidence.h"

/// What an agent says first, in at most 32 KiB: docs/formats/evidence.md#proof.
namespace assay {

/// The protocol between agent and verifier that this is a part of.
inline constexpr std::uint64_t kProtocol = 2;
inline constexpr std::size_t kProofSize = 32U << 10U;  ///< bytes of one encoded proof, at most
/// The PCRs that a host quotes, of one bank. Which of them are judged is the policy's business.
inline constexpr std::uint32_t kQuotedPcrs = 0x00ff'ffff;

/// Evidence with as many of its sections as stand beside it in a small document, and where its lists go on
/// from. Nothing in it has been verified.
struct Proof {
    Evidence evidence;               ///< `sections`: those that the agent expects to be wanted, if small
    std::uint64_t journal_from = 0;  ///< its section `journal` begins after this record
    std::optional<Digest> ima_from;  ///< ImaStart::state that its section `ima-log-part` goes on from

    bool operator==(const Proof&) const = default;
};

Bytes encode_proof(const Proof& proof);
/// `limit` above kProofSize, before anything is decoded.
Result<Proof> decode_proof(ByteView bytes);

}  // namespace assay

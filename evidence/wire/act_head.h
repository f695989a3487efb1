#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "evidence/base/digest.h"
#include "evidence/base/result.h"

namespace assay {

/// The chain of the verifier's acts up to one of them: docs/formats/acts.md. Two who have the same know of
/// the same acts.
struct ActHead {
    std::int64_t number = 0;  ///< of the newest act; 0: there is none
    Digest head = Digest::filled(HashAlgorithm::sha256, std::byte{0});

    bool operator==(const ActHead&) const = default;
};

/// "1204.q1A3...": decimal, a dot, base64url of 32 bytes.
std::string to_text(const ActHead& head);
/// `malformed` for every other text.
Result<ActHead> act_head_from(std::string_view text);

}  // namespace assay

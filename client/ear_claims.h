#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "evidence/codec/json_reader.h"
#include "evidence/wire/act_head.h"
#include "evidence/wire/attestation_result.h"

namespace assay::client {

/// What an Attestation Result token names: docs/formats/attestation-result.md.
struct EarClaims {
    ResultNames names;
    std::optional<ActHead> acts;  ///< absent in tokens of older verifiers
};

/// `claims`: of a token. Names are empty where they are absent; `malformed` where they are no digests.
Result<EarClaims> ear_claims(JsonReader& claims);

/// Of a token that nobody has checked: for whoever has it from the verifier itself, and keeps it as what he
/// was told.
Result<EarClaims> unverified_ear_claims(std::string_view token);

}  // namespace assay::client

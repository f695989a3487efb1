#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "evidence/wire/act_head.h"
#include "verifier/service/api/attest/attest.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/attestations/attestations.h"

/// Attestation results as they are answered: docs/openapi.yaml has the members.
namespace assay::api {

/// The host's result before came to something else, or there was none.
[[nodiscard]] bool concludes_anew(const store::Attestation& attestation);

/// From where a host's IMA list goes on; null: it is wanted whole.
nlohmann::json ima_json(const std::optional<ImaStart>& ima);

/// What the host is told. `with_result`: also the whole flat document, in its own canonical bytes, and the
/// statement of its activation; to a host that has the conclusion (`concludes_anew` is false) they serve
/// nothing unless it asked.
std::string attestation_answer(const Attested& attested, bool with_result);

/// The EAR of a result, signed now: two of one result say the same of the host, and each which acts the
/// verifier had.
Result<std::string> signed_ear(Service& service, const AttestationResult& result, const ResultNames& names,
                               const ActHead& acts);

/// "result_id", "conclusion", "result" and "jwt" of a stored result.
Result<nlohmann::json> result_answer(Service& service, const store::StoredResult& stored);

}  // namespace assay::api

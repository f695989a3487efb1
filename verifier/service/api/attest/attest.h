#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "verifier/service/api/attest/proven_evidence.h"
#include "verifier/service/api/attest/shown_before.h"
#include "verifier/service/shared/service.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::api {

/// What became of proven evidence. It is stored, durably.
struct Attested {
    store::Attestation attestation;
    std::uint64_t journal_acknowledged = 0;
    std::optional<ImaStart> ima;      ///< from where the host's next IMA list may go on
    std::vector<std::string> grants;  ///< tokens for the host's gate
    std::string activation = {};      ///< token for the host to keep; goes out with the result alone
};

/// open -> devices -> casework -> judge -> sign -> store, once more where another attestation of this host
/// came between, or `host`, as it was read or remembered for this request, is not the newest. `remembered`:
/// what is remembered of it besides, where it was looked up already.
/// `Refused::nonce_used` where its nonce is spent; `refused` where the host has another attestation key by
/// now. `proven` is complete: find_held_sections wants none.
store::Written<Attested> attest(Service& service, ProvenEvidence proven, store::Host host,
                                std::shared_ptr<const store::RememberedHost> remembered = {},
                                const std::optional<ShownBefore>& shown = {});

}  // namespace assay::api

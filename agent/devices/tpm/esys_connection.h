#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <spdlog/spdlog.h>

#include "agent/devices/tpm/tcti.h"
#include "agent/devices/tpm/tss.h"
#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::agent {

/// One connection to a TPM and those of its commands that Assay uses, each counted, timed in the debug log,
/// and with its error in words. Handles that it gives must not outlive it.
class EsysConnection {
  public:
    static Result<EsysConnection> open(Tcti tcti);

    /// Runs `send()`, which sends one command and returns its TSS2_RC.
    template <typename Send>
    Result<> command(std::string_view what, Send&& send) {
        ++round_trips_;
        const TSS2_RC code = fault_is_due() ? TSS2_ESYS_RC_MEMORY : send();
        spdlog::debug("TPM command {}: {} -> {:#x}", round_trips_, what, code);
        if (code != TSS2_RC_SUCCESS) return std::unexpected(tss_error(code, what));
        return {};
    }

    /// Handles in use (TPM2_CAP_HANDLES) from `first` to `last`, ascending.
    Result<std::vector<TPM2_HANDLE>> handles(TPM2_HANDLE first, TPM2_HANDLE last);
    /// Fixed properties (TPM2_PT_FIXED on), as tag and value.
    Result<std::vector<TPMS_TAGGED_PROPERTY>> fixed_properties();
    Result<bool> has_curve(TPM2_ECC_CURVE curve);

    /// The whole of an NV index that its empty authorisation, or the owner's, opens.
    Result<Bytes> nv_read(TPM2_HANDLE index, std::size_t limit);

    struct Key {
        TssHandle handle;
        TPMT_PUBLIC area{};
    };
    Result<Key> persistent_key(TPM2_HANDLE handle);
    /// The endorsement hierarchy's authorisation value, for all that follows. `usage` where it is longer than
    /// a TPM2B_AUTH.
    Result<> give_endorsement_auth(std::string_view auth);
    /// TPM2_CreatePrimary in the endorsement hierarchy, with that value for it and none for the key.
    Result<Key> create_endorsement_primary(const TPMT_PUBLIC& area, std::string_view what);
    /// TPM2_EvictControl: the key at `handle` from now on; asks for the owner's (empty) authorisation.
    Result<TssHandle> persist(const TssHandle& key, TPM2_HANDLE handle);
    /// A policy session in which the endorsement hierarchy's authorisation was given (EK Credential Profile,
    /// PolicyA).
    Result<TssHandle> endorsement_policy_session();

    [[nodiscard]] ESYS_CONTEXT* esys() const { return esys_.get(); }
    [[nodiscard]] std::uint64_t round_trips() const { return round_trips_; }

  private:
    EsysConnection(Tcti tcti, TssOwned<ESYS_CONTEXT> esys) : tcti_(std::move(tcti)), esys_(std::move(esys)) {}
    static bool fault_is_due();  // for tests: evidence/base/fault.h
    Result<TssOwned<TPMS_CAPABILITY_DATA>> capability(TPM2_CAP kind, std::uint32_t first, std::uint32_t count,
                                                      std::string_view what, bool* more = nullptr);

    Tcti tcti_;  // outlives esys_, which uses it
    TssOwned<ESYS_CONTEXT> esys_;
    std::uint64_t round_trips_ = 0;
};

}  // namespace assay::agent

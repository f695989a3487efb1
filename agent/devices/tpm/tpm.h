#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/devices/tpm/tcti.h"
#include "evidence/base/bytes.h"
#include "evidence/base/digest.h"
#include "evidence/base/result.h"
#include "evidence/certificate/ek_reason.h"
#include "evidence/wire/evidence.h"
#include "evidence/wire/section/sections.h"

namespace assay::agent {

/// What enrolment sends: public parts and certificates, nothing secret.
struct TpmIdentity {
    Bytes ek_public;  ///< TPMT_PUBLIC of the endorsement key
    std::vector<Bytes>
        ek_certificates;  ///< DER from NV: the EK's first, then intermediates (0x01c00100 on); may be empty
    Bytes ak_public;      ///< TPMT_PUBLIC of the attestation key
    bool operator==(const TpmIdentity&) const = default;
};

/// A further EK of the TPM. It is shown too, so that one TPM cannot be two hosts by having two EKs.
struct FurtherEk {
    Bytes ek_public;    ///< TPMT_PUBLIC
    Bytes certificate;  ///< DER from NV; empty where there is none
    bool operator==(const FurtherEk&) const = default;
};

/// A signing key that the device's maker provisioned in the TPM and vouches for: IAK or IDevID.
struct DeviceKey {
    tcg::TpmKeyRole role = tcg::TpmKeyRole::iak;
    Bytes public_area;                ///< TPMT_PUBLIC
    std::vector<Bytes> certificates;  ///< DER from NV: the key's own first, then the CAs' that are there
    bool operator==(const DeviceKey&) const = default;
};

/// What the TPM has of those.
struct DeviceKeys {
    std::vector<DeviceKey> keys;  ///< at most one of each role
    std::string trouble;          ///< why a certificate that is there is of no use; empty for nothing amiss
    bool operator==(const DeviceKeys&) const = default;
};

struct TpmQuote {
    Bytes quote;      ///< TPMS_ATTEST (of a certification where `certify` gave it)
    Bytes signature;  ///< TPMT_SIGNATURE
    bool operator==(const TpmQuote&) const = default;
};

/// How a TPM is used.
struct TpmAccess {
    std::string endorsement_auth;  ///< the endorsement hierarchy's authorisation value; mostly empty
    bool keeps_keys = true;        ///< EK and AK are persisted; where not, nothing is left in the TPM
};

/// What the TPM holds of the device journal: evidence/tpm/journal_index.h.
struct JournalIndices {
    bool value_defined = false;
    bool counter_defined = false;
    std::optional<Digest> value;           ///< nothing before the first record
    std::optional<std::uint64_t> counter;  ///< nothing where it is not defined, or never counted
    bool operator==(const JournalIndices&) const = default;
};

/// Where the AK is kept, in the range of the TCG's registry of handles for keys of the endorsement hierarchy.
inline constexpr std::uint32_t kAkHandle = 0x8101'a5a0;

/// A TPM 2.0 through tpm2-tss: the host's own, a software one, or a recording of one. The AK is a primary key
/// of the endorsement hierarchy made from a fixed template, so the same TPM gives the same AK for ever,
/// whether it could be persisted at kAkHandle or not (persisting asks for owner authorisation).
///
/// For several threads: one call at a time. It is connected at the first call, and anew after one that failed
/// with `io` or `tpm`, so that a TPM that was away (or a resource manager that was restarted) is found again.
/// Keys are looked up once a connection. Errors: `not_found` (no TPM), `refused` (no permission on the
/// device, the hierarchy's authorisation is set, or a recording does not have the command), `tpm` with the
/// TPM's own words. Virtual for tests, which override what they need.
class Tpm {
  public:
    using Connect = std::function<Result<Tcti>()>;
    explicit Tpm(Connect connect, TpmAccess access = {});
    /// Over open_tcti(conf), and connected already: its errors are known at once.
    static Result<std::unique_ptr<Tpm>> open(const std::string& conf, TpmAccess access = {});
    virtual ~Tpm();
    Tpm(const Tpm&) = delete;
    Tpm& operator=(const Tpm&) = delete;

    Result<> connect();
    /// Commands sent to the TPM since it was last connected.
    [[nodiscard]] std::uint64_t round_trips() const;

    /// TPM2_GetCapability: who made it, which firmware.
    virtual Result<TpmSection> properties();
    /// EK and AK, made from their templates on first use and persisted (AK under the endorsement hierarchy,
    /// ECC P-256, RSA-2048 where ECC is absent; EK at its standard handle). Called again it gives the same
    /// keys.
    virtual Result<TpmIdentity> identity();
    /// TPM2_ActivateCredential: proves to the verifier that this AK lives in the TPM with this EK.
    virtual Result<Bytes> activate(ByteView id_object, ByteView encrypted_secret);
    /// The EKs of the profile's other templates, as far as this TPM can make them; always in the same order.
    /// Takes seconds on a real TPM and is asked for at enrolment only.
    virtual Result<std::vector<FurtherEk>> further_eks();
    /// The same as `activate` with the `index`-th of those.
    virtual Result<Bytes> activate_further(std::size_t index, ByteView id_object, ByteView encrypted_secret);
    /// IAK and IDevID with their certificates in NV; none where the maker provisioned none. Making a key from
    /// its template takes a while, so this is asked for at enrolment and by the doctor.
    virtual Result<DeviceKeys> device_keys();
    /// TPM2_Certify of the AK by the key of that role, which `device_keys` gave before. `qualifying_data`: at
    /// most 64 bytes.
    virtual Result<TpmQuote> certify(tcg::TpmKeyRole role, ByteView qualifying_data);
    /// A quote over `selection` ("sha256:0,1,2") with `extra_data` (32 bytes), signed by the AK.
    virtual Result<TpmQuote> quote(std::string_view selection, ByteView extra_data);
    /// One round trip where the TPM's update counter has not moved since the last read of the same selection.
    virtual Result<PcrSection> read_pcrs(std::string_view selection);

    virtual Result<JournalIndices> journal_indices();
    /// Defines those that are not there, and counts once so that the counter has a value. `refused` where the
    /// owner's authorisation value is another, `tpm` where NV is full, `conflict` where something else stands
    /// at their handles.
    virtual Result<> define_journal_indices(const std::string& owner_auth);
    virtual Result<> remove_journal_indices(const std::string& owner_auth);
    /// TPM2_NV_Extend with a record's digest; TPM2_NV_Increment. `not_found` where they are not defined.
    virtual Result<> extend_journal(const Digest& record);
    virtual Result<> count_journal();
    /// TPM2_NV_Certify of both by the AK; of the counter alone where it stands at `rests_at`.
    /// `qualifying_data`: at most 64 bytes. `not_found` where they are not defined.
    virtual Result<JournalProof> certify_journal(ByteView qualifying_data,
                                                 std::optional<std::uint64_t> rests_at);
    /// TPM2_ReadClock: TPM Resets since the last TPM2_Clear, which are boots.
    virtual Result<std::uint32_t> reset_count();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace assay::agent

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "evidence/wire/act_head.h"
#include "evidence/wire/delivery.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/policy/policy_scope.h"
#include "verifier/service/store/store.h"

namespace assay::store {

/// A signing key of the TPM that the device's maker vouches for: IAK or IDevID.
struct DeviceKey {
    Bytes public_area;                ///< TPMT_PUBLIC; empty where the TPM showed none
    std::vector<Bytes> certificates;  ///< DER, the key's own first, then those above it
    [[nodiscard]] bool shown() const { return !public_area.empty() || !certificates.empty(); }
    bool operator==(const DeviceKey&) const = default;
};

/// The identity of a host: one EK, one AK, one name. The digests are of the key material alone, so that one
/// key under two encodings is one key.
struct Identity {
    std::string host;
    std::string ek_digest;
    std::string ak_digest;
    Bytes ek_public;                          ///< TPMT_PUBLIC
    Bytes ak_public;                          ///< TPMT_PUBLIC
    std::vector<Bytes> ek_certificates;       ///< DER
    std::vector<std::string> other_eks = {};  ///< digests of the TPM's further EKs; not read back with a host
    // Of an enrolled host each has certified the AK.
    DeviceKey iak = {};
    DeviceKey idevid = {};
    bool operator==(const Identity&) const = default;
};

/// What there is none of, and nobody need ask for. False: perhaps.
struct NoneOf {
    bool sessions = false;     ///< work sessions of the host
    bool unproven = false;     ///< lines of evidence that came in its name
    bool open_events = false;  ///< its device events that are open
    bool open_stays = false;   ///< devices that are in it
    bool directory = false;    ///< of persons and zones, at this verifier

    bool operator==(const NoneOf&) const = default;
};

struct Host {
    judge::Labels labels = {};  ///< as `Contact::labels`
    Identity identity;
    std::int64_t enrolled_at = 0;
    std::int64_t revision = 0;  ///< number of attestations stored; guards against two at once
    std::int64_t told = 0;      ///< changes by others to what its next report is judged by; likewise
    std::string conclusion;     ///< digest of what its newest result came to; empty before the first
    std::int64_t attested_at = 0, watched_until_ms = 0;  ///< as `Contact`
    /// Revision of the newest attestation that later boots may be compared with, a colon, and that boot's
    /// mark (judge::boot_mark). Empty: there was none yet.
    std::string boot_of = {};
    NoneOf none = {};
    /// What this process told it last; absent: it did not, since it read the host.
    std::optional<ActHead> told_acts = {};
    KnownHost known;
};

/// The key by which a host's evidence is proven, and what chooses its policy.
struct EnrolledKey {
    Bytes ak_public;       ///< TPMT_PUBLIC
    judge::Labels labels;  ///< as `Contact::labels`

    bool operator==(const EnrolledKey&) const = default;
};

struct HostSummary {
    std::string host;
    std::int64_t enrolled_at = 0;
    std::string ek_digest;
    std::string tier;  ///< of the newest result; empty before the first
    std::int64_t appraised_at = 0;
    std::string result_id;
};

/// When a host was heard of.
struct Contact {
    std::string host;
    std::int64_t enrolled_at = 0;  ///< with the TPM that it has now
    std::int64_t attested_at = 0;  ///< authentic evidence; 0: never
    std::int64_t watched_until_ms = 0;
    judge::Labels labels = {};  ///< that an administrator set
    /// The later of the two.
    [[nodiscard]] std::int64_t last() const { return attested_at > enrolled_at ? attested_at : enrolled_at; }
};

/// Who said what of a host.
struct HostLabels {
    judge::Labels labels;
    std::string set_by;
    std::int64_t set_at = 0;
};

/// Which purchase lines are to be believed where their hosts are.
struct SiteToAdopt {
    std::string site;
    std::string by;  ///< the administrator
    std::int64_t at = 0;
    bool dry_run = false;
};

struct AdoptedSite {
    std::string host;
    std::string before;  ///< the label's value; empty: there was none
};

/// What an operator said that a host was delivered with.
struct Endorsement {
    std::string host;
    std::string ek_digest;  ///< of the TPM that it was verified for
    Delivery delivery;
    std::vector<Bytes> files;  ///< the certificates, or the list, as they came
};

struct RememberedHost;

/// `not_found` for a host that is not enrolled.
class Hosts : Subject {
  public:
    using Subject::Subject;
    Result<Host> find(const std::string& name);
    /// As `find` gave it and the attestations since have moved it, from memory; nothing where it is not
    /// there. Others may have changed the host: Attestations::add refuses (`Refused::moved`) what was made
    /// from a host that is not the newest, so nothing else may be concluded from this.
    std::shared_ptr<const RememberedHost> remembered(const std::string& name);
    /// What is needed to prove evidence, and no more; nothing for a host that is not enrolled.
    Result<std::optional<EnrolledKey>> attestation_key(const std::string& host);
    Result<HostSummary> summary(const std::string& name);
    Result<std::vector<HostSummary>> list();  ///< by name
    Result<std::uint64_t> count();

    Result<Contact> contact(const std::string& host);
    Result<std::vector<Contact>> contacts();  ///< by name

    /// All labels of the host anew, with an act.
    Result<> set_labels(const std::string& host, const HostLabels& labels);
    Result<HostLabels> labels(const std::string& host);
    /// The label `site` for every enrolled host that is bought for this one and has another label or none:
    /// all at once, with an act for each. They, by name.
    Result<std::vector<AdoptedSite>> adopt_site(const SiteToAdopt& wanted);
    /// Takes the place of the one before, which is kept. Read with the host.
    Result<> add_endorsement(const Endorsement& endorsement);
};

}  // namespace assay::store

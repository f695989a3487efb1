#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/purchase_list.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/steps/appraise.h"
#include "verifier/judge/appraisal/steps/held_section.h"
#include "verifier/service/store/devices/device_sightings.h"
#include "verifier/service/store/site/site.h"

/// What the store takes and gives. Digests are lower-case hex SHA-256; times are Unix seconds.
namespace assay::store {

/// A one-time enrolment token. The token itself is never stored.
struct Token {
    std::string digest;  ///< of the token's text
    std::string host;
    std::string created_by;
    std::int64_t created_at = 0;
    std::int64_t expires_at = 0;
    std::int64_t spent_at = 0;  ///< 0 while it is not spent
};

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

/// Why an identity may not be admitted under its name.
struct IdentityConflict {
    enum class Kind : std::uint8_t {
        second_tpm,   ///< the name is known with another EK
        second_ak,    ///< the name is known with this EK and another AK
        known_tpm,    ///< an EK or the AK is known under another name
        retired_tpm,  ///< an EK or the AK belonged to a host and was replaced there
    };
    Kind kind = Kind::second_tpm;
    std::string host;  ///< the one that is known
    std::string text;  ///< for a person
};

/// What the purchase says of a host: docs/formats/purchase-list.md.
struct Registration {
    PurchasedHost purchased;
    std::string registered_by;
    std::int64_t registered_at = 0;
};

/// What became of one line of a purchase list.
struct Registered {
    enum class Outcome : std::uint8_t { added, changed, unchanged, refused };
    std::size_t line = 0;
    std::string host;
    Outcome outcome = Outcome::unchanged;
    std::string reason;  ///< where refused or changed
};

/// An applicant that was refused. Nothing of it is proven but the text of the request.
struct Refusal {
    std::string host;        ///< the known or registered host that it is about; empty: the name is no host's
    std::string asked_name;  ///< the name that it asked for
    std::string kind;        ///< id of a finding: "admission.second_tpm"
    std::string ek_digest, ak_digest;
    std::string expected, actual;
    std::int64_t first_at = 0, last_at = 0;
    std::int64_t times = 1;
};

struct RefusalQuery {
    std::optional<std::string> host;    ///< about it, or asked for under its name
    std::optional<std::int64_t> since;  ///< last seen at or after
    std::optional<std::string> kind;
    std::int64_t limit = 100;
};

/// An order that a host may enrol once with another TPM, and what became of it.
struct Replacement {
    std::string id;
    std::string host;
    std::string reason;
    std::string ordered_by;
    std::int64_t ordered_at = 0;
    std::int64_t expires_at = 0;
    std::string tpm_digest;    ///< of the new TPM, as in a purchase list; empty: a token is wanted instead
    std::int64_t done_at = 0;  ///< 0 while it is pending
    std::string old_ek_digest, old_ak_digest;
    std::string new_ek_digest, new_ak_digest;  ///< empty while it is pending
    std::int64_t released_at = 0;              ///< the old TPM may enrol under another name from then on
    std::string released_by, release_reason;
};

/// A credential was made and not yet, or not long ago, activated.
struct Enrolment {
    std::string id;
    std::string token_digest;  ///< empty where the registration stands for it
    Identity identity;
    std::string secret_digest;  ///< the secret itself is never stored
    std::int64_t expires_at = 0;
    std::int64_t activated_at = 0;  ///< 0 while it is pending
    std::string replacement = {};   ///< id of the Replacement that it is to end; empty for none
};

/// One PCR of a host's newest authentic quote.
struct BootValue {
    std::uint32_t pcr = 0;
    std::string value;       ///< lower-case hex
    std::int64_t since = 0;  ///< Unix time, seconds: of the first appraisal in a row that had it
};

/// What a host booted, by its PCRs.
struct BootValues {
    std::string host;
    std::string bank;               ///< "sha256"
    std::vector<BootValue> values;  ///< ascending
};

/// Who said what of a host.
struct HostLabels {
    Labels labels;
    std::string set_by;
    std::int64_t set_at = 0;  ///< Unix time, seconds
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
    Labels labels = {};  ///< as `Contact::labels`
    Identity identity;
    std::int64_t enrolled_at = 0;
    std::int64_t revision = 0;  ///< number of attestations stored; guards against two at once
    std::int64_t told = 0;      ///< changes by others to what its next report is judged by; likewise
    std::string conclusion;     ///< digest of what its newest result came to; empty before the first
    std::int64_t attested_at = 0, watched_until_ms = 0;  ///< as `Contact`
    NoneOf none = {};
    KnownHost known;
};

/// The key by which a host's evidence is proven, and what chooses its policy.
struct EnrolledKey {
    Bytes ak_public;  ///< TPMT_PUBLIC
    Labels labels;    ///< as `Contact::labels`

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

/// A section that a host holds: its newest of that name.
struct HeldSection {
    std::string name;
    std::string digest;
};

/// What an operator said that a host was delivered with.
struct Endorsement {
    std::string host;
    std::string ek_digest;  ///< of the TPM that it was verified for
    Delivery delivery;
    std::vector<Bytes> files;  ///< the certificates, or the list, as they came
};

/// A vendor bundle that was loaded.
struct LoadedBundle {
    std::int64_t version = 0;
    std::string digest;          ///< hex SHA-256 of its content
    std::int64_t loaded_at = 0;  ///< Unix time, seconds
};

/// One attestation with everything that must be stored together.
struct Attestation {
    std::string result_id;   ///< ResultNames of `result`
    std::string conclusion;  ///< likewise
    AttestationResult result;
    std::string jwt;         ///< for the answer; the store keeps none
    Evidence evidence;       ///< with the sections that came
    HeldSections held = {};  ///< the others, which the store has
    Challenge challenge;
    KnownHost known_before;
    std::vector<WorkSession> sessions;
    NextKnown next;
    HostComponents components = {};         ///< of authentic evidence; null is as none
    std::optional<QuotedPcrs> quoted = {};  ///< likewise
    std::vector<SiteDocument> events = {};  ///< device events that it brings; kept only if it is authentic
    DeviceUpdate devices = {};              ///< likewise; up to the last accepted journal record
    std::int64_t revision_before = 0;       ///< Host::revision when known_before was read
    std::int64_t told_before = 0;           ///< Host::told likewise
    std::int64_t attested_before = 0, watched_before_ms = 0;  ///< likewise
    std::string conclusion_before = {};                       ///< Host::conclusion likewise
    std::int64_t nonce_expires_at = 0;  ///< from then on the nonce is refused for its age
};

struct StoredResult {
    std::string result_id;
    std::string conclusion;  ///< digest
    AttestationResult result;
};

struct FindingQuery {
    std::optional<std::string> host;
    std::optional<std::int64_t> since;  ///< last appraised so at or after
    std::optional<std::string> id;
    std::int64_t limit = 100;
};

/// One finding of a stay: of all a host's results in a row that came to the same.
struct FindingRow {
    std::string host;
    std::string result_id;          ///< of the newest of them
    std::int64_t appraised_at = 0;  ///< likewise
    Finding finding;
    std::string group;
};

struct JournalRow {
    std::uint64_t sequence = 0;
    std::string digest;
    Bytes record;
};

struct SessionQuery {
    std::optional<std::string> host;
    bool open_only = false;
    std::int64_t limit = 1000;  ///< the newest
};

struct Operator {
    std::string certificate;  ///< SHA-256 of the certificate's DER
    std::string name;
    std::string role;  ///< "viewer", "operator", "admin"
    std::int64_t created_at = 0;
    std::int64_t revoked_at = 0;  ///< 0 while it is valid
};

}  // namespace assay::store

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/appraisal/appraise.h"

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

/// The identity of a host: one EK, one AK, one name. The digests are of the key material alone, so that one
/// key under two encodings is one key.
struct Identity {
    std::string host;
    std::string ek_digest;
    std::string ak_digest;
    Bytes ek_public;                     ///< TPMT_PUBLIC
    Bytes ak_public;                     ///< TPMT_PUBLIC
    std::vector<Bytes> ek_certificates;  ///< DER
    bool operator==(const Identity&) const = default;
};

/// A credential was made and not yet, or not long ago, activated.
struct Enrolment {
    std::string id;
    std::string token_digest;
    Identity identity;
    std::string secret_digest;  ///< the secret itself is never stored
    std::int64_t expires_at = 0;
    std::int64_t activated_at = 0;  ///< 0 while it is pending
};

struct Host {
    Identity identity;
    std::int64_t enrolled_at = 0;
    std::int64_t revision = 0;  ///< number of attestations stored; guards against two at once
    KnownHost known;
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

/// One attestation with everything that must be stored together.
struct Attestation {
    std::string result_id;
    AttestationResult result;
    std::string result_json;  ///< canonical
    std::string jwt;
    Evidence evidence;  ///< all sections filled in
    Challenge challenge;
    KnownHost known_before;
    std::vector<WorkSession> sessions;
    NextKnown next;
    std::vector<HostComponent> components;  ///< of authentic evidence
    std::int64_t revision_before = 0;       ///< Host::revision when known_before was read
    std::int64_t nonce_expires_at = 0;      ///< from then on the nonce is refused for its age
};

struct StoredResult {
    std::string result_id;
    std::string host;
    std::string result_json;
    std::string jwt;
    std::string tier;
    std::int64_t appraised_at = 0;
};

struct FindingQuery {
    std::optional<std::string> host;
    std::optional<std::int64_t> since;  ///< appraised at or after
    std::optional<std::string> id;
    std::int64_t limit = 100;
};

struct FindingRow {
    std::string host;
    std::string result_id;
    std::int64_t appraised_at = 0;
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

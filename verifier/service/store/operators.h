#pragma once

#include <vector>

#include <soci/soci.h>

#include "verifier/service/store/store.h"

namespace assay::store {

struct Operator {
    std::string certificate;  ///< SHA-256 of the certificate's DER
    std::string name;
    std::string role;  ///< api::to_string(Role)
    std::int64_t created_at = 0;
    std::int64_t revoked_at = 0;  ///< 0 while it is valid
    std::string person = {};      ///< who keeps its key, as the directory names them; empty: not known
    std::string feed = {};        ///< of an order feed the issuer, of a badge feed the source; else empty
};

/// What the acts of its certificate are of: hex SHA-256 of certificate, name, role, person and feed as
/// canonical JSON. Their subject is "certificate:" and its digest.
std::string object_of(const Operator& who);

/// An act for each certificate of before there were acts. Throws.
void begin_operators(soci::session& sql, std::int64_t now_ms);

class Operators : Subject {
  public:
    using Subject::Subject;
    /// `conflict` for a certificate that is there. `hand`: who gives it, as acts name them.
    Result<> add(const Operator& who, const std::string& hand);
    /// `not_found`; `refused` where the row is not as the newest act of the certificate says: then somebody
    /// wrote it past the verifier.
    Result<Operator> find(const std::string& certificate);
    /// Such a certificate came: an act says so, at most once an hour.
    Result<> note_refused(const std::string& certificate, std::int64_t now);
    Result<std::vector<Operator>> list();                                     ///< by name
    Result<> revoke(const std::string& certificate, const std::string& hand,  ///< `not_found`
                    std::int64_t now);
};

}  // namespace assay::store

#pragma once

#include <soci/soci.h>

#include "verifier/service/store/hosts/admission.h"

namespace assay::store {

/// What the columns ek_public, ak_public, ek_certificates, iak and idevid of enrolments and hosts hold: hex.
struct IdentityColumns {
    std::string ek_public, ak_public, ek_certificates, iak, idevid;

    static IdentityColumns of(const Identity& identity);
    /// `internal` where they hold something else: then somebody else wrote them.
    Result<> read_into(Identity& identity) const;
};

/// The one place that changes a row of hosts: ends the enrolment's replacement, keeps the old identity in it,
/// and lets journal, clock and held sections begin anew. Part of the transaction of `activate`, which claims
/// the new keys. `conflict` where the replacement is over.
Result<> replace_identity(soci::session& sql, const Enrolment& enrolment, std::int64_t now);

}  // namespace assay::store

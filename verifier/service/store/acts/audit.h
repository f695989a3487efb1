#pragma once

#include <map>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "verifier/judge/ledger/audit.h"
#include "verifier/service/store/store.h"

namespace assay::store {

/// Digests of rows, SHA-256 in hex, by what they are of: "labels rack-7", "registration rack-7", "session
/// s1", "document order W-1 2", "badges onguard 2026-11-30".
using RowDigests = std::map<std::string, std::string>;

/// Of the rows of before there were acts: what chain.begun says of them, by their first 16 digits. In the
/// caller's transaction. Throws.
RowDigests rows_of_before(soci::session& sql);

/// Of the host's purchase line as it stands, as its act has it; empty: there is none. Likewise.
std::string line_digest(soci::session& sql, const std::string& host);

/// Whether the database is what its acts say. Each reads in slices, so that nobody waits.
class Audit : Subject {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): as Subject
    Audit(Store& store) : Subject(store), store_(store) {}
    Result<std::vector<judge::Contradiction>> chain();
    /// Operators, labels, purchase lines, sessions, documents and badge rows.
    Result<std::vector<judge::Contradiction>> rows();
    /// At most `limit` names of hosts after this one, by name.
    Result<std::vector<std::string>> hosts(const std::string& after, std::int64_t limit);
    Result<std::vector<judge::Contradiction>> results_of(const std::string& host);
    /// All of it.
    Result<std::vector<judge::Contradiction>> everything();

  private:
    Store& store_;
};

}  // namespace assay::store

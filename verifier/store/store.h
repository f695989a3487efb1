#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/store/inventory.h"
#include "verifier/store/records.h"

/// What the verifier knows, on SQLite or PostgreSQL, by the same SQL. docs/adr/0001-one-store-two-engines.md.
namespace assay::store {

class Database;

/// Thread-safe. A write has been committed durably when its function returns; one that was interrupted, or
/// returned an error, has left nothing. Errors: `io` where the database failed; `conflict` and `not_found` as
/// each function says.
class Store {
  public:
    /// "sqlite:/path/to/file" or "postgresql://...". Brings the schema up to this version's; one that a newer
    /// version has made is refused with `unsupported`.
    static Result<std::unique_ptr<Store>> open(const std::string& connection);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store();

    /// True while the database answers.
    Result<> check();
    /// 32 random bytes that all copies of the verifier share; made at the first opening.
    Result<Bytes> shared_key();

    /// --- Enrolment
    Result<> add_token(const Token& token);
    Result<Token> token(const std::string& digest);  ///< `not_found`
    /// Also forgets what expired before `now`.
    Result<> add_enrolment(const Enrolment& enrolment, std::int64_t now);
    Result<Enrolment> enrolment(const std::string& id);  ///< `not_found`
    Result<> drop_enrolment(const std::string& id);
    /// `conflict` naming both where the host's name, EK or AK is known under another identity.
    Result<> check_identity(const Identity& identity);
    /// Spends the token and admits the host, together. Again for the same host with the same identity it
    /// changes nothing but the token. `conflict` for any other identity, and for a token spent on another
    /// enrolment.
    Result<> activate(const Enrolment& enrolment, std::int64_t now);

    /// --- Hosts
    Result<Host> host(const std::string& name);  ///< `not_found`
    Result<std::vector<HostSummary>> hosts();
    Result<HostSummary> host_summary(const std::string& name);  ///< `not_found`
    Result<std::uint64_t> count_hosts();
    Result<std::vector<HeldSection>> held_sections(const std::string& host);
    /// The bytes of a section that this host holds now; `not_found` for another host's.
    Result<Bytes> held_section(const std::string& host, const std::string& digest);

    /// --- Attestations
    Result<bool> nonce_used(ByteView nonce);
    /// All of it or nothing, in one transaction: nonce spent, result, sections, findings, and (only if
    /// `next.authentic`) journal records, held sections and what is known of the host. `conflict` beginning
    /// "nonce" for a nonce that is spent; `conflict` beginning "revision" where another attestation of this
    /// host came between: read the host again and appraise again.
    Result<> add_attestation(const Attestation& attestation);
    Result<StoredResult> newest_result(const std::string& host);  ///< `not_found`
    Result<StoredResult> result(const std::string& result_id);    ///< `not_found`
    /// The newest attestation of the host as it was appraised.
    Result<SavedBundle> newest_bundle(const std::string& host);  ///< `not_found`
    Result<std::vector<FindingRow>> findings(const FindingQuery& query);
    Result<std::vector<JournalRow>> journal(const std::string& host);

    /// --- Parts
    /// The types that have an identifier in one of the ranges, each with all its identifiers.
    Result<std::vector<PartType>> part_types(const std::vector<MakerRange>& ranges);
    Result<Inventory> inventory(const InventoryQuery& query);
    /// Every type that some host has now.
    Result<std::vector<TypeCount>> present_types();
    /// The parts with a serial number that this host has or had, and where else those serial numbers were
    /// seen; at most 1,000.
    Result<std::vector<SeenComponent>> seen_components(const std::string& host);

    /// --- Work sessions
    Result<> add_session(const WorkSession& session, const std::string& opened_by);
    Result<WorkSession> session(const std::string& id);  ///< `not_found`
    Result<std::vector<WorkSession>> sessions(const SessionQuery& query);
    /// `not_found`; `conflict` for one that is closed.
    Result<WorkSession> close_session(const std::string& id, const std::string& closed_by, std::int64_t now);

    /// --- Operators
    Result<> add_operator(const Operator& who);  ///< `conflict` for a certificate that is there
    Result<Operator> find_operator(const std::string& certificate);  ///< `not_found`
    Result<std::vector<Operator>> operators();
    Result<> revoke_operator(const std::string& certificate, std::int64_t now);  ///< `not_found`

  private:
    explicit Store(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
};

}  // namespace assay::store

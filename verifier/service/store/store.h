#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/base/result.h"
#include "verifier/service/store/attestations/unproven.h"
#include "verifier/service/store/devices/device_sightings.h"
#include "verifier/service/store/devices/inventory.h"
#include "verifier/service/store/records.h"
#include "verifier/service/store/site/site.h"
#include "verifier/service/store/written.h"

/// What the verifier knows, on SQLite or PostgreSQL, by the same SQL. docs/adr/0001-one-store-two-engines.md.
namespace assay::store {

class Database;
class KnownHosts;
struct RememberedHost;

inline constexpr std::int64_t kRefusalsOfHost = 100;
inline constexpr std::int64_t kRefusals = 10'000;  ///< in all

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
    /// Every reason why this identity may not be admitted; none where it may.
    Result<std::vector<IdentityConflict>> identity_conflicts(const Identity& identity);
    /// Spends the token and admits the host, together. Again for the same host with the same identity it
    /// changes nothing but the token. With a `replacement` that is still pending it retires the identity that
    /// the host had, and journal and clock begin anew. `conflict` for any other identity, for a token spent
    /// on another enrolment, and for a replacement that is over.
    Result<> activate(const Enrolment& enrolment, std::int64_t now);

    /// --- Admission
    /// All lines or, where one is refused or `dry_run`, none; what became of each, in their order. The same
    /// line again changes nothing. Refused: a TPM that is registered for another host; for an enrolled host
    /// a digest that is not its TPM's (`has_digest` says whether the enrolled TPM has it).
    using HasDigest = std::function<bool(const Identity& enrolled, const std::string& tpm_digest)>;
    Result<std::vector<Registered>> add_registrations(const std::vector<PurchasedHost>& hosts,
                                                      const std::string& who, std::int64_t now, bool dry_run,
                                                      const HasDigest& has_digest);
    Result<Registration> registration(const std::string& host);  ///< `not_found`
    /// Of the host for which a TPM with any of these digests is registered; `not_found`.
    Result<Registration> registration_of(const std::vector<std::string>& tpm_digests);
    Result<std::vector<Registration>> registrations();

    /// Together: each is kept, or counted where the same was refused before; `actual` is then the newer one.
    /// At most kRefusalsOfHost different ones a host are kept apart, what comes after is counted in one; of
    /// names that are no host's the newest kRefusalsOfHost. Beyond kRefusals in all the oldest go.
    Result<> add_refusals(const std::vector<Refusal>& refusals);
    Result<std::vector<Refusal>> refusals(const RefusalQuery& query);  ///< newest first

    /// `not_found` for a host that is not enrolled. A pending order for the same host is over with this one.
    Result<> order_replacement(const Replacement& order);
    /// The order for this host that is neither done nor expired; `not_found`.
    Result<Replacement> pending_replacement(const std::string& host, std::int64_t now);
    Result<std::vector<Replacement>> replacements(const std::optional<std::string>& host);  ///< newest first
    /// The TPM that was replaced may enrol again, under any name that is free. `not_found` for a replacement
    /// that was not carried out, `conflict` for one that is released already.
    Result<Replacement> release_replaced(const std::string& id, const std::string& who,
                                         const std::string& reason, std::int64_t now);

    /// --- Hosts
    Result<Host> host(const std::string& name);  ///< `not_found`
    /// As `host` gave it and the attestations since have moved it, from memory; nothing where it is not
    /// there. Others may have changed the host: add_attestation refuses (`Refused::moved`) what was made from
    /// a host that is not the newest, so nothing else may be concluded from this.
    std::optional<RememberedHost> remembered(const std::string& name);
    /// What is needed to prove evidence, and no more; nothing for a host that is not enrolled.
    Result<std::optional<EnrolledKey>> attestation_key(const std::string& host);
    Result<std::vector<HostSummary>> hosts();
    Result<HostSummary> host_summary(const std::string& name);  ///< `not_found`
    Result<std::uint64_t> count_hosts();
    Result<std::vector<HeldSection>> held_sections(const std::string& host);
    /// The bytes of a section that this host holds now; `not_found` for another host's.
    Result<Bytes> held_section(const std::string& host, const std::string& digest);

    /// --- Labels
    /// All labels of the host anew. `not_found` for a host that is not enrolled.
    Result<> set_labels(const std::string& host, const HostLabels& labels);
    Result<HostLabels> labels(const std::string& host);  ///< those that were set; `not_found`

    /// --- Endorsements
    /// Takes the place of the one before, which is kept. Read with the host. `not_found`.
    Result<> add_endorsement(const Endorsement& endorsement);

    /// --- Attestations
    Result<bool> nonce_used(ByteView nonce);
    /// All of it or nothing, in one transaction: nonce spent, result, sections, findings, and (only if
    /// `next.authentic`) journal records, held sections and what is known of the host. `Refused::nonce_used`;
    /// `Refused::moved` where another attestation of this host came between, or a document that it changes
    /// has moved: read the host again and appraise again.
    Written<> add_attestation(const Attestation& attestation);
    Result<StoredResult> newest_result(const std::string& host);  ///< `not_found`
    Result<StoredResult> result(const std::string& result_id);    ///< `not_found`
    /// The canonical document of that digest. `not_found`
    Result<std::string> conclusion(const std::string& digest);
    /// The newest attestation of the host as it was appraised.
    Result<SavedBundle> newest_bundle(const std::string& host);  ///< `not_found`
    /// The newest that was appraised at or before `at` (Unix time, seconds). `not_found`
    Result<SavedBundle> bundle_at(const std::string& host, std::int64_t at);
    /// Of every host whose authentic quote had PCRs, by name.
    Result<std::vector<BootValues>> boot_values();
    Result<std::vector<FindingRow>> findings(const FindingQuery& query);
    Result<std::vector<JournalRow>> journal(const std::string& host);

    /// --- Unproven evidence
    /// Together: counts add up, over all copies of the verifier; `first_at` is the earliest and `last_at` the
    /// latest. Bounded as unproven.h says.
    Result<> add_unproven(const std::vector<UnprovenRow>& rows, std::int64_t now);
    Result<std::vector<UnprovenRow>> unproven(const UnprovenQuery& query);  ///< newest first

    /// --- Parts
    /// The types that have an identifier in one of the ranges, each with all its identifiers.
    Result<std::vector<PartType>> part_types(const std::vector<MakerRange>& ranges);
    Result<Inventory> inventory(const InventoryQuery& query);
    /// Every type that some host has now.
    Result<std::vector<TypeCount>> present_types();
    /// The parts with a serial number that this host has or had, and where else those serial numbers were
    /// seen; at most 1,000.
    Result<std::vector<SeenComponent>> seen_components(const std::string& host);

    /// --- Devices
    /// Of this host: what is there, by its journal.
    Result<std::vector<DeviceSighting>> open_stays(const std::string& host);
    /// Stays of a device (DeviceSighting::device) on any host: those that last, then the newest; at most 64.
    Result<std::vector<KnownStay>> stays_of_device(const std::string& device);
    /// Every device, the one that came or went last first.
    Result<std::vector<DeviceSummary>> devices(const DeviceQuery& query);
    /// The newest sightings of all devices with one serial, in the order of time.
    Result<std::vector<DeviceSighting>> sightings(const SightingQuery& query);
    /// When each host was heard of, by name.
    Result<std::vector<Contact>> contacts();
    Result<Contact> contact(const std::string& host);  ///< `not_found`

    /// --- Vendor bundles
    /// The one with the highest version that was ever loaded.
    Result<std::optional<LoadedBundle>> newest_vendor_bundle();
    /// `conflict` where the version is there with another digest.
    Result<> add_vendor_bundle(const LoadedBundle& bundle);

    /// --- Work sessions
    Result<> add_session(const WorkSession& session, const std::string& opened_by);
    Result<WorkSession> session(const std::string& id);  ///< `not_found`
    Result<std::vector<WorkSession>> sessions(const SessionQuery& query);
    /// With the documents that say so, as put_site_documents has it, together or not at all. `not_found`;
    /// `conflict` for one that is closed.
    Written<WorkSession> close_session(const std::string& id, const std::string& closed_by, std::int64_t now,
                                       const std::vector<SiteDocument>& documents = {});

    /// --- Accompaniment
    /// Each takes the place of the newest of its kind and id, together or none; one whose digest is the
    /// newest's is left out. How many were stored. `Refused::moved` where one was made from another than the
    /// newest (SiteDocument::made_from).
    Written<std::int64_t> put_site_documents(const std::vector<SiteDocument>& documents);
    Result<std::vector<SiteDocument>> site_documents(const SiteQuery& query);  ///< by id, then number
    /// Whether there is one, without reading it.
    Result<bool> has_site_document(const std::string& kind, const std::string& id);
    /// The verdicts, as put_site_documents has it, and the events that are not open any more, together. How
    /// many verdicts are new versions.
    Written<std::int64_t> add_verdicts(const std::vector<SiteDocument>& verdicts,
                                       const std::vector<std::string>& settled);
    /// Those that were not there before; all or none.
    Result<std::int64_t> add_badge_rows(const std::vector<StoredBadgeRow>& rows);
    /// Rows that meet the span, by source and event.
    Result<std::vector<StoredBadgeRow>> badge_rows(std::int64_t from_ms, std::int64_t to_ms,
                                                   std::int64_t limit);
    Result<std::int64_t> count_badge_rows();
    Result<> add_rejected_rows(const std::vector<RejectedRow>& rows);
    Result<std::vector<RejectedRow>> rejected_rows(
        const std::optional<std::string>& source);  ///< at most 1,000, newest first

    /// --- Operators
    Result<> add_operator(const Operator& who);  ///< `conflict` for a certificate that is there
    Result<Operator> find_operator(const std::string& certificate);  ///< `not_found`
    Result<std::vector<Operator>> operators();
    Result<> revoke_operator(const std::string& certificate, std::int64_t now);  ///< `not_found`

  private:
    explicit Store(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
    std::unique_ptr<KnownHosts> known_hosts_;
};

}  // namespace assay::store

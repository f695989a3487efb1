#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evidence/wire/attestation_result.h"
#include "evidence/wire/saved_bundle.h"
#include "verifier/judge/appraisal/facts/boot/secure_boot_facts.h"
#include "verifier/judge/appraisal/steps/appraise.h"
#include "verifier/judge/appraisal/steps/held_section.h"
#include "verifier/service/store/devices/devices.h"
#include "verifier/service/store/site/site.h"

namespace assay::store {

struct RememberedHost;

/// What authentic evidence showed of Secure Boot.
struct SeenSecureBoot {
    std::string mark;  ///< judge::secure_boot_mark
    /// Absent: the host is remembered with this mark, so the store has them.
    std::optional<judge::SecureBootSeen> documents = {};
};

/// One attestation with everything that must be stored together.
struct Attestation {
    std::string result_id;   ///< ResultNames of `result`
    std::string conclusion;  ///< likewise
    AttestationResult result;
    std::string jwt;                ///< for the answer; the store keeps none
    Evidence evidence;              ///< with the sections that came
    judge::HeldSections held = {};  ///< the others, which the store has
    Challenge challenge;
    KnownHost known_before;
    std::vector<WorkSession> sessions;
    judge::NextKnown next;
    judge::HostComponents components = {};         ///< of authentic evidence; null is as none
    std::optional<judge::QuotedPcrs> quoted = {};  ///< likewise
    std::vector<SiteDocument> events = {};  ///< device events that it brings; kept only if it is authentic
    std::vector<std::string> settled = {};  ///< likewise: earlier events that are judged for the last time
    DeviceUpdate devices = {};              ///< likewise; up to the last accepted journal record
    std::string boot_of = {};               ///< likewise: Host::boot_of from now on
    std::optional<SeenSecureBoot> secure_boot = {};  ///< likewise; absent: nothing is written
    std::string inventory = {};        ///< inventory_digest of `components`; empty: not made yet
    std::int64_t revision_before = 0;  ///< Host::revision when known_before was read
    std::int64_t told_before = 0;      ///< Host::told likewise
    std::int64_t attested_before = 0, watched_before_ms = 0;  ///< likewise
    std::string conclusion_before = {};                       ///< Host::conclusion likewise
    ActHead told_acts = {};                                   ///< what the host is told with this
    /// What is remembered of the host as it was at `revision_before` and `told_before`; null: not looked for.
    std::shared_ptr<const RememberedHost> remembered = {};
    std::int64_t nonce_expires_at = 0;  ///< from then on the nonce is refused for its age
};

using SectionDigests = std::map<std::string, std::string>;  ///< by the section's name, in hex

struct JournalRow {
    std::uint64_t sequence = 0;
    std::string digest;
    Bytes record;
};

class Attestations : Subject {
  public:
    using Subject::Subject;
    Result<bool> nonce_used(ByteView nonce);
    /// All of it or nothing, in one transaction, with the acts that tell of it where there is something to
    /// tell (write_acts.h): nonce spent, result, sections, findings, and (only if `next.authentic`) journal
    /// records, held sections and what is known of the host. `Refused::nonce_used`; `Refused::moved` where
    /// another attestation of this host came between, or a document that it changes has moved: read the host
    /// again and appraise again.
    Written<> add(const Attestation& attestation);
    /// The newest of each name that the host holds.
    Result<SectionDigests> held_sections(const std::string& host);
    /// The bytes of a section that this host holds now; `not_found` for another host's.
    Result<Bytes> held_section(const std::string& host, const std::string& digest);
    /// The intrusion sensors in a held section `chassis`; none where the host holds no such section, or it is
    /// none that can be read.
    Result<std::vector<IntrusionSensor>> held_sensors(const std::string& host, const std::string& digest);
    Result<std::vector<JournalRow>> journal(const std::string& host);
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

struct OpenQuery {
    std::optional<std::string> host, id;
    std::optional<std::int64_t> since;  ///< told first at or after
    std::int64_t limit = 100;
};

/// A finding of a host's newest result. `row.result_id` and `row.appraised_at` are that result's.
struct OpenFinding {
    FindingRow row;
    std::int64_t since = 0;  ///< appraisal of the first result in a row that told it
    std::int64_t times = 0;  ///< how many told it, in a row
};

struct OpenFindings {
    std::vector<OpenFinding> rows;  ///< the worst first, then by host; at most the limit
    std::int64_t total = 0;         ///< all there are, whatever the limit
};

/// The newest result of a host at some time.
struct StandingResult {
    std::string host;
    std::string result_id;
    std::int64_t appraised_at = 0;
};

/// One PCR of a host's newest authentic quote.
struct BootValue {
    std::uint32_t pcr = 0;
    std::string value;       ///< lower-case hex
    std::int64_t since = 0;  ///< of the first appraisal in a row that had it
};

/// What a host booted, by its PCRs.
struct BootValues {
    std::string host;
    std::string bank;               ///< "sha256"
    std::vector<BootValue> values;  ///< ascending
};

/// What came of the attestations.
class Results : Subject {
  public:
    using Subject::Subject;
    Result<StoredResult> newest(const std::string& host);     ///< `not_found`
    Result<StoredResult> find(const std::string& result_id);  ///< `not_found`
    /// It is there, whatever stands in it.
    Result<bool> has(const std::string& result_id);
    /// The canonical document of that digest. `not_found`
    Result<std::string> conclusion(const std::string& digest);
    /// The attestation that made this revision of the host, as it was appraised. `not_found`
    Result<SavedBundle> bundle_of(const std::string& host, std::int64_t revision);
    /// The newest attestation of the host as it was appraised.
    Result<SavedBundle> newest_bundle(const std::string& host);  ///< `not_found`
    /// The newest that was appraised at or before `at`. `not_found`
    Result<SavedBundle> bundle_at(const std::string& host, std::int64_t at);
    Result<std::vector<FindingRow>> findings(const FindingQuery& query);
    /// What stands: a row for each finding of each host's newest result. Two results tell the same where id
    /// and subject are the same and, where a matter is named, that matter.
    Result<OpenFindings> open_findings(const OpenQuery& query);
    /// What the host's newest result was at `at` (Unix time, seconds); nothing where it had not attested.
    Result<std::optional<StandingResult>> standing_at(const std::string& host, std::int64_t at);
    /// Of every host that had attested by then, by name.
    Result<std::vector<StandingResult>> all_standing_at(std::int64_t at);
    /// Of every host whose authentic quote had PCRs, by name.
    Result<std::vector<BootValues>> boot_values();
};

}  // namespace assay::store

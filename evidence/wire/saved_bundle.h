#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/wire/delivery.h"
#include "evidence/wire/device_stay.h"
#include "evidence/wire/evidence.h"
#include "evidence/wire/open_matter.h"
#include "evidence/wire/section/ima_state.h"

namespace assay {

/// What the verifier asked for. `selection` is in the text form of PcrSelection: "sha256:0,1,2".
struct Challenge {
    Bytes nonce;  ///< 32 bytes
    std::string selection;
    std::int64_t issued_at = 0;  ///< Unix time, seconds
    std::int64_t expires_at = 0;

    bool operator==(const Challenge&) const = default;
};

/// A work session as the simple rule knows it: somebody was there, for this host, in this span.
struct WorkSession {
    std::string id;
    std::string host;
    std::string order;
    std::string technician;
    std::string escort;
    std::int64_t opened_at = 0;             ///< Unix time, seconds
    std::optional<std::int64_t> closed_at;  ///< still open when absent
    /// Who opened it for an order or persons that the verifier does not have. Absent: it has them all.
    std::optional<std::string> unlisted = {};

    bool operator==(const WorkSession&) const = default;
};

/// A part as earlier signed evidence had it: what an exception for parts that were there already stands on.
/// Kept only from appraisals whose quote was authentic. A part without a readable serial is never in it.
struct SeenComponent {
    std::string host;  ///< where it was seen; another host than the appraised one means that it was moved
    std::string kind;  ///< the component class: "drive"
    std::vector<std::string> maker;  ///< its identifiers, namespace and canonical value: "pci 1bd4"
    std::string serial;              ///< as the evidence has it, trimmed; not empty
    std::int64_t first_seen = 0;     ///< Unix time, seconds, of the appraisal that first had it on that host

    bool operator==(const SeenComponent&) const = default;
};

/// The TPM's clock had this value at some time in this span of the verifier's clock: from the issue of the
/// challenge that the quote answers to the end of the second in which the answer was judged.
struct ClockPoint {
    std::uint64_t tpm_ms = 0;     ///< TPMS_CLOCK_INFO.clock
    std::int64_t not_before = 0;  ///< Unix time, seconds
    std::int64_t not_after = 0;   ///< likewise

    bool operator==(const ClockPoint&) const = default;
};

/// The mapping of TPM time to verifier time in one stretch of a boot: as long as resetCount, restartCount and
/// boot id are the same, the TPM's clock ran without a stop.
struct BootClock {
    std::uint32_t reset_count = 0;
    std::uint32_t restart_count = 0;
    std::string boot_id;
    ClockPoint first;   ///< the first accepted quote of the stretch
    ClockPoint newest;  ///< the newest

    bool operator==(const BootClock&) const = default;
};

/// The host's TPM was exchanged by an operator's order.
struct ReplacedTpm {
    std::int64_t at = 0;  ///< Unix time, seconds: when the new one enrolled
    std::string by;       ///< who ordered it
    std::string reason;
    std::string old_ek;  ///< digest of the EK before, 64 hex digits

    bool operator==(const ReplacedTpm&) const = default;
};

/// A site that a purchase list says and no administrator's label: it chooses nothing.
struct PurchaseSite {
    std::string site;
    std::string by;       ///< who registered the host
    std::int64_t at = 0;  ///< Unix time, seconds

    bool operator==(const PurchaseSite&) const = default;
};

/// The host was shown an act that the verifier does not have: it stands where it stood before, or on another
/// chain.
struct RolledBack {
    std::uint64_t number = 0;         ///< of the act
    Digest head;                      ///< of the chain up to it, as the host was shown
    std::uint64_t size = 0;           ///< how many acts the verifier has
    std::optional<Digest> ours = {};  ///< its own head at `number`; absent: it has not so many
    std::string restored;             ///< who said that it was set back, and why; empty: nobody did

    bool operator==(const RolledBack&) const = default;
};

/// What a TPM holds of a journal up to one record: docs/formats/journal.md.
struct JournalAnchor {
    Digest value;               ///< of the EXTEND index
    std::uint64_t counter = 0;  ///< of the counter
    bool operator==(const JournalAnchor&) const = default;
};

/// What the verifier knows of a host before it appraises: set at enrolment, moved by each appraisal.
struct KnownHost {
    std::string name;
    Bytes ak_public;                     ///< TPMT_PUBLIC
    Bytes ek_public;                     ///< TPMT_PUBLIC
    std::vector<Bytes> ek_certificates;  ///< DER, the EK's first, then intermediates; may be empty
    bool ak_activated = false;           ///< the TPM with this EK answered a MakeCredential for this AK
    std::int64_t enrolled_at = 0;        ///< Unix time, seconds
    // The newest accepted quote; all zero before the first.
    std::uint64_t last_clock_ms = 0;
    std::uint32_t last_reset_count = 0;
    std::uint32_t last_restart_count = 0;
    // The newest accepted journal record.
    std::uint64_t journal_sequence = 0;
    Bytes journal_head;  ///< SHA-256, 32 bytes; empty before the first
    /// Parts of this host, and where else their serials were seen. Absent: not known, and no exception
    /// applies.
    std::optional<std::vector<SeenComponent>> seen = std::nullopt;
    // From here on: absent in bundles that were saved before there were such things.
    std::optional<ReplacedTpm> replaced = {};        ///< the newest exchange of its TPM
    std::optional<BootClock> boot_clock = {};        ///< since the newest boot, suspend or kexec
    std::optional<std::string> chassis_serial = {};  ///< as registered from the purchase
    std::optional<std::string> site = {};            ///< its label; decisions about makers may be for a site
    std::optional<Delivery> delivery = {};           ///< the parts that it was delivered with
    /// DER, the IAK's first; it certified the AK at enrolment
    std::optional<std::vector<Bytes>> iak_certificates = {};
    /// Verdicts on the device events of this evidence, and on earlier ones that are still open. Absent: the
    /// verifier has no directory of persons, and the simple rule of work sessions stands.
    std::optional<std::vector<JudgedEvent>> judged = {};
    /// What the TPM's indices held at `journal_sequence`. Absent: it never vouched for this journal.
    std::optional<JournalAnchor> journal_anchor = {};
    /// Devices of this host that other hosts had too. Absent: nobody kept where devices were.
    std::optional<std::vector<DeviceOnOtherHost>> elsewhere = {};
    /// Where the replay of its IMA list stands. Absent: the whole list is wanted.
    std::optional<ImaState> ima = {};
    /// Evidence came in this host's name, in the last day, that its TPM had not signed: why each class of it
    /// failed ("signature", "binding"), sorted. No more of it stands here, so that whoever sends it does not
    /// choose what is concluded. Absent: nobody counted.
    std::optional<std::vector<std::string>> unproven = {};
    /// Id of the result before (SHA-256). Absent: this is the first of its TPM.
    std::optional<Digest> previous = {};
    /// What was told of it and is not over, at most limits::kOpenMatters: the worst of them.
    std::optional<std::vector<OpenMatter>> open = {};
    std::optional<std::uint64_t> open_more = {};  ///< open beyond those, counted
    /// Devices that were there when it last attested. Only where this evidence brings journal records.
    std::optional<std::vector<PresentDevice>> present = {};
    /// What is not as it last attested. Absent: all is, or nothing was attested before.
    std::optional<HostNews> news = {};
    /// The device monitor's sign of life as of its last attestation. Absent: there was none.
    std::optional<WatchPoint> watch = {};
    /// Absent: none, or the label `site` says the same.
    std::optional<PurchaseSite> purchase_site = {};
    /// By whose word its policy was chosen: "site=fra1 by ada, 2026-11-30 09:00:00Z". Absent: it has no
    /// label.
    std::optional<std::string> policy_by = {};
    /// Absent: the verifier has all that the host was shown, or the host did not say.
    std::optional<RolledBack> rolled_back = {};

    bool operator==(const KnownHost&) const = default;
};

/// Everything that an offline appraisal needs beside policy, vendor data and time.
/// docs/formats/saved-bundle.md. Written by `assay-agent collect` (a self-chosen nonce, `ak_activated` false)
/// and by the verifier's export.
struct SavedBundle {
    Evidence evidence;  ///< with all sections
    Challenge challenge;
    KnownHost known_host;
    std::vector<WorkSession> sessions;
    std::string made_by;  ///< "assay-agent 0.1.0 collect"
    /// The token of an ActivationStatement that the host kept, not checked by whoever put it here. Absent: it
    /// has none, or the verifier made the bundle.
    std::optional<std::string> activation = {};

    bool operator==(const SavedBundle&) const = default;
};

Bytes encode_saved_bundle(const SavedBundle& bundle);
Result<SavedBundle> decode_saved_bundle(ByteView bytes);
Bytes encode_challenge(const Challenge& challenge);
Result<Challenge> decode_challenge(ByteView bytes);
Bytes encode_known_host(const KnownHost& host);
Result<KnownHost> decode_known_host(ByteView bytes);
Bytes encode_delivery(const Delivery& delivery);
Result<Delivery> decode_delivery(ByteView bytes);
Bytes encode_work_session(const WorkSession& session);
Result<WorkSession> decode_work_session(ByteView bytes);

}  // namespace assay

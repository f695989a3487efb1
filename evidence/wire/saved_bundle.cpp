#include "evidence/wire/saved_bundle.h"

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/wire/delivery_shape.h"
#include "evidence/wire/evidence_shape.h"
#include "evidence/wire/open_matter_shape.h"
#include "evidence/wire/section/ima_state_shape.h"
#include "evidence/wire/statement/activation_statement.h"

namespace assay {
namespace {

using wire::Blob;
using wire::field;
using wire::Integer;
using wire::Text;
using wire::Unsigned;

constexpr std::size_t kSha256Size = 32;

constexpr auto kChallenge = wire::record(field("nonce", &Challenge::nonce, Blob{kNonceSize, kNonceSize}),
                                         field("issued_at", &Challenge::issued_at, Integer{}),
                                         field("selection", &Challenge::selection, Text{}),
                                         field("expires_at", &Challenge::expires_at, Integer{}));

// Nobody, and nothing, is told by its absence.
constexpr bool is_filled(std::string_view text) {
    return !text.empty();
}

constexpr auto kWorkSession = wire::record(
    field("id", &WorkSession::id, Text{}), field("host", &WorkSession::host, wire::kHostNameText),
    field("order", &WorkSession::order, Text{}), field("escort", &WorkSession::escort, Text{}),
    field("unlisted", &WorkSession::unlisted, wire::Maybe{Text{limits::kText, is_filled, "who opened it"}}),
    field("closed_at", &WorkSession::closed_at, wire::Maybe{Integer{}}),
    field("opened_at", &WorkSession::opened_at, Integer{}),
    field("technician", &WorkSession::technician, Text{}));

// A SHA-256, or nothing before the first record.
struct Head {
    void encode(cbor::Writer& out, const Bytes& head) const { out.bytes(head); }
    void decode(cbor::Reader& in, std::string_view what, Bytes& head) const {
        Blob{0, kSha256Size}.decode(in, what, head);
        if (in.ok() && !head.empty() && head.size() != kSha256Size) {
            in.input().fail_here(ErrorCode::malformed, "journal_head: expected 0 or 32 bytes");
        }
    }
};

// Without a serial it is no part in particular.
constexpr auto kSeenComponent = wire::record(
    field("host", &SeenComponent::host, wire::kHostNameText), field("kind", &SeenComponent::kind, Text{}),
    field("maker", &SeenComponent::maker, wire::List{Text{}, limits::kMakerIds}),
    field("serial", &SeenComponent::serial, Text{limits::kText, is_filled, "a serial"}),
    field("first_seen", &SeenComponent::first_seen, Integer{}));

constexpr auto kReplaced =
    wire::record(field("at", &ReplacedTpm::at, Integer{}), field("by", &ReplacedTpm::by, Text{}),
                 field("old_ek", &ReplacedTpm::old_ek, Text{kSha256Digits}),
                 field("reason", &ReplacedTpm::reason, Text{}));

constexpr auto kClockPoint = wire::record(field("tpm_ms", &ClockPoint::tpm_ms, Unsigned{}),
                                          field("not_after", &ClockPoint::not_after, Integer{}),
                                          field("not_before", &ClockPoint::not_before, Integer{}));
constexpr auto kBootClock = wire::record(
    field("first", &BootClock::first, kClockPoint), field("newest", &BootClock::newest, kClockPoint),
    field("boot_id", &BootClock::boot_id, Text{}), field("reset_count", &BootClock::reset_count, Unsigned{}),
    field("restart_count", &BootClock::restart_count, Unsigned{}));

constexpr auto kPurchaseSite =
    wire::record(field("at", &PurchaseSite::at, Integer{}), field("by", &PurchaseSite::by, Text{}),
                 field("site", &PurchaseSite::site, Text{}));
constexpr auto kRolledBack = wire::record(field("head", &RolledBack::head, wire::DigestOf{}),
                                          field("ours", &RolledBack::ours, wire::Maybe{wire::DigestOf{}}),
                                          field("size", &RolledBack::size, Unsigned{}),
                                          field("number", &RolledBack::number, Unsigned{}),
                                          field("restored", &RolledBack::restored, Text{}));
constexpr std::size_t kPolicyBy = 256;  // bytes

constexpr auto kJournalAnchor = wire::record(field("value", &JournalAnchor::value, wire::DigestOf{}),
                                             field("counter", &JournalAnchor::counter, Unsigned{}));

constexpr auto kDeviceStay = wire::record(
    field("host", &DeviceStay::host, wire::kHostNameText), field("port", &DeviceStay::port, Text{}),
    field("found", &DeviceStay::found, wire::Flag{}), field("record", &DeviceStay::record, Unsigned{}),
    field("controller", &DeviceStay::controller, Text{}),
    field("descriptors", &DeviceStay::descriptors, Text{kSha256Digits}),
    field("to_latest_ms", &DeviceStay::to_latest_ms, Integer{}),
    field("until_record", &DeviceStay::until_record, Unsigned{}),
    field("from_latest_ms", &DeviceStay::from_latest_ms, Integer{}),
    field("to_earliest_ms", &DeviceStay::to_earliest_ms, Integer{}),
    field("from_earliest_ms", &DeviceStay::from_earliest_ms, Integer{}));
constexpr auto kDeviceOnOtherHost = wire::record(field("ids", &DeviceOnOtherHost::ids, Text{}),
                                                 field("here", &DeviceOnOtherHost::here, kDeviceStay),
                                                 field("there", &DeviceOnOtherHost::there, kDeviceStay),
                                                 field("serial", &DeviceOnOtherHost::serial, Text{}));

constexpr std::size_t kUnprovenReasons = 8;
constexpr auto kKnownHost = wire::record(
    field("ima", &KnownHost::ima, wire::Maybe{wire::kImaState}),
    field("name", &KnownHost::name, wire::kHostNameText),
    field("news", &KnownHost::news, wire::Maybe{wire::kHostNews}),
    field("open", &KnownHost::open, wire::Maybe{wire::kOpenMatters}),
    field("seen", &KnownHost::seen, wire::Maybe{wire::List{kSeenComponent, limits::kSeenComponents}}),
    field("site", &KnownHost::site, wire::Maybe{Text{}}),
    field("watch", &KnownHost::watch, wire::Maybe{wire::kWatchPoint}),
    field("judged", &KnownHost::judged, wire::Maybe{wire::List{wire::kJudgedEvent, limits::kJudgedEvents}}),
    field("present", &KnownHost::present, wire::Maybe{wire::List{wire::kPresentDevice, limits::kUsbDevices}}),
    field("delivery", &KnownHost::delivery, wire::Maybe{wire::kDelivery}),
    field("previous", &KnownHost::previous, wire::Maybe{wire::DigestOf{}}),
    field("replaced", &KnownHost::replaced, wire::Maybe{kReplaced}),
    field("unproven", &KnownHost::unproven, wire::Maybe{wire::List{Text{}, kUnprovenReasons}}),
    field("ak_public", &KnownHost::ak_public, Blob{0, limits::kPublicArea}),
    field("ek_public", &KnownHost::ek_public, Blob{0, limits::kPublicArea}),
    field("elsewhere", &KnownHost::elsewhere,
          wire::Maybe{wire::List{kDeviceOnOtherHost, limits::kDevicesElsewhere}}),
    field("open_more", &KnownHost::open_more, wire::Maybe{Unsigned{}}),
    field("policy_by", &KnownHost::policy_by, wire::Maybe{Text{kPolicyBy}}),
    field("boot_clock", &KnownHost::boot_clock, wire::Maybe{kBootClock}),
    field("enrolled_at", &KnownHost::enrolled_at, Integer{}),
    field("rolled_back", &KnownHost::rolled_back, wire::Maybe{kRolledBack}),
    field("ak_activated", &KnownHost::ak_activated, wire::Flag{}),
    field("journal_head", &KnownHost::journal_head, Head{}),
    field("last_clock_ms", &KnownHost::last_clock_ms, Unsigned{}),
    field("purchase_site", &KnownHost::purchase_site, wire::Maybe{kPurchaseSite}),
    field("chassis_serial", &KnownHost::chassis_serial, wire::Maybe{Text{}}),
    field("journal_anchor", &KnownHost::journal_anchor, wire::Maybe{kJournalAnchor}),
    field("ek_certificates", &KnownHost::ek_certificates,
          wire::List{Blob{1, limits::kCertificate}, limits::kCertificates}),
    field("iak_certificates", &KnownHost::iak_certificates,
          wire::Maybe{wire::List{Blob{1, limits::kCertificate}, limits::kCertificates}}),
    field("journal_sequence", &KnownHost::journal_sequence, Unsigned{}),
    field("last_reset_count", &KnownHost::last_reset_count, Unsigned{}),
    field("last_restart_count", &KnownHost::last_restart_count, Unsigned{}));

constexpr Text kActivationToken{kMaxActivation, is_filled, "a token"};

constexpr auto kSavedBundle =
    wire::record(wire::Version{}, field("made_by", &SavedBundle::made_by, Text{}),
                 field("evidence", &SavedBundle::evidence, wire::kEvidence),
                 field("sessions", &SavedBundle::sessions, wire::List{kWorkSession, limits::kWorkSessions}),
                 field("challenge", &SavedBundle::challenge, kChallenge),
                 field("activation", &SavedBundle::activation, wire::Maybe{kActivationToken}),
                 field("known_host", &SavedBundle::known_host, kKnownHost));

}  // namespace

Bytes encode_saved_bundle(const SavedBundle& bundle) {
    return wire::encode_document(kSavedBundle, bundle);
}
Result<SavedBundle> decode_saved_bundle(ByteView bytes) {
    return wire::decode_document<SavedBundle>(kSavedBundle, bytes, "saved bundle", limits::kSavedBundle);
}

Bytes encode_challenge(const Challenge& challenge) {
    return wire::encode_document(kChallenge, challenge);
}
Result<Challenge> decode_challenge(ByteView bytes) {
    return wire::decode_document<Challenge>(kChallenge, bytes, "challenge", limits::kStateDocument);
}

Bytes encode_known_host(const KnownHost& host) {
    return wire::encode_document(kKnownHost, host);
}
Result<KnownHost> decode_known_host(ByteView bytes) {
    return wire::decode_document<KnownHost>(kKnownHost, bytes, "known host", limits::kStateDocument);
}

Bytes encode_delivery(const Delivery& delivery) {
    return wire::encode_document(wire::kDelivery, delivery);
}
Result<Delivery> decode_delivery(ByteView bytes) {
    return wire::decode_document<Delivery>(wire::kDelivery, bytes, "delivery", limits::kStateDocument);
}

Bytes encode_work_session(const WorkSession& session) {
    return wire::encode_document(kWorkSession, session);
}
Result<WorkSession> decode_work_session(ByteView bytes) {
    return wire::decode_document<WorkSession>(kWorkSession, bytes, "work session", limits::kStateDocument);
}

}  // namespace assay

#include "verifier/service/store/hosts/known_hosts.h"

#include <utility>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/codec/fields.h"

namespace assay::store {
namespace {

using wire::field;

struct PackedPair {
    std::string name;
    std::string value;
};
struct PackedSection {
    std::string name;
    Bytes digest;
};

/// A RememberedHost in which nothing stands twice, and digests are bytes.
struct Packed {
    Bytes known;  ///< with the keys and certificates that Identity has too
    Bytes ek_digest, ak_digest, conclusion, boots, inventory;
    std::int64_t revision = 0, told = 0, attested_at = 0, watched_until_ms = 0;
    std::optional<Bytes> iak_public, idevid_public;
    std::vector<Bytes> idevid_certificates;
    std::vector<PackedPair> labels;
    std::vector<PackedSection> held;
    NoneOf none;
    std::optional<Standing> standing;
    std::string boot_of;
    std::optional<ActHead> told_acts;
    Bytes secure_boot;
};

constexpr wire::Blob kBytes{0, limits::kStateDocument};
constexpr wire::Blob kHash{0, 64};
constexpr std::size_t kLabels = 1000;
constexpr auto kPair =
    wire::record(field("n", &PackedPair::name, wire::Text{}), field("v", &PackedPair::value, wire::Text{}));
constexpr auto kSection =
    wire::record(field("d", &PackedSection::digest, kHash), field("n", &PackedSection::name, wire::Text{}));
constexpr auto kNone =
    wire::record(field("d", &NoneOf::directory, wire::Flag{}), field("e", &NoneOf::open_events, wire::Flag{}),
                 field("o", &NoneOf::open_stays, wire::Flag{}), field("s", &NoneOf::sessions, wire::Flag{}),
                 field("u", &NoneOf::unproven, wire::Flag{}));
constexpr auto kPlace = wire::record(field("c", &OccasionPlace::conclusion, wire::Integer{}),
                                     field("r", &OccasionPlace::revision, wire::Integer{}));
constexpr auto kStanding =
    wire::record(field("c", &Standing::conclusion, wire::Integer{}),
                 field("f", &Standing::first_revision, wire::Integer{}), field("k", &Standing::key, kPlace));
constexpr auto kActs =
    wire::record(field("h", &ActHead::head, wire::DigestOf{}), field("n", &ActHead::number, wire::Integer{}));
constexpr auto kPacked = wire::record(
    field("a", &Packed::known, kBytes), field("b", &Packed::ek_digest, kHash),
    field("c", &Packed::ak_digest, kHash), field("d", &Packed::conclusion, kHash),
    field("e", &Packed::boots, kHash), field("f", &Packed::inventory, kHash),
    field("g", &Packed::revision, wire::Integer{}), field("h", &Packed::told, wire::Integer{}),
    field("i", &Packed::attested_at, wire::Integer{}), field("j", &Packed::watched_until_ms, wire::Integer{}),
    field("k", &Packed::iak_public, wire::Maybe{kBytes}),
    field("l", &Packed::idevid_public, wire::Maybe{kBytes}),
    field("m", &Packed::idevid_certificates, wire::List{kBytes, limits::kSections}),
    field("n", &Packed::labels, wire::List{kPair, kLabels}),
    field("o", &Packed::held, wire::List{kSection, limits::kSections}), field("p", &Packed::none, kNone),
    field("q", &Packed::standing, wire::Maybe{kStanding}),
    field("r", &Packed::boot_of, wire::Text{limits::kText}),
    field("s", &Packed::told_acts, wire::Maybe{kActs}), field("t", &Packed::secure_boot, kHash));

constexpr std::size_t kPackedMost = 2 * limits::kStateDocument;
// Of one entry beside name and bytes: its node, its place in the table, and what the allocator adds;
// measured.
constexpr std::size_t kBeside = 160;

Bytes raw(const std::string& hex) {
    return from_hex(hex, hex.size()).value_or(Bytes());
}

std::size_t size_of(const std::string& name, const Bytes& bytes) {
    return name.size() + bytes.size() + kBeside;
}

}  // namespace

Bytes encode_remembered(const RememberedHost& of) {
    const auto& host = of.host;
    const auto& identity = host.identity;
    Packed packed{.known = encode_known_host(host.known),
                  .ek_digest = raw(identity.ek_digest),
                  .ak_digest = raw(identity.ak_digest),
                  .conclusion = raw(host.conclusion),
                  .boots = raw(of.boots),
                  .inventory = raw(of.inventory),
                  .revision = host.revision,
                  .told = host.told,
                  .attested_at = host.attested_at,
                  .watched_until_ms = host.watched_until_ms,
                  .iak_public = {},
                  .idevid_public = {},
                  .idevid_certificates = identity.idevid.certificates,
                  .labels = {},
                  .held = {},
                  .none = host.none,
                  .standing = of.standing,
                  .boot_of = host.boot_of,
                  .told_acts = host.told_acts,
                  .secure_boot = raw(of.secure_boot)};
    if (identity.iak.shown()) packed.iak_public = identity.iak.public_area;
    if (identity.idevid.shown()) packed.idevid_public = identity.idevid.public_area;
    for (const auto& [name, value] : host.labels) packed.labels.push_back({name, value});
    for (const auto& [name, digest] : of.held) packed.held.push_back({name, raw(digest)});
    return wire::encode_document(kPacked, packed);
}

std::optional<RememberedHost> decode_remembered(ByteView bytes) {
    auto decoded = wire::decode_document<Packed>(kPacked, bytes, "remembered host", kPackedMost);
    if (!decoded) return std::nullopt;
    auto& packed = *decoded;
    auto known = decode_known_host(packed.known);
    if (!known) return std::nullopt;
    RememberedHost out;
    auto& host = out.host;
    host.known = *std::move(known);
    host.identity = {.host = host.known.name,
                     .ek_digest = to_hex(packed.ek_digest),
                     .ak_digest = to_hex(packed.ak_digest),
                     .ek_public = host.known.ek_public,
                     .ak_public = host.known.ak_public,
                     .ek_certificates = host.known.ek_certificates};
    if (packed.iak_public)
        host.identity.iak = {*std::move(packed.iak_public),
                             host.known.iak_certificates.value_or(std::vector<Bytes>())};
    if (packed.idevid_public)
        host.identity.idevid = {*std::move(packed.idevid_public), std::move(packed.idevid_certificates)};
    host.enrolled_at = host.known.enrolled_at;
    host.revision = packed.revision;
    host.told = packed.told;
    host.conclusion = to_hex(packed.conclusion);
    host.attested_at = packed.attested_at;
    host.watched_until_ms = packed.watched_until_ms;
    host.none = packed.none;
    host.boot_of = packed.boot_of;
    host.told_acts = packed.told_acts;
    for (auto& each : packed.labels) host.labels.emplace(std::move(each.name), std::move(each.value));
    for (auto& each : packed.held) out.held.emplace(std::move(each.name), to_hex(each.digest));
    out.standing = packed.standing;
    out.boots = to_hex(packed.boots);
    out.inventory = to_hex(packed.inventory);
    out.secure_boot = to_hex(packed.secure_boot);
    return out;
}

const KnownHosts::Entry* KnownHosts::entry(const std::string& name) const {
    for (const auto* table : {&young_, &old_}) {
        if (const auto found = table->find(name); found != table->end()) return &found->second;
    }
    return nullptr;
}

void KnownHosts::erase(const std::string& name) {
    for (auto [table, bytes] : {std::pair(&young_, &young_bytes_), std::pair(&old_, &old_bytes_)}) {
        const auto found = table->find(name);
        if (found == table->end()) continue;
        *bytes -= size_of(name, found->second.bytes);
        table->erase(found);
    }
}

std::shared_ptr<const RememberedHost> KnownHosts::find_if(const std::string& name, auto&& wanted) const {
    Bytes bytes;
    {
        const std::scoped_lock lock(mutex_);
        const auto* found = entry(name);
        if (found == nullptr || !wanted(*found)) return nullptr;
        bytes = found->bytes;
    }
    auto decoded = decode_remembered(bytes);
    return decoded ? std::make_shared<const RememberedHost>(*std::move(decoded)) : nullptr;
}

std::shared_ptr<const RememberedHost> KnownHosts::find(const std::string& name) const {
    return find_if(name, [](const Entry&) { return true; });
}

std::shared_ptr<const RememberedHost> KnownHosts::find(const std::string& name, std::int64_t revision,
                                                       std::int64_t told) const {
    return find_if(name, [&](const Entry& each) { return each.revision == revision && each.told == told; });
}

void KnownHosts::put(const RememberedHost& host) {
    auto bytes = encode_remembered(host);
    bytes.shrink_to_fit();
    const auto& name = host.host.identity.host;
    const auto size = size_of(name, bytes);
    if (size > most_bytes_ / 2) return drop(name);
    const std::scoped_lock lock(mutex_);
    const auto* there = entry(name);
    if (there != nullptr && (there->revision > host.host.revision || there->told > host.host.told)) return;
    erase(name);
    if (young_bytes_ + size > most_bytes_ / 2) {
        old_ = std::exchange(young_, {});
        old_bytes_ = std::exchange(young_bytes_, 0);
    }
    young_.emplace(name, Entry{host.host.revision, host.host.told, std::move(bytes)});
    young_bytes_ += size;
}

void KnownHosts::drop(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    erase(name);
}

std::size_t KnownHosts::bytes() const {
    const std::scoped_lock lock(mutex_);
    return young_bytes_ + old_bytes_;
}

}  // namespace assay::store

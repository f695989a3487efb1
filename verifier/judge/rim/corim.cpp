#include "verifier/judge/rim/corim.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/rim/cbor_item.h"
#include "verifier/judge/rim/comid.h"
#include "verifier/judge/rim/corim_kin.h"
#include "verifier/judge/rim/cose_sign1.h"

namespace assay::rim {
namespace {

using cbor::expect;
using cbor::fail_at;
using cbor::Item;
using cbor::member;
using cbor::Type;

constexpr std::uint64_t kTime = 1;  // RFC 8949, 3.4.2
constexpr std::uint64_t kCoseSign1 = 18;
constexpr std::uint64_t kCorim = 500;
constexpr std::uint64_t kUnsignedCorim = 501;
constexpr std::uint64_t kSignedCorim = 502;
constexpr std::uint64_t kCoswid = 505;
constexpr std::uint64_t kComid = 506;

constexpr std::int64_t kMeta = 8;     // corim-meta in the protected header
constexpr std::int64_t kClaims = 15;  // CWT claims (RFC 9597)

struct Validity {
    std::optional<std::int64_t> from, to;
};

Result<std::optional<std::int64_t>> time_at(const Item& map, std::int64_t key) {
    const auto* found = map.find(key);
    if (found == nullptr) return std::nullopt;
    const auto& value = found->is_tag(kTime) ? found->content() : *found;
    const auto seconds = value.integer();
    if (!seconds) return fail_at(value, ErrorCode::malformed, "a time that is not in whole seconds");
    return *seconds;
}

Result<Validity> read_validity(const Item* map, std::int64_t from, std::int64_t to) {
    if (map == nullptr) return Validity{};
    TRY_VOID(expect(*map, Type::map, "validity"));
    const auto begins = TRY(time_at(*map, from));
    const auto ends = TRY(time_at(*map, to));
    return Validity{begins, ends};
}

// Both say when it holds: it holds when both say so.
void narrow(Rim& rim, const Validity& by) {
    if (by.from) rim.not_before = rim.not_before ? std::max(*rim.not_before, *by.from) : *by.from;
    if (by.to) rim.not_after = rim.not_after ? std::min(*rim.not_after, *by.to) : *by.to;
}

Result<> check_validity(const Rim& rim, std::int64_t at) {
    if (rim.not_before && at < *rim.not_before)
        return fail(ErrorCode::refused,
                    fmt::format("valid from {}, and it is {}", utc_text(*rim.not_before), utc_text(at)));
    if (rim.not_after && at > *rim.not_after)
        return fail(ErrorCode::refused,
                    fmt::format("valid until {}, and it is {}: ask its maker for a newer one",
                                utc_text(*rim.not_after), utc_text(at)));
    return {};
}

Result<Item> parse_inside(const Item& bytes, std::string_view what) {
    const auto start = bytes.offset + (bytes.encoded.size() - bytes.bytes.size());
    return with_context(cbor::parse(bytes.bytes, start), what);
}

// draft-ietf-rats-corim, 4.2.2: corim-meta, or CWT claims in its place.
Result<> read_meta(const CoseSign1& message, Rim& rim) {
    if (const auto* meta = message.protected_header.find(kMeta)) {
        TRY_VOID(expect(*meta, Type::bytes, "corim-meta"));
        const auto map = TRY(parse_inside(*meta, "corim-meta"));
        TRY_VOID(expect(map, Type::map, "corim-meta"));
        narrow(rim, TRY(read_validity(map.find(1), 0, 1)));
    }
    if (const auto* claims = message.protected_header.find(kClaims)) {
        narrow(rim, TRY(read_validity(claims, 5, 4)));  // nbf, exp (RFC 8392, 4)
        rim.signed_at = TRY(time_at(*claims, 6));
    }
    return {};
}

std::vector<const Item*> profiles_of(const Item& item) {
    std::vector<const Item*> out;
    if (!item.is(Type::array)) return {&item};  // since draft 3 one, before an array of them
    out.reserve(item.children.size());
    for (const auto& each : item.children) out.push_back(&each);
    return out;
}

Result<> check_profile(const Item& corim, const RimTrust& trust, Rim& rim) {
    const auto* found = corim.find(3);
    if (found == nullptr) return {};
    for (const auto* each : profiles_of(*found)) {
        const auto name = identifier_text(*each);
        rim.binding_spec += (rim.binding_spec.empty() ? "" : ", ") + name;
        if (std::ranges::find(trust.profiles, name) == trust.profiles.end())
            return fail_at(*each, ErrorCode::refused,
                           fmt::format("profile '{}' is not known: it may change what the values mean. If it "
                                       "changes nothing of digests and measurement keys, say --profile '{}'",
                                       name, name));
    }
    return {};
}

Result<> read_tagged(const Item& tag, Rim& rim) {
    TRY_VOID(expect(tag, Type::tag, "tag of the manifest"));
    if (tag.argument != kComid) {
        rim.not_used.push_back(fmt::format(
            "{} at offset {}", tag.argument == kCoswid ? "CoSWID" : "a tag of another kind", tag.offset));
        return {};
    }
    if (tag.content().is(Type::map)) return with_context(read_comid(tag.content(), rim), "CoMID");
    const auto comid = TRY(parse_inside(*TRY(expect(tag.content(), Type::bytes, "CoMID")), "CoMID"));
    return with_context(read_comid(comid, rim), "CoMID");
}

Result<> read_tag(const Item& tag, Rim& rim) {
    // Older drafts, and tools that follow them, put the whole tag into a byte string.
    if (tag.is(Type::bytes)) return read_tagged(TRY(parse_inside(tag, "tag of the manifest")), rim);
    return read_tagged(tag, rim);
}

// Without `trust` the profile is not asked about.
Result<> read_map(const Item& corim, const RimTrust* trust, Rim& rim) {
    if (auto kin = corim_kin(corim)) return fail_at(corim, ErrorCode::unsupported, *kin);
    TRY_VOID(expect(corim, Type::map, "CoRIM"));
    const auto* id = corim.find(std::int64_t{0});
    if (id == nullptr) return fail_at(corim, ErrorCode::malformed, "no id (key 0): not a CoRIM");
    rim.tag_id = identifier_text(*id);
    narrow(rim, TRY(read_validity(corim.find(4), 0, 1)));
    if (trust != nullptr) TRY_VOID(check_profile(corim, *trust, rim));
    if (corim.find(2) != nullptr)
        rim.not_used.emplace_back("dependent-rims: manifests that it names are not fetched");
    for (const auto& each : TRY(member(corim, 1, Type::array, "tags"))->children)
        TRY_VOID(read_tag(each, rim));
    return {};
}

Result<> read_payload(const CoseSign1& message, const RimTrust* trust, Rim& rim) {
    const auto payload = TRY(with_context(cbor::parse(message.payload, message.payload_offset), "payload"));
    const auto* map = &payload;
    if (map->is_tag(kCorim)) map = &map->content();
    if (map->is_tag(kUnsignedCorim)) map = &map->content();
    return read_map(*map, trust, rim);
}

Result<Rim> read_signed(const Item& array, const RimTrust& trust, Rim rim) {
    const auto message = TRY(read_cose_sign1(array));
    rim.signer = TRY(verify_cose_sign1(message, trust));
    TRY_VOID(read_meta(message, rim));
    TRY_VOID(read_payload(message, &trust, rim));
    TRY_VOID(check_validity(rim, trust.at_unix_time));
    return rim;
}

Result<Item> parse_document(ByteView bytes) {
    if (bytes.size() > limits::kRimFile)
        return fail(ErrorCode::limit,
                    fmt::format("{} bytes of CBOR, more than {}", bytes.size(), limits::kRimFile));
    return with_context(cbor::parse(bytes), "CoRIM");
}

// Without the tags around a signed manifest.
const Item& unwrapped(const Item& document) {
    const auto* item = &document;
    for (const auto tag : {kCorim, kSignedCorim, kCoseSign1}) {
        if (item->is_tag(tag)) item = &item->content();
    }
    return *item;
}

Rim rim_of(ByteView bytes) {
    Rim rim;
    rim.format = RimFormat::corim;
    rim.file = sha256(bytes);
    return rim;
}

}  // namespace

Result<Rim> read_corim(ByteView bytes, const RimTrust& trust) {
    const auto document = TRY(parse_document(bytes));
    const auto& item = unwrapped(document);
    if (item.is(Type::array)) return read_signed(item, trust, rim_of(bytes));
    if (!item.is_tag(kUnsignedCorim))
        return fail_at(item, ErrorCode::malformed, "neither a signed (18) nor an unsigned (501) CoRIM");
    if (!trust.allow_unsigned)
        return fail_at(
            item, ErrorCode::refused,
            "the manifest is not signed; ask its maker for the signed one, or say --unsigned if you know "
            "where it is from");
    auto rim = rim_of(bytes);
    TRY_VOID(read_map(item.content(), &trust, rim));
    TRY_VOID(check_validity(rim, trust.at_unix_time));
    return rim;
}

Result<Rim> read_corim_unverified(ByteView bytes) {
    const auto document = TRY(parse_document(bytes));
    const auto& item = unwrapped(document);
    auto rim = rim_of(bytes);
    if (item.is(Type::array)) {
        TRY_VOID(read_payload(TRY(read_cose_sign1(item)), nullptr, rim));
    } else {
        TRY_VOID(read_map(item.is_tag(kUnsignedCorim) ? item.content() : item, nullptr, rim));
    }
    return rim;
}

}  // namespace assay::rim

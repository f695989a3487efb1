#include "verifier/judge/rim/corim_kin.h"

#include <algorithm>
#include <array>

#include "evidence/base/byte_reader.h"
#include "verifier/judge/rim/rim.h"

namespace assay::rim {
namespace {

using cbor::Item;
using cbor::Type;

constexpr std::string_view kLoneComid =
    "a CoMID, the tag of one module, on its own: nobody signs it so; expected the CoRIM that carries it";
constexpr std::string_view kLoneCoswid =
    "a CoSWID, the tag of a piece of software, on its own: nobody signs it so, and CoSWIDs are not used; "
    "expected a CoRIM with CoMIDs";
constexpr std::string_view kLoneCotl =
    "a CoTL, a list of tags that are in force: it has no values; expected the CoRIM that has the tags";
constexpr std::string_view kConciseEvidence =
    "concise evidence: what a device says of itself, which is no reference for it; expected its maker's "
    "CoRIM";
constexpr std::string_view kCoservQuery =
    "a CoSERV query: what somebody asked for, without an answer; send it to its service, and expected here "
    "is "
    "the CoRIM that comes";
constexpr std::string_view kCoservResult =
    "a CoSERV result, which is not read; expected the CoRIM that its values are from (its source artifacts)";
constexpr std::string_view kCoservDiscovery =
    "a CoSERV discovery document: what a service can be asked for; expected a CoRIM";
constexpr std::string_view kBareCorim =
    "a CoRIM without its tag (501), and not signed; expected the signed one of its maker";
constexpr std::string_view kOtherCbor =
    "CBOR, and nothing of CoRIM's family; expected a CoRIM: tag 18, 500, 501 or 502, or an array of four";

struct KnownTag {
    std::uint64_t number;
    std::string_view what;
};
constexpr std::array kTags{KnownTag{505, kLoneCoswid}, KnownTag{506, kLoneComid}, KnownTag{508, kLoneCotl},
                           KnownTag{571, kConciseEvidence},
                           KnownTag{1398229316, kLoneCoswid}};  // the last: RFC 9393, 8

const Item* map_at(const Item& map, std::int64_t key) {
    const auto* found = map.find(key);
    return found != nullptr && found->is(Type::map) ? found : nullptr;
}

// draft-ietf-rats-corim, 5.1: tag-identity and triples.
bool is_bare_comid(const Item& map) {
    const auto* identity = map_at(map, 1);
    return identity != nullptr && identity->find(std::int64_t{0}) != nullptr && map_at(map, 4) != nullptr;
}

// RFC 9393, 2.3: tag-id, software-name, tag-version.
bool is_bare_coswid(const Item& map) {
    const auto* name = map.find(1);
    return map.find(std::int64_t{0}) != nullptr && name != nullptr && name->is(Type::text) &&
           map.find(12) != nullptr;
}

// draft-ietf-rats-coserv: profile, query of an artifact's type and a selector, results.
bool is_coserv(const Item& map) {
    const auto* query = map_at(map, 1);
    if (map.find(std::int64_t{0}) == nullptr || query == nullptr) return false;
    const auto* artifact = query->find(std::int64_t{0});
    return artifact != nullptr && artifact->integer() && map_at(*query, 1) != nullptr;
}

// Likewise: a version, and capabilities with the media types that are answered.
bool is_coserv_discovery(const Item& map) {
    const auto* capabilities = map.find(2);
    if (map.find(1) == nullptr || capabilities == nullptr || !capabilities->is(Type::array)) return false;
    return std::ranges::any_of(capabilities->children, [](const Item& each) {
        const auto* media_type = each.find(1);
        return media_type != nullptr && media_type->is(Type::text) &&
               media_type->text().starts_with("application/coserv");
    });
}

bool is_bare_corim(const Item& map) {
    const auto* tags = map.find(1);
    return map.find(std::int64_t{0}) != nullptr && tags != nullptr && tags->is(Type::array);
}

std::optional<std::string> kin_of_map(const Item& map) {
    if (is_bare_comid(map)) return std::string(kLoneComid);
    if (is_coserv(map)) return std::string(map.find(2) == nullptr ? kCoservQuery : kCoservResult);
    if (is_bare_coswid(map)) return std::string(kLoneCoswid);
    if (is_coserv_discovery(map)) return std::string(kCoservDiscovery);
    return std::nullopt;
}

std::optional<std::string> kin_of_tag(std::uint64_t number) {
    const auto found = std::ranges::find(kTags, number, &KnownTag::number);
    return found == kTags.end() ? std::nullopt : std::optional(std::string(found->what));
}

/// The number of the tag that bytes begin with, whatever follows it.
std::optional<std::uint64_t> first_tag(ByteView bytes) {
    constexpr unsigned kTag = 6;
    if (bytes.empty() || std::to_integer<unsigned>(bytes[0]) >> 5U != kTag) return std::nullopt;
    const auto info =
        std::to_integer<unsigned>(bytes[0]) & 0x1fU;  // RFC 8949, 3: 24 to 27, so many bytes follow
    if (info < 24) return info;
    if (info > 27) return std::nullopt;
    const auto size = std::size_t{1} << (info - 24);
    if (bytes.size() <= size) return std::nullopt;
    std::uint64_t number = 0;
    for (const auto byte : bytes.subspan(1, size))
        number = number << 8U | std::to_integer<std::uint64_t>(byte);
    return number;
}

}  // namespace

std::optional<std::string> corim_kin(const Item& document) {
    if (document.is(Type::tag)) return kin_of_tag(document.argument);
    return document.is(Type::map) ? kin_of_map(document) : std::nullopt;
}

std::optional<std::string> corim_kin_of_file(ByteView bytes) {
    // No text begins so: a map or a tag.
    constexpr unsigned kMap = 5;
    constexpr unsigned kTag = 6;
    if (bytes.empty() || bytes.size() > limits::kRimFile) return std::nullopt;
    if (const auto number = first_tag(bytes)) {
        constexpr std::array<std::uint64_t, 4> kCorims{18, 500, 501, 502};
        if (std::ranges::find(kCorims, *number) != kCorims.end()) return std::nullopt;
        if (auto kin = kin_of_tag(*number)) return kin;
    }
    const auto major = std::to_integer<unsigned>(bytes[0]) >> 5U;
    if (major != kMap && major != kTag) return std::nullopt;
    const auto document = cbor::parse(bytes);
    if (!document) return std::nullopt;
    if (auto kin = corim_kin(*document)) return kin;
    return std::string(is_bare_corim(*document) ? kBareCorim : kOtherCbor);
}

}  // namespace assay::rim

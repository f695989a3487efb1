#include "verifier/judge/rim/comid.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "evidence/base/c_handle.h"
#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/tpm/pcr.h"

namespace assay::rim {
namespace {

using cbor::expect;
using cbor::fail_at;
using cbor::Item;
using cbor::member;
using cbor::Type;

constexpr std::size_t kNotes = 256;

struct Triple {
    std::int64_t key;
    std::string_view name;
};
// Triples that Assay names and does not use (draft-ietf-rats-corim, 5.1.4). 0 is what it reads.
constexpr std::array kOtherTriples{
    Triple{1, "endorsed-triples"},
    Triple{2, "identity-triples"},
    Triple{3, "attest-key-triples"},
    Triple{4, "dependency-triples"},
    Triple{5, "membership-triples"},
    Triple{6, "coswid-triples"},
    Triple{8, "conditional-endorsement-series-triples"},
    Triple{10, "conditional-endorsement-triples"},
};

struct Environment {
    std::string vendor, model, text;
};

void note(Rim& rim, std::string what) {
    if (rim.not_used.size() < kNotes && std::ranges::find(rim.not_used, what) == rim.not_used.end())
        rim.not_used.push_back(std::move(what));
}

std::string text_or_empty(const Item* item) {
    return item != nullptr && item->is(Type::text) ? printable(shortened(item->text(), 256)) : std::string();
}

// Tag 111 has the content octets of a BER object identifier (RFC 9090): dotted, or hex where it is none.
std::string object_identifier(ByteView octets) {
    if (octets.empty() || octets.size() > 127)
        return to_hex(octets.first(std::min<std::size_t>(octets.size(), 64)));
    Bytes der{std::byte{0x06}, static_cast<std::byte>(octets.size())};
    der.insert(der.end(), octets.begin(), octets.end());
    const auto* next = as_uchar(der);
    const CHandle<ASN1_OBJECT, ASN1_OBJECT_free> object(
        d2i_ASN1_OBJECT(nullptr, &next, static_cast<long>(der.size())));
    std::array<char, 512> text{};
    const int size = object ? OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object.get(), 1) : 0;
    ERR_clear_error();
    if (size <= 0 || static_cast<std::size_t>(size) >= text.size()) return to_hex(octets);
    return std::string(text.data(), static_cast<std::size_t>(size));
}

Result<Environment> read_environment(const Item& item) {
    TRY_VOID(expect(item, Type::map, "environment"));
    Environment out;
    if (const auto* cls = item.find(0)) {
        TRY_VOID(expect(*cls, Type::map, "class"));
        out.vendor = text_or_empty(cls->find(1));
        out.model = text_or_empty(cls->find(2));
        out.text = out.vendor;
        if (!out.model.empty()) out.text += (out.text.empty() ? "" : " ") + out.model;
        if (const auto* id = cls->find(std::int64_t{0}); id != nullptr && out.text.empty())
            out.text = "class " + identifier_text(*id);
        if (const auto* layer = cls->find(3)) out.text += ", layer " + identifier_text(*layer);
        if (const auto* index = cls->find(4)) out.text += ", index " + identifier_text(*index);
    }
    if (const auto* instance = item.find(1)) out.text += ", instance " + identifier_text(*instance);
    if (const auto* group = item.find(2)) out.text += ", group " + identifier_text(*group);
    if (out.text.starts_with(", ")) out.text.erase(0, 2);
    return out;
}

// Named Information hash algorithms (RFC 6920, 9.4), by number or by name.
std::optional<HashAlgorithm> hash_algorithm(const Item& item) {
    if (item.is(Type::text)) {
        for (const auto& [name, algorithm] :
             {std::pair{"sha-256", HashAlgorithm::sha256}, std::pair{"sha-384", HashAlgorithm::sha384},
              std::pair{"sha-512", HashAlgorithm::sha512}}) {
            if (item.text() == name) return algorithm;
        }
        return std::nullopt;
    }
    const auto id = item.integer();
    if (id == 1) return HashAlgorithm::sha256;
    if (id == 7) return HashAlgorithm::sha384;
    if (id == 8) return HashAlgorithm::sha512;
    return std::nullopt;
}

Result<std::vector<Digest>> read_digests(const Item& list, Rim& rim) {
    TRY_VOID(expect(list, Type::array, "digests"));
    std::vector<Digest> out;
    for (const auto& each : list.children) {
        TRY_VOID(expect(each, Type::array, "digest"));
        if (each.children.size() != 2)
            return fail_at(each, ErrorCode::malformed, "digest: not an array of two");
        const auto value = TRY(expect(each.children[1], Type::bytes, "digest value"))->bytes;
        const auto algorithm = hash_algorithm(each.children[0]);
        if (!algorithm) {
            note(rim, "digests of algorithm " + identifier_text(each.children[0]));
            continue;
        }
        auto digest = Digest::from_bytes(*algorithm, value);
        if (!digest)
            return fail_at(each, ErrorCode::malformed,
                           fmt::format("digest: {} bytes, {} has {}", value.size(), to_string(*algorithm),
                                       digest_size(*algorithm)));
        if (std::ranges::any_of(out, [&](const auto& other) { return other.algorithm() == *algorithm; }))
            return fail_at(each, ErrorCode::malformed, "two digests of one algorithm");
        out.push_back(*digest);
    }
    return out;
}

// Tags 552 (exactly) and 553 (at least), or the bare number (draft-ietf-rats-corim, 5.1.4.1.4.4).
std::string svn_text(const Item& item) {
    const auto& value = item.is(Type::tag) ? item.content() : item;
    return fmt::format("svn {}{}", item.is_tag(553) ? "at least " : "", identifier_text(value));
}

Result<> add(Rim& rim, RimValue value, const Item& where) {
    if (value.digests.empty()) return {};
    if (rim.values.size() == limits::kValues)
        return fail_at(where, ErrorCode::limit, fmt::format("more than {} values", limits::kValues));
    value.place = fmt::format("offset {}", where.offset);
    rim.values.push_back(std::move(value));
    return {};
}

// draft-ietf-rats-corim, 5.1.4.1.4.7: registers by number or name; a number below 24 is taken for a PCR.
Result<> read_registers(const Item& map, const std::string& description, const std::string& key, Rim& rim) {
    TRY_VOID(expect(map, Type::map, "integrity registers"));
    for (std::size_t i = 0; i + 1 < map.children.size(); i += 2) {
        const auto& name = map.children[i];
        auto digests = TRY(read_digests(map.children[i + 1], rim));
        RimValue value{.kind = RimValueKind::measurement,
                       .pcr = {},
                       .event_type = {},
                       .digests = std::move(digests),
                       .description = description,
                       .path = key,
                       .place = {}};
        const auto number = name.integer();
        if (number && *number >= 0 && *number < static_cast<std::int64_t>(tcg::kPcrCount)) {
            value.kind = RimValueKind::pcr;
            value.pcr = static_cast<std::uint32_t>(*number);
        } else {
            value.path += (key.empty() ? "register " : " register ") + identifier_text(name);
        }
        TRY_VOID(add(rim, std::move(value), map.children[i + 1]));
    }
    return {};
}

Result<> read_measurement(const Item& item, const Environment& environment, Rim& rim) {
    TRY_VOID(expect(item, Type::map, "measurement"));
    const auto* values = TRY(member(item, 1, Type::map, "measurement values"));
    const auto* key = item.find(std::int64_t{0});
    auto description = environment.text;
    if (const auto* version = values->find(std::int64_t{0}); version != nullptr && version->is(Type::map)) {
        const auto text = text_or_empty(version->find(std::int64_t{0}));
        description += ", version " + text;
        if (rim.version.empty()) rim.version = text;
    }
    if (const auto* svn = values->find(1)) description += ", " + svn_text(*svn);
    if (const auto* name = values->find(11)) description += ", " + text_or_empty(name);
    if (description.starts_with(", ")) description.erase(0, 2);
    const auto path = key != nullptr ? identifier_text(*key) : std::string();
    const auto* digests = values->find(2);
    const auto* registers = values->find(14);
    if (digests != nullptr) {
        auto list = TRY(read_digests(*digests, rim));
        TRY_VOID(add(rim,
                     {.kind = RimValueKind::measurement,
                      .pcr = {},
                      .event_type = {},
                      .digests = std::move(list),
                      .description = description,
                      .path = path,
                      .place = {}},
                     *digests));
    }
    if (registers != nullptr) TRY_VOID(read_registers(*registers, description, path, rim));
    if (digests == nullptr && registers == nullptr)
        note(rim, fmt::format("measurement at offset {}: no digests", item.offset));
    return {};
}

Result<> read_reference_triples(const Item& list, Rim& rim) {
    TRY_VOID(expect(list, Type::array, "reference-triples"));
    for (const auto& triple : list.children) {
        TRY_VOID(expect(triple, Type::array, "reference-triple"));
        if (triple.children.size() != 2)
            return fail_at(triple, ErrorCode::malformed, "reference-triple: not an array of two");
        const auto environment = TRY(read_environment(triple.children[0]));
        if (rim.maker.empty()) rim.maker = environment.vendor;
        if (rim.model.empty()) rim.model = environment.model;
        for (const auto& each : TRY(expect(triple.children[1], Type::array, "measurements"))->children)
            TRY_VOID(read_measurement(each, environment, rim));
    }
    return {};
}

std::string_view triple_name(std::int64_t key) {
    const auto* found = std::ranges::find(kOtherTriples, key, &Triple::key);
    return found == kOtherTriples.end() ? std::string_view("triples of an unknown kind") : found->name;
}

}  // namespace

std::string identifier_text(const Item& item) {
    switch (item.type) {
        case Type::text:
            return printable(shortened(item.text(), 256));
        case Type::bytes:
            return to_hex(item.bytes.first(std::min<std::size_t>(item.bytes.size(), 64)));
        case Type::unsigned_integer:
            return fmt::format("{}", item.argument);
        case Type::negative_integer:
            if (const auto value = item.integer()) return fmt::format("{}", *value);
            return "a large negative number";
        case Type::tag:
            return item.is_tag(111) && item.content().is(Type::bytes)
                       ? object_identifier(item.content().bytes)
                       : identifier_text(item.content());
        case Type::array:
        case Type::map:
        case Type::simple:
            return "?";
    }
    return "?";
}

Result<> read_comid(const Item& comid, Rim& rim) {
    TRY_VOID(expect(comid, Type::map, "CoMID"));
    const auto* identity = TRY(member(comid, 1, Type::map, "tag-identity"));
    const auto* id = identity->find(std::int64_t{0});
    if (id == nullptr) return fail_at(*identity, ErrorCode::malformed, "no tag-id (key 0)");
    if (const auto* version = identity->find(1)) {
        TRY_VOID(expect(*version, Type::unsigned_integer, "tag-version"));
        rim.tag_version = std::max(rim.tag_version, version->argument);
    }
    if (rim.name.empty()) rim.name = identifier_text(*id);
    const auto* triples = TRY(member(comid, 4, Type::map, "triples"));
    for (std::size_t i = 0; i + 1 < triples->children.size(); i += 2) {
        const auto key = triples->children[i].integer();
        if (key == 0) {
            TRY_VOID(read_reference_triples(triples->children[i + 1], rim));
        } else {
            note(rim, fmt::format("{} of tag {}", triple_name(key.value_or(-1)), identifier_text(*id)));
        }
    }
    return {};
}

}  // namespace assay::rim

#include "verifier/judge/rim/cbor_item.h"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/text.h"

namespace assay::rim::cbor {
namespace {

class Parser {
  public:
    Parser(ByteReader& in, ByteView document, std::size_t base) : in_(in), document_(document), base_(base) {}

    Item item(std::size_t depth) {
        Item out;
        out.offset = in_.offset();
        if (depth > kDepth) in_.fail_here(ErrorCode::limit, fmt::format("nested deeper than {}", kDepth));
        if (++items_ > kItems) in_.fail_here(ErrorCode::limit, fmt::format("more than {} items", kItems));
        const unsigned initial = in_.u8("CBOR item");
        out.type = static_cast<Type>(initial >> 5U);
        out.argument = argument(initial & 31U, out.offset);
        if (in_.ok()) content(out, depth);
        if (in_.ok()) out.encoded = document_.subspan(out.offset - base_, in_.offset() - out.offset);
        return out;
    }

  private:
    std::uint64_t argument(unsigned low, std::size_t start) {
        if (low < 24) return low;
        if (low == 31) {
            in_.fail_at(start, ErrorCode::unsupported,
                        "indefinite lengths are not read; encode it with lengths");
            return 0;
        }
        if (low > 27) {
            in_.fail_at(start, ErrorCode::malformed, "reserved additional information");
            return 0;
        }
        std::uint64_t value = 0;
        for (unsigned i = 0; i < (1U << (low - 24U)); ++i) value = (value << 8U) | in_.u8("CBOR argument");
        return value;
    }

    void content(Item& out, std::size_t depth) {
        switch (out.type) {
            case Type::bytes:
                out.bytes = in_.bytes(out.argument, "byte string");
                break;
            case Type::text:
                out.bytes = in_.bytes(out.argument, "text");
                if (!is_utf8(out.text()))
                    in_.fail_at(out.offset, ErrorCode::malformed, "text that is not UTF-8");
                break;
            case Type::array:
                if (in_.check_count(out.argument, 1, kItems, "array")) children(out, out.argument, depth);
                break;
            case Type::map:
                if (!in_.check_count(out.argument, 2, kItems, "map")) break;
                children(out, 2 * out.argument, depth);
                if (in_.ok()) check_keys(out);
                break;
            case Type::tag:
                children(out, 1, depth);
                break;
            case Type::unsigned_integer:
            case Type::negative_integer:
            case Type::simple:
                break;
        }
    }

    void children(Item& out, std::uint64_t count, std::size_t depth) {
        for (std::uint64_t i = 0; i < count && in_.ok(); ++i) out.children.push_back(item(depth + 1));
    }

    // Two values under one key: whoever reads the first and whoever reads the last disagree.
    void check_keys(const Item& map) {
        std::vector<const Item*> keys;
        for (std::size_t i = 0; i < map.children.size(); i += 2) keys.push_back(&map.children[i]);
        const auto less = [](const Item* a, const Item* b) {
            return std::ranges::lexicographical_compare(a->encoded, b->encoded);
        };
        std::ranges::sort(keys, less);
        const auto twice = std::ranges::adjacent_find(
            keys, [](const Item* a, const Item* b) { return equal(a->encoded, b->encoded); });
        if (twice != keys.end())
            in_.fail_at((*twice)->offset, ErrorCode::malformed, "a key twice in one map");
    }

    ByteReader& in_;
    ByteView document_;
    std::size_t base_;
    std::size_t items_ = 0;
};

std::string_view name_of(Type type) {
    switch (type) {
        case Type::unsigned_integer:
            return "an unsigned integer";
        case Type::negative_integer:
            return "a negative integer";
        case Type::bytes:
            return "a byte string";
        case Type::text:
            return "a text";
        case Type::array:
            return "an array";
        case Type::map:
            return "a map";
        case Type::tag:
            return "a tag";
        case Type::simple:
            return "a simple value";
    }
    return "?";
}

}  // namespace

const Item* Item::find(std::int64_t key) const {
    if (!is(Type::map)) return nullptr;
    for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
        if (children[i].integer() == key) return &children[i + 1];
    }
    return nullptr;
}

const Item* Item::find(std::string_view key) const {
    if (!is(Type::map)) return nullptr;
    for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
        if (children[i].is(Type::text) && children[i].text() == key) return &children[i + 1];
    }
    return nullptr;
}

std::optional<std::int64_t> Item::integer() const {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (argument > kMost) return std::nullopt;
    if (is(Type::unsigned_integer)) return static_cast<std::int64_t>(argument);
    if (is(Type::negative_integer)) return -1 - static_cast<std::int64_t>(argument);
    return std::nullopt;
}

Result<Item> parse(ByteView document, std::size_t base) {
    ByteReader in(document, base);
    auto out = Parser(in, document, base).item(0);
    if (const auto& error = in.error()) return std::unexpected(*error);
    if (!in.empty())
        return fail(ErrorCode::malformed, fmt::format("{} bytes left over", in.remaining()), in.offset());
    return out;
}

Result<const Item*> expect(const Item& item, Type type, std::string_view what) {
    if (item.is(type)) return &item;
    return fail_at(item, ErrorCode::malformed,
                   fmt::format("{}: expected {}, got {}", what, name_of(type), name_of(item.type)));
}

Result<const Item*> member(const Item& map, std::int64_t key, Type type, std::string_view what) {
    const auto* found = map.find(key);
    if (found == nullptr) return fail_at(map, ErrorCode::malformed, fmt::format("no {} (key {})", what, key));
    return expect(*found, type, what);
}

std::unexpected<Error> fail_at(const Item& item, ErrorCode code, std::string_view what) {
    return fail(code, std::string(what), item.offset);
}

}  // namespace assay::rim::cbor

#include "evidence/base/cbor.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "evidence/base/text.h"

namespace assay::cbor {
namespace {

// Major types, RFC 8949 section 3.1.
constexpr std::uint8_t kUnsigned = 0;
constexpr std::uint8_t kNegative = 1;
constexpr std::uint8_t kBytes = 2;
constexpr std::uint8_t kText = 3;
constexpr std::uint8_t kArray = 4;
constexpr std::uint8_t kMap = 5;
constexpr std::uint8_t kSimple = 7;
constexpr std::uint8_t kFalse = 20;
constexpr std::uint8_t kTrue = 21;
constexpr std::uint8_t kNull = 22;

Encoded head_of(std::uint8_t major, std::uint64_t argument) {
    Encoded out;
    const auto first = [&](unsigned low) { out.push_back(static_cast<std::byte>((major << 5U) | low)); };
    const auto rest = [&](unsigned width) {
        for (unsigned i = width; i-- > 0;) out.push_back(static_cast<std::byte>(argument >> (8U * i)));
    };
    if (argument < 24) {
        first(static_cast<unsigned>(argument));
    } else if (argument <= 0xff) {
        first(24), rest(1);
    } else if (argument <= 0xffff) {
        first(25), rest(2);
    } else if (argument <= 0xffffffff) {
        first(26), rest(4);
    } else {
        first(27), rest(8);
    }
    return out;
}

Encoded with_payload(std::uint8_t major, ByteView payload) {
    auto out = head_of(major, payload.size());
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

bool key_less(std::string_view a, std::string_view b) {  // bytewise order of the encoded keys: the length comes first
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

Encoded unsigned_integer(std::uint64_t value) { return head_of(kUnsigned, value); }

Encoded integer(std::int64_t value) {
    if (value >= 0) return head_of(kUnsigned, static_cast<std::uint64_t>(value));
    return head_of(kNegative, static_cast<std::uint64_t>(-(value + 1)));
}

Encoded bytes(ByteView value) { return with_payload(kBytes, value); }
Encoded text(std::string_view value) { return with_payload(kText, as_view(value)); }
Encoded boolean(bool value) { return head_of(kSimple, value ? kTrue : kFalse); }
Encoded null() { return head_of(kSimple, kNull); }

Encoded array(const std::vector<Encoded>& items) {
    auto out = head_of(kArray, items.size());
    for (const auto& item : items) out.insert(out.end(), item.begin(), item.end());
    return out;
}

Encoded map(std::vector<std::pair<std::string_view, Encoded>> entries) {
    std::ranges::sort(entries, [](const auto& a, const auto& b) { return key_less(a.first, b.first); });
    auto out = head_of(kMap, entries.size());
    for (const auto& [key, value] : entries) {
        const auto encoded_key = text(key);
        out.insert(out.end(), encoded_key.begin(), encoded_key.end());
        out.insert(out.end(), value.begin(), value.end());
    }
    return out;
}

Reader::Head Reader::head(std::string_view what) {
    if (++items_ > limits::kCborItems) in_.fail_here(ErrorCode::limit, fmt::format("{}: too many items", what));
    const auto start = in_.offset();
    const unsigned initial = in_.u8(what);
    Head head{static_cast<std::uint8_t>(initial >> 5U), initial & 31U};
    const unsigned low = initial & 31U;
    if (low < 24) return head;
    if (low > 27) {
        in_.fail_at(start, ErrorCode::malformed, fmt::format("{}: indefinite or reserved length", what));
        return {};
    }
    const unsigned width = 1U << (low - 24U);
    head.argument = 0;
    for (unsigned i = 0; i < width; ++i) head.argument = (head.argument << 8U) | in_.u8(what);
    const bool shortest = width == 1 ? head.argument >= 24 : head.argument >> (width * 4U) != 0;
    if (head.major == kSimple || !shortest) {
        in_.fail_at(start, ErrorCode::malformed, fmt::format("{}: not the shortest encoding, or a float", what));
        return {};
    }
    return head;
}

Reader::Head Reader::expect(std::uint8_t major, std::string_view what) {
    const auto start = in_.offset();
    const auto found = head(what);
    if (in_.ok() && found.major != major) {
        in_.fail_at(start, ErrorCode::malformed,
                    fmt::format("{}: CBOR major type {} wanted, {} found", what, major, found.major));
        return {};
    }
    return found;
}

std::uint64_t Reader::unsigned_integer(std::string_view what) { return expect(kUnsigned, what).argument; }

std::uint64_t Reader::unsigned_integer(std::string_view what, std::uint64_t max) {
    const auto start = in_.offset();
    const auto value = unsigned_integer(what);
    if (value > max) in_.fail_at(start, ErrorCode::limit, fmt::format("{}: {} is above {}", what, value, max));
    return in_.ok() ? value : 0;
}

std::int64_t Reader::integer(std::string_view what) {
    const auto start = in_.offset();
    const auto found = head(what);
    if (!in_.ok()) return 0;
    if (found.major > kNegative || found.argument > std::numeric_limits<std::int64_t>::max()) {
        in_.fail_at(start, ErrorCode::malformed, fmt::format("{}: a 64-bit signed integer wanted", what));
        return 0;
    }
    const auto magnitude = static_cast<std::int64_t>(found.argument);
    return found.major == kUnsigned ? magnitude : -1 - magnitude;
}

ByteView Reader::bytes(std::string_view what, std::size_t limit) {
    return in_.bytes(expect(kBytes, what).argument, limit, what);
}

std::string_view Reader::text(std::string_view what, std::size_t limit) {
    const auto start = in_.offset();
    const auto view = as_text(in_.bytes(expect(kText, what).argument, limit, what));
    if (!is_utf8(view)) {
        in_.fail_at(start, ErrorCode::malformed, fmt::format("{}: text that is not UTF-8", what));
        return {};
    }
    return view;
}

bool Reader::boolean(std::string_view what) {
    const auto start = in_.offset();
    const auto found = expect(kSimple, what);
    if (in_.ok() && found.argument != kTrue && found.argument != kFalse) {
        in_.fail_at(start, ErrorCode::malformed, fmt::format("{}: true or false wanted", what));
    }
    return found.argument == kTrue;
}

bool Reader::take_null() {
    if (peek() != Kind::null) return false;
    head("null");
    return true;
}

bool Reader::enter(std::string_view what) {
    if (depth_ >= limits::kCborDepth) {
        in_.fail_here(ErrorCode::limit, fmt::format("{}: nested deeper than {}", what, limits::kCborDepth));
        return false;
    }
    ++depth_;
    return true;
}

void Reader::array(std::string_view what, std::size_t limit, const std::function<void()>& each) {
    const auto count = expect(kArray, what).argument;
    if (!in_.check_count(count, 1, limit, what) || !enter(what)) return;
    for (std::uint64_t i = 0; i < count && in_.ok(); ++i) each();
    --depth_;
}

void Reader::map(std::string_view what, const std::function<void(std::string_view)>& each) {
    const auto count = expect(kMap, what).argument;
    if (!in_.check_count(count, 2, limits::kCborItems, what) || !enter(what)) return;
    std::string_view previous;
    for (std::uint64_t i = 0; i < count && in_.ok(); ++i) {
        const auto start = in_.offset();
        const auto key = text(what, limits::kText);
        if (in_.ok() && i > 0 && !key_less(previous, key)) {
            in_.fail_at(start, ErrorCode::malformed,
                        fmt::format("{}: key '{}' twice or out of order", what, printable(key)));
        }
        previous = key;
        if (in_.ok()) each(key);
    }
    --depth_;
}

void Reader::unknown(std::string_view key) {
    in_.fail_here(ErrorCode::malformed, fmt::format("unknown key '{}'", printable(key)));
}

Kind Reader::peek() const {
    ByteReader ahead = in_;
    const unsigned initial = ahead.u8("peek");
    if (!ahead.ok()) return Kind::end;
    if (initial >> 5U == kSimple) {
        if ((initial & 31U) == kNull) return Kind::null;
        return Kind::boolean;
    }
    constexpr std::array kinds{Kind::unsigned_integer, Kind::negative_integer, Kind::bytes, Kind::text,
                               Kind::array, Kind::map, Kind::end, Kind::end};
    return kinds[initial >> 5U];
}

void Reader::skip() {
    switch (peek()) {
        case Kind::bytes: bytes("skipped", limits::kEvidenceBody); break;
        case Kind::text: text("skipped", limits::kEvidenceBody); break;
        case Kind::array: array("skipped", limits::kCborItems, [this] { skip(); }); break;
        case Kind::map: map("skipped", [this](std::string_view) { skip(); }); break;
        case Kind::boolean: boolean("skipped"); break;
        case Kind::null: take_null(); break;
        case Kind::unsigned_integer: case Kind::negative_integer: integer("skipped"); break;
        case Kind::end: in_.fail_here(ErrorCode::malformed, "no CBOR item, or a tag"); break;
    }
}

}  // namespace assay::cbor

#include "evidence/codec/cbor.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include <fmt/core.h>

#include "evidence/base/fault.h"
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

// The kind of an item by its major type (RFC 8949 section 3.1); a tag (6) is no item here, and 7 is looked at
// further.
constexpr std::array kKinds{Kind::unsigned_integer,
                            Kind::negative_integer,
                            Kind::bytes,
                            Kind::text,
                            Kind::array,
                            Kind::map,
                            Kind::end,
                            Kind::end};

}  // namespace

Writer& Writer::head(std::uint8_t major, std::uint64_t argument) {
    const auto first = [&](std::uint64_t low) {
        out_.push_back(static_cast<std::byte>((static_cast<unsigned>(major) << 5U) | low));
    };
    if (argument < 24) {
        first(argument);
        return *this;
    }
    // Additional information 24..27: the argument follows in 1, 2, 4 or 8 bytes (RFC 8949 section 3).
    const unsigned power = argument <= 0xff ? 0 : argument <= 0xffff ? 1 : argument <= 0xffffffff ? 2 : 3;
    first(24U + power);
    for (unsigned i = 1U << power; i-- > 0;) out_.push_back(static_cast<std::byte>(argument >> (8U * i)));
    return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t value) {
    return head(kUnsigned, value);
}

Writer& Writer::integer(std::int64_t value) {
    if (value >= 0) return head(kUnsigned, static_cast<std::uint64_t>(value));
    return head(kNegative, static_cast<std::uint64_t>(-(value + 1)));
}

Writer& Writer::bytes(ByteView value) {
    return head(kBytes, value.size()).raw(value);
}
Writer& Writer::text(std::string_view value) {
    return head(kText, value.size()).raw(as_view(value));
}
Writer& Writer::boolean(bool value) {
    return head(kSimple, value ? kTrue : kFalse);
}
Writer& Writer::null() {
    return head(kSimple, kNull);
}
Writer& Writer::array(std::size_t count) {
    return head(kArray, count);
}
Writer& Writer::map(std::size_t count) {
    return head(kMap, count);
}

Writer& Writer::raw(ByteView encoded) {
    out_.insert(out_.end(), encoded.begin(), encoded.end());
    return *this;
}

Encoded unsigned_integer(std::uint64_t value) {
    return Writer().unsigned_integer(value).take();
}
Encoded integer(std::int64_t value) {
    return Writer().integer(value).take();
}
Encoded bytes(ByteView value) {
    return Writer().bytes(value).take();
}
Encoded text(std::string_view value) {
    return Writer().text(value).take();
}
Encoded boolean(bool value) {
    return Writer().boolean(value).take();
}
Encoded null() {
    return Writer().null().take();
}

Encoded array(const std::vector<Encoded>& items) {
    Writer out;
    out.array(items.size());
    for (const auto& item : items) out.raw(item);
    return out.take();
}

Encoded map(std::vector<std::pair<std::string_view, Encoded>> entries) {
    std::ranges::sort(entries, key_less, &std::pair<std::string_view, Encoded>::first);
    Writer out;
    out.map(entries.size());
    for (const auto& [key, value] : entries) out.text(key).raw(value);
    return out.take();
}

Reader::Head Reader::head(std::string_view what) {
    if (++items_ > limits::kCborItems)
        in_.fail_here(ErrorCode::limit, fmt::format("{}: too many items", what));
    if (ASSAY_FAULT("parse")) in_.fail_here(ErrorCode::malformed, "an injected fault");
    const auto start = in_.offset();
    const unsigned initial = in_.u8(what);
    const unsigned low = initial & 31U;
    if (low < 24) return {static_cast<std::uint8_t>(initial >> 5U), low};
    return long_head(start, initial, what);
}

Reader::Head Reader::long_head(std::size_t start, unsigned initial, std::string_view what) {
    const unsigned low = initial & 31U;
    Head head{static_cast<std::uint8_t>(initial >> 5U), 0};
    if (low > 27) {
        in_.fail_at(start, ErrorCode::malformed, fmt::format("{}: indefinite or reserved length", what));
        return {};
    }
    const unsigned width = 1U << (low - 24U);
    for (unsigned i = 0; i < width; ++i) head.argument = (head.argument << 8U) | in_.u8(what);
    if (!in_.ok()) return {};
    const bool shortest = width == 1 ? head.argument >= 24 : head.argument >> (width * 4U) != 0;
    if (head.major == kSimple || !shortest) {
        in_.fail_at(start, ErrorCode::malformed,
                    fmt::format("{}: not the shortest encoding, or a float", what));
        return {};
    }
    return head;
}

Reader::Head Reader::expect(std::uint8_t major, std::string_view what) {
    const auto start = in_.offset();
    const auto found = head(what);
    if (in_.ok() && found.major == major) return found;
    in_.fail_at(start, ErrorCode::malformed,
                fmt::format("{}: expected CBOR major type {}, got {}", what, major, found.major));
    return {};
}

std::uint64_t Reader::unsigned_integer(std::string_view what, std::uint64_t max) {
    const auto start = in_.offset();
    const auto value = unsigned_integer(what);
    if (value <= max) return value;
    in_.fail_at(start, ErrorCode::limit, fmt::format("{}: {} is above {}", what, value, max));
    return 0;
}

std::int64_t Reader::integer(std::string_view what) {
    const auto start = in_.offset();
    const auto found = head(what);
    if (!in_.ok()) return 0;
    if (found.major > kNegative || found.argument > std::numeric_limits<std::int64_t>::max()) {
        in_.fail_at(start, ErrorCode::malformed, fmt::format("{}: expected a 64-bit signed integer", what));
        return 0;
    }
    const auto magnitude = static_cast<std::int64_t>(found.argument);
    return found.major == kUnsigned ? magnitude : -1 - magnitude;
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
        in_.fail_at(start, ErrorCode::malformed, fmt::format("{}: expected true or false", what));
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

std::uint64_t Reader::array_head(std::string_view what, std::size_t limit) {
    const auto count = expect(kArray, what).argument;
    return in_.check_count(count, 1, limit, what) && enter(what) ? count : 0;
}

std::uint64_t Reader::map_head(std::string_view what) {
    const auto count = expect(kMap, what).argument;
    return in_.check_count(count, 2, limits::kCborItems, what) && enter(what) ? count : 0;
}

std::string_view Reader::key(std::string_view what, bool first, std::string_view previous) {
    const auto start = in_.offset();
    const auto found = text(what, limits::kText);
    if (ok() && !first && !key_less(previous, found)) {
        in_.fail_at(start, ErrorCode::malformed,
                    fmt::format("{}: key '{}' twice or out of order", what, printable(found)));
    }
    return found;
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
    return kKinds.at(initial >> 5U);
}

void Reader::skip() {
    switch (peek()) {
        case Kind::bytes:
            bytes("skipped", limits::kEvidenceBody);
            break;
        case Kind::text:
            text("skipped", limits::kEvidenceBody);
            break;
        case Kind::array:
            array("skipped", limits::kCborItems, [this] { skip(); });
            break;
        case Kind::map:
            map("skipped", [this](std::string_view) { skip(); });
            break;
        case Kind::boolean:
            boolean("skipped");
            break;
        case Kind::null:
            take_null();
            break;
        case Kind::unsigned_integer:
        case Kind::negative_integer:
            head("skipped");
            break;
        case Kind::end:
            in_.fail_here(ErrorCode::malformed, "no CBOR item, or a tag");
            break;
    }
}

}  // namespace assay::cbor

#include "evidence/codec/der.h"

#include <algorithm>
#include <chrono>

#include "evidence/base/fault.h"
#include "evidence/base/text.h"

namespace assay::der {
namespace {

unsigned octet(ByteView bytes, std::size_t at) {
    return std::to_integer<unsigned>(bytes[at]);
}

std::unexpected<Error> bad(const Element& element, std::string_view what, std::string_view why,
                           ErrorCode code = ErrorCode::malformed) {
    return fail(code, std::string(what) + ": " + std::string(why), element.offset);
}

constexpr std::uint8_t kConstructed = 0x20;
constexpr unsigned kLongTag = 0x1f;

/// An arc of an object identifier: base 128, high bit on all octets but the last. (X.690, 8.19)
std::optional<std::uint64_t> arc(ByteView bytes, std::size_t& at) {
    std::uint64_t value = 0;
    if (octet(bytes, at) == 0x80) return std::nullopt;  // not the shortest form
    while (at < bytes.size()) {
        const unsigned next = octet(bytes, at++);
        if (value >> 56U != 0) return std::nullopt;
        value = value << 7U | (next & 0x7fU);
        if ((next & 0x80U) == 0) return value;
    }
    return std::nullopt;
}

}  // namespace

std::unexpected<Error> Reader::error(ErrorCode code, std::string_view what, std::string_view why) const {
    return fail(code, std::string(what) + ": " + std::string(why), offset_);
}

Result<Element> Reader::any(std::string_view what) {
    if (ASSAY_FAULT("parse")) return error(ErrorCode::truncated, what, "an injected fault");
    if (bytes_.size() < 2) return error(ErrorCode::truncated, what, "no element");
    if ((octet(bytes_, 0) & kLongTag) == kLongTag) {
        return error(ErrorCode::malformed, what, "a tag of more than one octet");
    }
    std::size_t header = 2;
    std::size_t size = octet(bytes_, 1);
    if (size == 0x80) return error(ErrorCode::malformed, what, "an indefinite length");
    if (size > 0x80) {
        const std::size_t octets = size - 0x80;
        if (octets > 4) return error(ErrorCode::limit, what, "a length of more than four octets");
        if (bytes_.size() < 2 + octets) return error(ErrorCode::truncated, what, "the length is cut");
        size = 0;
        for (std::size_t i = 0; i < octets; ++i) size = size << 8U | octet(bytes_, 2 + i);
        if (size < 0x80 || octet(bytes_, 2) == 0) {
            return error(ErrorCode::malformed, what, "a length that is not in its shortest form");
        }
        header += octets;
    }
    if (size > bytes_.size() - header) {
        return error(
            ErrorCode::truncated, what,
            std::to_string(size) + " bytes claimed, " + std::to_string(bytes_.size() - header) + " left");
    }
    const Element element{static_cast<std::uint8_t>(octet(bytes_, 0)), bytes_.subspan(header, size),
                          bytes_.first(header + size), offset_ + header};
    bytes_ = bytes_.subspan(header + size);
    offset_ += header + size;
    return element;
}

Result<Element> Reader::take(std::uint8_t tag, std::string_view what) {
    if (!bytes_.empty() && !next_is(tag)) {
        return error(ErrorCode::malformed, what,
                     "tag " + std::to_string(octet(bytes_, 0)) + " in place of " + std::to_string(tag));
    }
    return any(what);
}

Result<std::optional<Element>> Reader::maybe(std::uint8_t tag, std::string_view what) {
    if (!next_is(tag)) return std::nullopt;
    return TRY(any(what));
}

Result<Reader> Reader::inside(const Element& element, std::string_view what) const {
    if ((element.tag & kConstructed) == 0) return bad(element, what, "a primitive element");
    if (depth_ >= kDepth) return bad(element, what, "nested too deep", ErrorCode::limit);
    return Reader(element.content, element.offset, depth_ + 1);
}

Result<Reader> Reader::enter(std::uint8_t tag, std::string_view what) {
    const Element element = TRY(take(tag, what));
    return inside(element, what);
}

Result<std::optional<Reader>> Reader::maybe_enter(std::uint8_t tag, std::string_view what) {
    if (!next_is(tag)) return std::nullopt;
    return TRY(enter(tag, what));
}

Result<void> Reader::finish(std::string_view what) const {
    if (bytes_.empty()) return {};
    return error(ErrorCode::malformed, what, std::to_string(bytes_.size()) + " bytes left over");
}

Result<Reader> open(ByteView bytes, std::uint8_t tag, std::size_t limit, std::string_view what) {
    if (bytes.size() > limit) {
        return fail(ErrorCode::limit, std::string(what) + " of " + std::to_string(bytes.size()) + " bytes");
    }
    Reader outer(bytes);
    Reader inner = TRY(outer.enter(tag, what));
    TRY_VOID(outer.finish(what));
    return inner;
}

Result<bool> boolean(const Element& element, std::string_view what) {
    if (element.content.size() != 1) return bad(element, what, "a BOOLEAN that is not of one octet");
    const unsigned value = octet(element.content, 0);
    if (value != 0 && value != 0xff) return bad(element, what, "a BOOLEAN that is neither 00 nor FF");
    return value != 0;
}

Result<ByteView> integer(const Element& element, std::size_t limit, std::string_view what) {
    const ByteView bytes = element.content;
    if (bytes.empty()) return bad(element, what, "an INTEGER of no octets");
    if (bytes.size() > limit) return bad(element, what, "an INTEGER that is too long", ErrorCode::limit);
    if (bytes.size() > 1) {
        const bool sign = (octet(bytes, 1) & 0x80U) != 0;
        if (octet(bytes, 0) == (sign ? 0xffU : 0U)) {
            return bad(element, what, "an INTEGER that is not in its shortest form");
        }
    }
    return bytes;
}

Result<std::uint32_t> small_number(const Element& element, std::uint32_t most, std::string_view what) {
    const ByteView bytes = TRY(integer(element, 5, what));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8U | octet(bytes, i);
    if ((octet(bytes, 0) & 0x80U) != 0 || value > most) {
        return bad(element, what, "a number that is not from 0 to " + std::to_string(most));
    }
    return static_cast<std::uint32_t>(value);
}

Result<std::string> oid(const Element& element, std::string_view what) {
    const ByteView bytes = element.content;
    if (bytes.empty()) return bad(element, what, "an object identifier of no octets");
    if (bytes.size() > kOidSize) return bad(element, what, "a long object identifier", ErrorCode::limit);
    std::string text;
    for (std::size_t at = 0; at < bytes.size();) {
        const bool first = at == 0;
        auto value = arc(bytes, at);
        if (!value) return bad(element, what, "an object identifier that is not well formed");
        if (first) {
            const std::uint64_t root = std::min<std::uint64_t>(*value / 40, 2);
            text = std::to_string(root);
            *value -= root * 40;
        }
        text += '.';
        text += std::to_string(*value);
    }
    return text;
}

Result<ByteView> bit_string(const Element& element, std::string_view what) {
    if (element.content.empty()) return bad(element, what, "a BIT STRING of no octets");
    if (octet(element.content, 0) != 0) return bad(element, what, "a BIT STRING that is not of whole octets");
    return element.content.subspan(1);
}

Result<std::string> utf8(const Element& element, std::size_t limit, std::string_view what) {
    if (element.content.size() > limit) return bad(element, what, "a long text", ErrorCode::limit);
    const auto text = as_text(element.content);
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos) {
        return bad(element, what, "a text that is not UTF-8");
    }
    return std::string(text);
}

Result<std::string> ia5(const Element& element, std::size_t limit, std::string_view what) {
    if (element.content.size() > limit) return bad(element, what, "a long text", ErrorCode::limit);
    const auto text = as_text(element.content);
    if (std::ranges::any_of(text, [](char c) { return c <= 0; })) return bad(element, what, "not ASCII");
    return std::string(text);
}

Result<std::int64_t> generalized_time(const Element& element, std::string_view what) {
    const auto text = as_text(element.content);
    if (text.size() != 15 || text.back() != 'Z' ||
        !std::ranges::all_of(text.substr(0, 14), [](char c) { return c >= '0' && c <= '9'; })) {
        return bad(element, what, "a time that is not YYYYMMDDHHMMSSZ");
    }
    const auto number = [&](std::size_t at, std::size_t size) {
        int value = 0;
        for (const char digit : text.substr(at, size)) value = value * 10 + (digit - '0');
        return value;
    };
    using namespace std::chrono;
    const year_month_day day{year(number(0, 4)), month(static_cast<unsigned>(number(4, 2))),
                             std::chrono::day(static_cast<unsigned>(number(6, 2)))};
    const int hour = number(8, 2);
    const int minute = number(10, 2);
    const int second = number(12, 2);
    if (!day.ok() || hour > 23 || minute > 59 || second > 59) {
        return bad(element, what, "a time that does not exist");
    }
    const std::int64_t days = sys_days(day).time_since_epoch().count();
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

}  // namespace assay::der

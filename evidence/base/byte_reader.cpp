#include "evidence/base/byte_reader.h"

#include <fmt/core.h>

#include "evidence/base/fault.h"

namespace assay {

void ByteReader::fail_at(std::size_t offset, ErrorCode code, std::string_view what) {
    if (!error_) error_ = Error{code, std::string(what), offset};
}

void ByteReader::fail_here(ErrorCode code, std::string_view what) {
    fail_at(offset(), code, what);
}

std::uint64_t ByteReader::integer(std::size_t width, bool big_endian, std::string_view what) {
    if (ASSAY_FAULT("parse")) fail_here(ErrorCode::malformed, "an injected fault");
    const auto raw = bytes(width, what);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        value = (value << 8U) | std::to_integer<std::uint64_t>(big_endian ? raw[i] : raw[raw.size() - 1 - i]);
    }
    return value;
}

ByteView ByteReader::too_short(std::size_t size, std::string_view what) {
    if (!error_) {
        fail_here(ErrorCode::truncated,
                  fmt::format("{}: expected {} bytes, got {}", what, size, remaining()));
    }
    return {};
}

ByteView ByteReader::bytes(std::size_t size, std::size_t limit, std::string_view what) {
    if (size > limit) {
        fail_here(ErrorCode::limit,
                  fmt::format("{}: {} bytes claimed, at most {} allowed", what, size, limit));
        return {};
    }
    return bytes(size, what);
}

ByteView ByteReader::tpm2b(std::size_t limit, std::string_view what) {
    const std::size_t size = u16be(what);
    return bytes(size, limit, what);
}

ByteView ByteReader::rest() {
    return bytes(remaining(), "rest");
}

bool ByteReader::check_count(std::size_t count, std::size_t least_size, std::size_t limit,
                             std::string_view what) {
    if (error_) return false;
    if (count > limit) {
        fail_here(ErrorCode::limit, fmt::format("{}: {} claimed, at most {} allowed", what, count, limit));
    } else if (least_size != 0 && count > remaining() / least_size) {
        fail_here(ErrorCode::truncated, fmt::format("{}: {} of at least {} bytes claimed, {} bytes left",
                                                    what, count, least_size, remaining()));
    }
    return ok();
}

}  // namespace assay

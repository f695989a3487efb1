#include "agent/usb/journal/journal_frames.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/byte_writer.h"
#include "evidence/base/limits.h"

namespace assay::agent::journal_frames {
namespace {

constexpr std::string_view kMagic = "ASSAYJN1";
constexpr std::size_t kCheckSize = 32;
constexpr std::size_t kFrameHead = 8;
constexpr std::size_t kMaxFrame = limits::kJournalRecord + kFrameOverhead;

Result<Position> decode_header(ByteView file) {
    if (file.size() < kHeaderSize) return fail(ErrorCode::truncated, "header", file.size());
    ByteReader reader(file.first(kHeaderSize));
    const auto magic = reader.bytes(kMagic.size(), "magic");
    const auto sequence = reader.u64be("base sequence");
    const auto digest = reader.bytes(kCheckSize, "base digest");
    const auto check = reader.bytes(kCheckSize, "check");
    if (as_text(magic) != kMagic) return fail(ErrorCode::malformed, "not a journal: wrong magic", 0);
    if (!equal(check, sha256(file.first(kHeaderSize - kCheckSize)).view())) {
        return fail(ErrorCode::malformed, "header: its check does not match", kHeaderSize - kCheckSize);
    }
    const auto head = TRY(Digest::from_bytes(HashAlgorithm::sha256, digest));
    return Position{sequence, head};
}

bool all_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

enum class Tail : std::uint8_t { frame, torn, corrupt };

// What stands at the start of `left`, and the length of its record.
Tail look_at(ByteView left, std::size_t& length) {
    if (left.size() < kFrameHead) return Tail::torn;
    if (all_zero(left.first(kFrameHead))) return left.size() <= kMaxFrame ? Tail::torn : Tail::corrupt;
    ByteReader reader(left.first(kFrameHead));
    length = reader.u32be("length");
    const auto complement = reader.u32be("complement");
    if ((static_cast<std::uint32_t>(length) ^ complement) != 0xffff'ffffU) return Tail::corrupt;
    if (length == 0 || length > limits::kJournalRecord) return Tail::corrupt;
    const auto whole = length + kFrameOverhead;
    if (whole > left.size()) return Tail::torn;
    const bool good =
        equal(sha256(left.subspan(kFrameHead, length)).view(), left.subspan(kFrameHead + length, kCheckSize));
    if (good) return Tail::frame;
    return whole == left.size() ? Tail::torn : Tail::corrupt;
}

Result<void> check_goes_on(ByteView record, const Position& before, std::size_t offset) {
    const auto decoded = decode_journal_record(record);
    if (!decoded) {
        return fail(ErrorCode::malformed,
                    fmt::format("record {}: {}", before.sequence + 1, decoded.error().context), offset);
    }
    if (decoded->sequence != before.sequence + 1) {
        return fail(ErrorCode::malformed,
                    fmt::format("record {}: it has the sequence {}", before.sequence + 1, decoded->sequence),
                    offset);
    }
    if (decoded->previous != before.digest) {
        return fail(ErrorCode::malformed,
                    fmt::format("record {}: its `previous` is not the record before", decoded->sequence),
                    offset);
    }
    return {};
}

}  // namespace

Bytes encode_header(const Position& base) {
    ByteWriter out;
    out.text(kMagic).u64be(base.sequence).bytes(base.digest.view());
    const auto check = sha256(out.view());
    return out.bytes(check.view()).take();
}

Bytes encode_frame(ByteView record) {
    const auto length = static_cast<std::uint32_t>(record.size());
    ByteWriter out;
    out.u32be(length).u32be(~length).bytes(record).bytes(journal_digest(record).view());
    return out.take();
}

Result<Scan> scan(ByteView file) {
    if (file.size() > kMaxFile)
        return fail(ErrorCode::limit, fmt::format("{} bytes, at most {} allowed", file.size(), kMaxFile));
    Scan out;
    out.base = TRY(decode_header(file));
    out.head = out.base;
    std::size_t offset = kHeaderSize;
    while (offset < file.size()) {
        const auto left = file.subspan(offset);
        std::size_t length = 0;
        const auto tail = look_at(left, length);
        if (tail == Tail::torn) break;
        if (tail == Tail::corrupt) {
            return fail(ErrorCode::malformed, fmt::format("record {} is damaged", out.head.sequence + 1),
                        offset);
        }
        const auto record = left.subspan(kFrameHead, length);
        TRY_VOID(check_goes_on(record, out.head, offset));
        out.head = {out.head.sequence + 1, journal_digest(record)};
        out.frames.push_back({offset, record, out.head.digest});
        offset += length + kFrameOverhead;
    }
    out.good_size = offset;
    out.torn = file.size() - offset;
    return out;
}

}  // namespace assay::agent::journal_frames

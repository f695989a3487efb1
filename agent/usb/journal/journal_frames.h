#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evidence/wire/section/journal.h"

/// The bytes of a journal file: docs/formats/journal-file.md. No file is touched here.
namespace assay::agent::journal_frames {

inline constexpr std::size_t kHeaderSize = 80;
inline constexpr std::size_t kFrameOverhead = 40;    ///< length, complement, digest
inline constexpr std::size_t kMaxFile = 64U << 20U;  ///< bytes
inline constexpr std::size_t kReserve = 64U << 10U;  ///< of these, kept for gap records

/// A place in the chain: the record with this sequence and digest; 0 and zeros before the first.
struct Position {
    std::uint64_t sequence = 0;
    Digest digest;
    bool operator==(const Position&) const = default;
};

struct Frame {
    std::size_t offset = 0;  ///< of the frame in the file
    ByteView record;         ///< borrowed from the file's bytes
    Digest digest;
};

struct Scan {
    Position base;
    Position head;
    std::vector<Frame> frames;
    std::size_t good_size = 0;  ///< bytes up to the end of the last good frame
    std::size_t torn = 0;       ///< bytes after that: a write that was cut off
};

Bytes encode_header(const Position& base);
Bytes encode_frame(ByteView record);

/// Walks the whole file. `malformed` with offset for corruption; a torn last frame is no error.
Result<Scan> scan(ByteView file);

}  // namespace assay::agent::journal_frames

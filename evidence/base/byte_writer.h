#pragma once

#include <cstdint>

#include "evidence/base/bytes.h"

namespace assay {

/// Appends integers in a stated byte order: the twin of ByteReader, for builders and encoders.
class ByteWriter {
  public:
    ByteWriter& u8(std::uint8_t value) { return integer(value, 1, true); }
    ByteWriter& u16le(std::uint16_t value) { return integer(value, 2, false); }
    ByteWriter& u32le(std::uint32_t value) { return integer(value, 4, false); }
    ByteWriter& u64le(std::uint64_t value) { return integer(value, 8, false); }
    ByteWriter& u16be(std::uint16_t value) { return integer(value, 2, true); }
    ByteWriter& u32be(std::uint32_t value) { return integer(value, 4, true); }
    ByteWriter& u64be(std::uint64_t value) { return integer(value, 8, true); }
    ByteWriter& bytes(ByteView view) {
        out_.insert(out_.end(), view.begin(), view.end());
        return *this;
    }
    ByteWriter& text(std::string_view view) { return bytes(as_view(view)); }
    /// A TPM2B: 16-bit big-endian size, then the bytes (at most 65,535).
    ByteWriter& tpm2b(ByteView view) { return u16be(static_cast<std::uint16_t>(view.size())).bytes(view); }

    [[nodiscard]] const Bytes& view() const { return out_; }
    [[nodiscard]] Bytes take() { return std::move(out_); }

  private:
    ByteWriter& integer(std::uint64_t value, unsigned width, bool big_endian) {
        for (unsigned i = 0; i < width; ++i) {
            const unsigned shift = 8U * (big_endian ? width - 1U - i : i);
            out_.push_back(static_cast<std::byte>(value >> shift));
        }
        return *this;
    }
    Bytes out_;
};

}  // namespace assay

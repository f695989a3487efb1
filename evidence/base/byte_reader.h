#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay {

/// Reads hostile bytes forward, once. The first error sticks, with its offset; after it every read gives
/// zeros and empty views, so a parser may read a whole structure and ask once. Sizes and counts that the
/// bytes claim are checked against what is left *and* against a limit before anything is allocated. Enter
/// through `parse_exact`.
///
/// The reader borrows the bytes; so do the views it returns.
class ByteReader {
  public:
    explicit ByteReader(ByteView bytes, std::size_t base_offset = 0) : bytes_(bytes), base_(base_offset) {}

    std::uint8_t u8(std::string_view what) {
        const auto byte = bytes(1, what);
        return byte.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(byte.front());
    }
    std::uint16_t u16le(std::string_view what) { return static_cast<std::uint16_t>(integer(2, false, what)); }
    std::uint32_t u32le(std::string_view what) { return static_cast<std::uint32_t>(integer(4, false, what)); }
    std::uint64_t u64le(std::string_view what) { return integer(8, false, what); }
    std::uint16_t u16be(std::string_view what) { return static_cast<std::uint16_t>(integer(2, true, what)); }
    std::uint32_t u32be(std::string_view what) { return static_cast<std::uint32_t>(integer(4, true, what)); }
    std::uint64_t u64be(std::string_view what) { return integer(8, true, what); }

    /// The next `size` bytes.
    ByteView bytes(std::size_t size, std::string_view what) {
        if (error_ || size > bytes_.size() - position_) [[unlikely]]
            return too_short(size, what);
        const auto view = bytes_.subspan(position_, size);
        position_ += size;
        return view;
    }
    /// The next `size` bytes, refused with `limit` if `size` is above `limit`.
    ByteView bytes(std::size_t size, std::size_t limit, std::string_view what);
    /// A TPM2B: a big-endian 16-bit size, then that many bytes, at most `limit`. (TPM 2.0 Part 2, 10.4)
    ByteView tpm2b(std::size_t limit, std::string_view what);
    /// Everything that is left.
    ByteView rest();

    /// Accepts a claimed element count: at most `limit`, and `count * least_size` must still be there.
    bool check_count(std::size_t count, std::size_t least_size, std::size_t limit, std::string_view what);

    /// Sets the sticky error at the current offset, unless one is set already.
    void fail_here(ErrorCode code, std::string_view what);
    void fail_at(std::size_t offset, ErrorCode code, std::string_view what);

    [[nodiscard]] bool ok() const { return !error_; }
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] std::size_t offset() const {
        return base_ + position_;
    }  ///< from the start of the outermost input
    [[nodiscard]] std::size_t remaining() const { return error_ ? 0 : bytes_.size() - position_; }
    [[nodiscard]] bool empty() const { return remaining() == 0; }

  private:
    ByteView too_short(std::size_t size, std::string_view what);
    std::uint64_t integer(std::size_t width, bool big_endian, std::string_view what);

    ByteView bytes_;
    std::size_t position_ = 0;
    std::size_t base_ = 0;
    std::optional<Error> error_;
};

namespace detail {
template <typename T>
struct Unwrapped {
    using type = T;
};
template <typename T>
struct Unwrapped<Result<T>> {
    using type = T;
};
}  // namespace detail

/// The only way in: runs `parse(reader)` over all of `bytes` and refuses what is left over.
/// `parse` returns T or Result<T>; the reader's own sticky error comes before whatever it returned.
template <typename Parse, typename Returned = std::invoke_result_t<Parse, ByteReader&>>
auto parse_exact(ByteView bytes, std::string_view what, Parse&& parse)
    -> Result<typename detail::Unwrapped<Returned>::type> {
    ByteReader reader(bytes);
    Result<typename detail::Unwrapped<Returned>::type> value = std::forward<Parse>(parse)(reader);
    if (const auto& error = reader.error()) value = std::unexpected(*error);
    if (value && !reader.empty()) {
        value = fail(ErrorCode::malformed, std::to_string(reader.remaining()) + " bytes left over",
                     reader.offset());
    }
    return with_context(std::move(value), what);
}

}  // namespace assay

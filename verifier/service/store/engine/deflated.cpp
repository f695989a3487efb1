#include "verifier/service/store/engine/deflated.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include <fmt/core.h>
#include <zlib.h>

namespace assay::store {
namespace {

constexpr int kLeastWindow = 9;
constexpr int kMostWindow = 15;
constexpr std::size_t kLookAhead = 512;  // deflate sees less than the window by this
// Hash table and literals for what an attestation has beside its sections: larger ones are zeroed for
// nothing.
constexpr int kMemory = 6;

Bytef* as_bytef(ByteView bytes) {
    // zlib reads through a pointer that is not const. NOLINTNEXTLINE(cppcoreguidelines-pro-type-*)
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

/// A stream and its end; the state points back at the stream, so it stays where it is.
template <int (*End)(z_stream*)>
struct Stream {
    z_stream zlib{};
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { End(&zlib); }
};

// The smallest window that sees all: a stream's memory is a multiple of it.
int window_for(std::size_t size) {
    int bits = kLeastWindow;
    while (bits < kMostWindow && (std::size_t{1} << static_cast<unsigned>(bits)) < size + kLookAhead) ++bits;
    return bits;
}

uInt length(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

}  // namespace

Bytes deflated(ByteView bytes, ByteView dictionary) {
    Stream<deflateEnd> stream;
    auto& zlib = stream.zlib;
    if (deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, -window_for(dictionary.size() + bytes.size()),
                     kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    if (!dictionary.empty()) deflateSetDictionary(&zlib, as_bytef(dictionary), length(dictionary.size()));
    Bytes out(deflateBound(&zlib, static_cast<uLong>(bytes.size())));
    zlib.next_in = as_bytef(bytes);
    zlib.avail_in = length(bytes.size());
    zlib.next_out = as_bytef(out);
    zlib.avail_out = length(out.size());
    if (deflate(&zlib, Z_FINISH) != Z_STREAM_END) throw std::bad_alloc();
    out.resize(out.size() - zlib.avail_out);
    return out;
}

Result<Bytes> inflated(ByteView stream_bytes, std::size_t most, ByteView dictionary) {
    constexpr std::size_t kStep = 4U << 10U;
    Stream<inflateEnd> stream;
    auto& zlib = stream.zlib;
    if (inflateInit2(&zlib, -kMostWindow) != Z_OK) throw std::bad_alloc();
    if (!dictionary.empty() &&
        inflateSetDictionary(&zlib, as_bytef(dictionary), length(dictionary.size())) != Z_OK)
        return fail(ErrorCode::internal, "database: a dictionary that does not fit");
    zlib.next_in = as_bytef(stream_bytes);
    zlib.avail_in = length(stream_bytes.size());
    Bytes out;
    std::array<std::byte, kStep> step{};
    for (int status = Z_OK; status != Z_STREAM_END;) {
        zlib.next_out = as_bytef(step);
        zlib.avail_out = length(step.size());
        status = inflate(&zlib, Z_NO_FLUSH);
        const auto made = step.size() - zlib.avail_out;
        if (out.size() + made > most)
            return fail(ErrorCode::limit, fmt::format("database: more than {} bytes in a stream", most));
        out.insert(out.end(), step.begin(), step.begin() + static_cast<std::ptrdiff_t>(made));
        if (status != Z_OK && status != Z_STREAM_END)
            return fail(ErrorCode::internal, "database: a stream that cannot be read");
    }
    if (zlib.avail_in != 0) return fail(ErrorCode::internal, "database: bytes behind the end of a stream");
    return out;
}

}  // namespace assay::store

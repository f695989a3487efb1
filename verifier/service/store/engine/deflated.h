#pragma once

#include <cstddef>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// Raw DEFLATE (RFC 1951) against a dictionary: what a document shares with one that the reader has costs
/// next to nothing. Of a dictionary the last 32 KiB serve.
namespace assay::store {

/// Throws std::bad_alloc alone.
Bytes deflated(ByteView bytes, ByteView dictionary = {});
/// With the dictionary that it was made with. `limit`, before anything larger is allocated, for more than
/// `most` bytes; `internal` where it is no such stream.
Result<Bytes> inflated(ByteView stream, std::size_t most, ByteView dictionary = {});

}  // namespace assay::store

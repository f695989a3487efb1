#pragma once

#include "verifier/judge/rim/rim.h"

namespace assay::rim {

/// A list of digests that somebody made; it says nothing of who. Two forms, by the first line that is neither
/// blank nor a comment ('#'):
///
///     9f86d081...0a08  boot/vmlinuz            as sha256sum, sha384sum and sha512sum write it, or with --tag
///     algorithm,digest,name,pcr               CSV with this first row; pcr may be absent or empty
///
/// With a PCR a digest is one event's in that PCR, without one it is a file's. `unsupported` for SHA-1 and
/// MD5, `malformed` with the line for what is neither form. A line is a value: a name may stand in several,
/// as different versions of it.
Result<Rim> read_digest_list(ByteView bytes, std::string_view name);

}  // namespace assay::rim

#pragma once

#include <span>

#include "verifier/judge/rim/rim.h"

namespace assay::rim {

/// By its first bytes: XML is a PC Client RIM, CBOR with the tag or the array of a CoRIM is one, and the rest
/// is a list of digests.
RimFormat format_of(ByteView bytes);

/// Reads a manifest of whichever format. Of `support` only a PC Client RIM makes use: any of them that it
/// does not name is refused (pc_client_rim.h). Errors begin with the file's name.
Result<Rim> read_rim(const NamedFile& file, std::span<const NamedFile> support, const RimTrust& trust);

struct TagIdentity {
    std::string tag_id;
    std::uint64_t tag_version = 0;
};
/// Which manifest it is. Its signature and validity are not asked about: it was judged when it was imported,
/// and may have expired since. `unsupported` for a list of digests.
Result<TagIdentity> identity_of(const NamedFile& file);

}  // namespace assay::rim

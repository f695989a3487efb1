#pragma once

#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/codec/json_writer.h"

namespace assay::cli {

/// TPMS_ATTEST of quote type, field by field. Nothing is verified: there is no key here.
Result<Json> inspect_quote(ByteView attest);

/// Evidence (as it is sent) or a saved bundle (which has everything for an appraisal). Says of every section
/// whether its bytes are there and whether their digest is the manifest's, and whether the quote's extraData
/// is the binding of nonce and manifest.
Result<Json> inspect_evidence(ByteView bytes);

/// One section of such a file, its name, length, digest and whether they are the manifest's.
struct FoundSection {
    Json about;
    Bytes bytes;
};
/// `not_found` where the manifest does not name it, with the names that it has, and where it names it and the
/// bytes are not included.
Result<FoundSection> find_section(ByteView file, std::string_view name);

}  // namespace assay::cli

#pragma once

#include <string>
#include <vector>

#include "verifier/judge/rim/cbor_item.h"
#include "verifier/judge/rim/rim.h"

/// Inside verifier/judge/rim: concise module identifiers, the tags of a CoRIM (draft-ietf-rats-corim, 5).
namespace assay::rim {

/// What one CoMID adds to a manifest: values to `rim.values`, what is not used to `rim.not_used`, and vendor,
/// model, version and tag version where the manifest has none yet (tag version: the highest).
Result<> read_comid(const cbor::Item& comid, Rim& rim);

/// A text, a UUID, an object identifier, a number or other bytes as text; printable.
std::string identifier_text(const cbor::Item& item);

}  // namespace assay::rim

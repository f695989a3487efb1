#pragma once

#include <optional>
#include <string>

#include "verifier/judge/rim/cbor_item.h"

namespace assay::rim {

/// What a document of CoRIM's family is that is no CoRIM, and what to give instead: a CoMID or CoSWID on its
/// own (draft-ietf-rats-corim, 5; RFC 9393), a list of tags (CoTL), concise evidence (TCG DICE), a CoSERV
/// query, result or discovery document (draft-ietf-rats-coserv), a CoRIM without its tag. By its tag, else by
/// the keys that make one. Nothing in it is verified. Absent: none of these.
std::optional<std::string> corim_kin(const cbor::Item& document);

/// The same of a whole file. CBOR that is none of these is told as that; absent: no CBOR that begins with a
/// map or a tag, or a CoRIM.
std::optional<std::string> corim_kin_of_file(ByteView bytes);

}  // namespace assay::rim

#pragma once

#include <span>

#include "verifier/judge/rim/rim.h"

namespace assay::rim {

/// A PC Client RIM: the tag (swid_tag.h), its signature (xml_signature.h), and its support RIMs among the
/// files of `support`, each found by its digests, whatever its name is. A support RIM is a boot event log;
/// every event that extends a PCR becomes a value. `refused`: a file of `support` that the tag does not name,
/// or that has not the size of the tag, or whose digests are others than the tag's. A tag of another binding
/// specification than the PC Client's has no support RIMs: its files and measurements are the values.
Result<Rim> read_pc_client_rim(ByteView tag, std::span<const NamedFile> support, const RimTrust& trust);

/// The content has size and digests of that support RIM.
bool is_support_rim(const SupportRim& wanted, ByteView content);

/// The events of a boot event log as values, with all digests but SHA-1. `unsupported` for a log with SHA-1
/// alone. `name` is the log's, for places and errors.
Result<std::vector<RimValue>> values_of_event_log(ByteView log, std::string_view name);

}  // namespace assay::rim

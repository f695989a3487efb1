#pragma once

#include <functional>
#include <string_view>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/codec/json_writer.h"

namespace assay::tcg {

/// A boot event log as JSON for people and scripts: format, Spec ID, quirks, replay problems,
/// `pcrs.<bank>.<index>` in hex after replay (PCRs that events extended), every event with index, offset,
/// pcr, type name, digests, data coverage and rule, a short printable description, and the payload in full
/// (`unverified_payload`, event_payload_json.h). Nothing in it is
/// verified against a TPM, and it says so. Errors: those of parse_event_log.
Result<Json> inspect_event_log(ByteView log);

/// The same as text, indented by two, with a line feed at the end: event by event, since a tree of all of
/// them costs more than the rest. Nothing is written where there is an error.
Result<void> write_event_log(ByteView log, const std::function<void(std::string_view)>& out);

}  // namespace assay::tcg

#pragma once

#include "evidence/codec/json_writer.h"
#include "evidence/eventlog/event_payload.h"

namespace assay::tcg {

/// The payload for scripts: `form` (payload_form) and the fields of that form; text is printable, bytes are
/// hex, GUIDs are text. At most 1024 signatures, partitions or records of one event are listed; `more` then
/// says how many are not. Nothing in it is verified.
Json payload_json(const EventPayload& payload);

}  // namespace assay::tcg

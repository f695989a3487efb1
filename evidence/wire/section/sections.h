#pragma once

#include <vector>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "evidence/wire/section/device_sections.h"
#include "evidence/wire/section/firmware_sections.h"
#include "evidence/wire/section/system_sections.h"

/// The payloads of those sections that are not one raw firmware table: each a type, and beside it its shape
/// in CBOR. The agent writes down what the machine says and judges nothing: ids and tables stay raw, parsing
/// is the verifier's. Text is UTF-8 here; bytes of a device's string that are not are given as \xNN by the
/// collector. Each has encode_* (deterministic CBOR) and decode_* (bounded; unknown keys refused). Byte
/// layout and limits: docs/formats/evidence.md.
namespace assay {

struct ImaPart;         // evidence/wire/section/ima_state.h
struct JournalSection;  // evidence/wire/section/journal.h

#define CBOR_SECTION(id, constant, name, type) \
    Bytes encode_##id##_section(const type&);  \
    Result<type> decode_##id##_section(ByteView);
#include "evidence/wire/section/sections.inc"

}  // namespace assay

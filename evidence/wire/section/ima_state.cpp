#include "evidence/wire/section/ima_state.h"

#include "evidence/wire/section/ima_state_shape.h"
#include "evidence/wire/section/section_codec.h"
#include "evidence/wire/section/section_names.h"

namespace assay {
namespace {

using wire::field;

constexpr auto kPart = wire::record(field("list", &ImaPart::list, wire::Blob{0, limits::kSection}),
                                    field("state", &ImaPart::state, wire::DigestOf{}),
                                    field("offset", &ImaPart::offset, wire::Unsigned{}),
                                    field("entries", &ImaPart::entries, wire::Unsigned{}));

}  // namespace

Bytes encode_ima_state(const ImaState& state) {
    return wire::encode_document(wire::kImaState, state);
}
Result<ImaState> decode_ima_state(ByteView bytes) {
    return wire::decode_document<ImaState>(wire::kImaState, bytes, "IMA state", limits::kStateDocument);
}

ImaStart start_of(const ImaState& state) {
    return {state.boot_id, state.entries, state.offset, sha256(encode_ima_state(state))};
}

Bytes encode_ima_part_section(const ImaPart& part) {
    return wire::encode_document(kPart, part);
}
Result<ImaPart> decode_ima_part_section(ByteView bytes) {
    return wire::decode_section<ImaPart>(kPart, bytes, section::kImaLogPart);
}

}  // namespace assay

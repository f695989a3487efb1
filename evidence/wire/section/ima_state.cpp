#include "evidence/wire/section/ima_state.h"

#include "evidence/wire/section/ima_state_shape.h"

namespace assay {

Bytes encode_ima_state(const ImaState& state) {
    return wire::encode_document(wire::kImaState, state);
}
Result<ImaState> decode_ima_state(ByteView bytes) {
    return wire::decode_document<ImaState>(wire::kImaState, bytes, "IMA state", limits::kStateDocument);
}

ImaStart start_of(const ImaState& state) {
    return {state.boot_id, state.entries, state.offset, sha256(encode_ima_state(state))};
}

}  // namespace assay

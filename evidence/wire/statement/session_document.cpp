#include "evidence/wire/statement/session_document.h"

#include "evidence/codec/cbor.h"

namespace assay {
namespace {

constexpr std::size_t kText = 8192;
constexpr std::size_t kKey = 512;
constexpr std::size_t kSignature = 256;

}  // namespace

Bytes encode_session_document(const SessionDocument& document) {
    return cbor::map({{"text", cbor::text(document.text)},
                      {"signature", cbor::bytes(document.signature)},
                      {"public_key", cbor::bytes(document.public_key)}});
}

Result<SessionDocument> decode_session_document(ByteView bytes) {
    return cbor::parse_document(bytes, "session document", [](cbor::Reader& in) -> Result<SessionDocument> {
        SessionDocument out;
        std::size_t keys = 0;
        in.map("session document", [&](std::string_view key) {
            ++keys;
            if (key == "text") {
                out.text = in.text(key, kText);
            } else if (key == "signature") {
                out.signature = to_bytes(in.bytes(key, kSignature));
            } else if (key == "public_key") {
                out.public_key = to_bytes(in.bytes(key, kKey));
            } else {
                in.unknown(key);
            }
        });
        if (in.ok() && keys != 3)
            return fail(ErrorCode::malformed, "session document: expected text, signature and public_key");
        return out;
    });
}

}  // namespace assay

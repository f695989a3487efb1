#include "evidence/tpm/key/key_digest.h"

#include "evidence/base/byte_writer.h"
#include "evidence/base/digest.h"
#include "evidence/tpm/key/credential.h"

namespace assay::tcg {
namespace {

void padded(ByteWriter& out, const Bytes& number, std::size_t size) {
    for (std::size_t i = number.size(); i < size; ++i) out.u8(0);
    out.bytes(number);
}

}  // namespace

std::string key_digest(const TpmPublic& key) {
    ByteWriter out;
    if (const auto* rsa = std::get_if<RsaPublic>(&key.key)) {
        out.text("rsa").u8(0).u32be(rsa->exponent).bytes(rsa->modulus);
    } else {
        const auto& ecc = std::get<EccPublic>(key.key);
        const auto size = coordinate_size(ecc.curve);
        out.text("ecc").u8(0).u16be(static_cast<std::uint16_t>(ecc.curve));
        padded(out, ecc.x, size);
        padded(out, ecc.y, size);
    }
    return sha256(out.view()).hex();
}

}  // namespace assay::tcg

#include "evidence/tpm/nv.h"

#include <string>

#include "evidence/base/limits.h"
#include "evidence/tpm/attest_common.h"

namespace assay::tcg {
namespace {

constexpr std::size_t kMaxNvBuffer = 2048;  // what a TPM2B_MAX_NV_BUFFER holds (Part 2, 10.4.9)

NvCertification read_nv(ByteReader& in) {
    NvCertification out;
    expect_attest(in, kAttestNv, "a certification of an NV index");
    read_attest_common(in, out);
    out.index_name = to_bytes(in.tpm2b(kTpm2bName, "indexName"));
    out.offset = in.u16be("offset");
    out.contents = to_bytes(in.tpm2b(kMaxNvBuffer, "nvContents"));
    return out;
}

}  // namespace

Bytes nv_name(const NvPublic& area) {
    const auto algorithm = static_cast<std::uint16_t>(area.name_algorithm);
    ByteWriter out;
    out.u32be(area.index).u16be(algorithm).u32be(area.attributes).u16be(0).u16be(area.size);
    Hasher hasher(area.name_algorithm);
    hasher.update(out.view());
    return ByteWriter().u16be(algorithm).bytes(hasher.finish().view()).take();
}

Result<NvCertification> parse_nv_certification(ByteView attest) {
    if (attest.size() > limits::kQuote)
        return fail(ErrorCode::limit, "TPMS_ATTEST of " + std::to_string(attest.size()) + " bytes");
    return parse_exact(attest, "TPMS_ATTEST", read_nv);
}

Bytes encode_nv_certification(const NvCertification& certification, std::uint32_t magic, std::uint16_t type) {
    ByteWriter out;
    write_attest_common(out, magic, type, certification);
    out.tpm2b(certification.index_name).u16be(certification.offset).tpm2b(certification.contents);
    return out.take();
}

}  // namespace assay::tcg

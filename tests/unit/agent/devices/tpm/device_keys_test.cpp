// IAK and IDevID of a real TPM (in software), with certificates of a CA made for the test.
#include "agent/devices/tpm/device_keys.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "agent/devices/tpm/marshalled.h"
#include "agent/devices/tpm/tpm.h"
#include "evidence/base/limits.h"
#include "evidence/tpm/key/credential.h"
#include "tests/support/certificates/iak_builder.h"
#include "tests/support/machine/skip.h"
#include "tests/support/tpm/swtpm.h"
#include "tests/unit/agent/devices/tpm/opened_tpm.h"

using namespace assay;
using namespace assay::agent;
using test::opened;
using test::value;
using Role = tcg::TpmKeyRole;

namespace {

Bytes area_of(const TPMT_PUBLIC& area) {
    return value(marshalled(area, ::Tss2_MU_TPMT_PUBLIC_Marshal, limits::kPublicArea));
}

/// The maker of the device: it makes keys by their templates and puts certificates into NV.
class Maker {
  public:
    explicit Maker(const test::Swtpm& swtpm)
        : tpm_(value(EsysConnection::open(value(open_tcti(swtpm.tcti()))))) {}

    EsysConnection::Key make(Role role, std::string_view name) {
        const auto templates = device_key_templates();
        const auto found = std::ranges::find_if(
            templates, [&](const auto& each) { return each.role == role && each.name == name; });
        return value(tpm_.create_endorsement_primary(found->area, "device key"));
    }
    /// Root, intermediate and the key's own certificate.
    test::EkPathBuilder::Made certify(const TPMT_PUBLIC& area) {
        const auto key = value(tcg::openssl_key(value(tcg::parse_tpm_public(area_of(area)))));
        return test::iak_path(key.get()).make();
    }
    void write(TPM2_HANDLE index, ByteView content) {
        TPM2B_NV_PUBLIC area{};
        area.nvPublic.nvIndex = index;
        area.nvPublic.nameAlg = TPM2_ALG_SHA256;
        area.nvPublic.attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD | TPMA_NV_AUTHREAD | TPMA_NV_NO_DA;
        area.nvPublic.dataSize = static_cast<UINT16>(content.size());
        const TPM2B_AUTH none{};
        ESYS_TR handle = ESYS_TR_NONE;
        REQUIRE(::Esys_NV_DefineSpace(tpm_.esys(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                      ESYS_TR_NONE, &none, &area, &handle) == TSS2_RC_SUCCESS);
        constexpr std::size_t kChunk = 512;
        for (std::size_t at = 0; at < content.size(); at += kChunk) {
            TPM2B_MAX_NV_BUFFER part{};
            const auto bytes = content.subspan(at, std::min(kChunk, content.size() - at));
            part.size = static_cast<UINT16>(bytes.size());
            std::ranges::copy(std::span(as_uchar(bytes), bytes.size()), std::begin(part.buffer));
            REQUIRE(::Esys_NV_Write(tpm_.esys(), ESYS_TR_RH_OWNER, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                    ESYS_TR_NONE, &part, static_cast<UINT16>(at)) == TSS2_RC_SUCCESS);
        }
        ::Esys_TR_Close(tpm_.esys(), &handle);
    }
    EsysConnection& tpm() { return tpm_; }

  private:
    EsysConnection tpm_;
};

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// Why the certification by `key` does not hold; empty if it does.
std::vector<tcg::EkReason> judged(Tpm& tpm, const DeviceKey& key, ByteView challenge) {
    const auto data = tcg::certify_qualifying_data(key.role, challenge);
    const auto made = value(tpm.certify(key.role, data.view()));
    const auto certificate = value(tcg::Certificate::parse(key.certificates.front()));
    const auto ak = value(tpm.identity()).ak_public;
    return tcg::judge_certification({.role = key.role,
                                     .certificate = certificate,
                                     .signer_public = key.public_area,
                                     .ak_public = ak,
                                     .challenge = challenge,
                                     .attest = made.quote,
                                     .signature = made.signature});
}

}  // namespace

TEST_CASE("A TPM without device certificates has no device keys, and nothing is amiss") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const auto tpm = opened(*swtpm);
    CHECK(value(tpm->device_keys()) == DeviceKeys{});
    CHECK(tpm->certify(Role::iak, {}).error().code == ErrorCode::not_found);
}

TEST_CASE("IAK and IDevID of each template are found by their certificates, and certify the AK") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    const std::string name = GENERATE("H-1", "H-2", "H-3");
    {
        Maker maker(*swtpm);
        const auto iak = maker.make(Role::iak, name);
        const auto made = maker.certify(iak.area);
        maker.write(0x01c9'0001, made.leaf.der() + made.intermediate.der());
        maker.write(0x01c9'0000, maker.certify(maker.make(Role::idevid, name).area).leaf.der());
    }
    const auto tpm = opened(*swtpm);
    const auto found = value(tpm->device_keys());
    CHECK(found.trouble.empty());
    REQUIRE(found.keys.size() == 2);
    for (const auto& key : found.keys) {
        INFO(to_string(key.role));
        CHECK(key.certificates.size() == 2);  // its own, and the CA's that is there
        const Bytes challenge = to_bytes("a secret");
        CHECK(judged(*tpm, key, challenge).empty());
        CHECK(judged(*tpm, key, challenge).empty());  // again: nothing stayed in the TPM
        const auto area = value(tcg::parse_tpm_public(key.public_area));
        CHECK(tcg::restricted_signing_key_violations(area).empty() == (key.role == Role::iak));
    }
    CHECK(found.keys.front().role != found.keys.back().role);
}

TEST_CASE("An IAK at a persistent handle is taken from there, whatever its template") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    {
        Maker maker(*swtpm);
        auto area = device_key_templates()[1].area;
        area.unique.ecc.x.buffer[0] = 'X';  // the maker's own idea
        const auto key = value(maker.tpm().create_endorsement_primary(area, "own IAK"));
        const auto kept = value(maker.tpm().persist(key.handle, 0x8102'0001));
        maker.write(0x01c9'0010, maker.certify(key.area).leaf.der());
    }
    const auto tpm = opened(*swtpm);
    const auto identity = value(tpm->identity());
    const auto found = value(tpm->device_keys());
    // The handles of EK and AK, which are persistent too, were left alone.
    const auto credential =
        value(tcg::make_credential(value(tcg::parse_tpm_public(identity.ek_public)),
                                   value(tcg::compute_name(identity.ak_public)), Bytes(32, std::byte{7})));
    CHECK(value(tpm->activate(credential.id_object, credential.encrypted_secret)) == Bytes(32, std::byte{7}));
    CHECK(found.trouble.empty());
    REQUIRE(found.keys.size() == 1);
    CHECK(found.keys.front().role == Role::iak);
    CHECK(judged(*tpm, found.keys.front(), as_view("a secret")).empty());
}

TEST_CASE("A certificate of another TPM's key, or one that cannot be read, is told and not used") {
    const auto swtpm = test::Swtpm::start();
    if (!swtpm) ASSAY_SKIP("swtpm is not installed");
    {
        Maker maker(*swtpm);
        const auto other = test::fresh_key(test::Key::p256);
        maker.write(0x01c9'0000, test::iak_path(other.get()).make().leaf.der());
        Bytes broken = test::iak_path(other.get()).make().leaf.der();
        broken[8] ^= std::byte{0xff};
        maker.write(0x01c9'0001, broken);
    }
    const auto tpm = opened(*swtpm);
    const auto found = value(tpm->device_keys());
    CHECK(found.keys.empty());
    CHECK_THAT(found.trouble, Catch::Contains("does not have"));
    CHECK_THAT(found.trouble, Catch::Contains("in NV: certificate"));
}

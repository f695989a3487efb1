#include "agent/enrol/ek_certificate_file.h"

#include <fstream>

#include <catch2/catch.hpp>
#include <openssl/pem.h>

#include "agent/settings.h"
#include "tests/support/certificates/ek_path_builder.h"
#include "tests/support/machine/temp_folder.h"

using namespace assay;
using namespace assay::agent;
using namespace assay::test;

namespace {

/// A path, and a file with what a test writes into it.
struct Stored {
    TempFolder folder;
    EkPathBuilder path;
    EkPathBuilder::Made made = path.make();
    Bytes ek = encode_tpm_public(ek_public(path.leaf_key));

    [[nodiscard]] Result<std::vector<Bytes>> read(std::string_view content) const {
        const auto file = folder.path() / "ek.pem";
        std::ofstream(file, std::ios::binary) << content;
        return read_ek_certificates(file, ek);
    }
};

}  // namespace

TEST_CASE("an EK's certificates come from a PEM file in its order, or one from a DER file") {
    const Stored stored;
    const auto both = stored.read(pem(stored.made.leaf) + pem(stored.made.intermediate));
    REQUIRE(both);
    CHECK(*both == std::vector<Bytes>{stored.made.leaf.der(), stored.made.intermediate.der()});
    CHECK(stored.read(as_text(stored.made.leaf.der())).value() == std::vector<Bytes>{stored.made.leaf.der()});
}

TEST_CASE("a file that is not about this TPM's EK, or holds no certificate, is refused by name") {
    Stored stored;
    CHECK(stored.read("hello").error().code == ErrorCode::usage);
    CHECK(stored.read("").error().code == ErrorCode::usage);
    std::string many;
    for (int i = 0; i < 9; ++i) many += pem(stored.made.leaf);
    CHECK_THAT(stored.read(many).error().context, Catch::Contains("at most 8"));
    stored.ek = encode_tpm_public(ek_public(shared_key(Key::p256)));
    const auto other = stored.read(pem(stored.made.leaf));
    CHECK(other.error().code == ErrorCode::usage);
    CHECK_THAT(other.error().context, Catch::Contains("ek.pem") && Catch::Contains("RSA-2048"));
    CHECK_FALSE(read_ek_certificates(stored.folder.path() / "absent.pem", stored.ek));
}

TEST_CASE("the setting ek_certificate is a path beside its file") {
    CHECK(parse_settings("ek_certificate='ek.pem'\n", "/etc/assay/agent.toml")->ek_certificate ==
          "/etc/assay/ek.pem");
    CHECK(parse_settings("", "/etc/assay/agent.toml")->ek_certificate.empty());
}

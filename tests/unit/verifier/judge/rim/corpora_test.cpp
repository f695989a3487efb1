// What the fuzz targets of manifests start from is what our own builders make. None is signed: signatures
// differ each time.
#include <catch2/catch.hpp>

#include "tests/support/builders/corim_builder.h"
#include "tests/support/builders/rim_builder.h"
#include "tests/support/machine/baseline.h"

using namespace assay;
using namespace assay::test;

TEST_CASE("the fuzz corpora of manifests are what the builders make") {
    const auto check = [](const std::string& path, const Bytes& bytes) {
        INFO(path << ": ASSAY_REBASELINE=1 writes it anew");
        CHECK(baseline::file("tests/fuzz/judge/" + path, bytes) == bytes);
    };
    SwidBuilder swid;
    check("fuzz_swid_tag_corpus/unsigned", to_bytes(swid.unsigned_xml()));
    swid.certificates = {to_bytes("no certificate")};
    check("fuzz_swid_tag_corpus/signature", to_bytes(swid.unsigned_xml(swid.signature_template())));
    swid.binding_spec = "RIMIM";
    swid.payload_extra =
        "<Resource xmlns:h=\"http://www.w3.org/2001/04/xmlenc#sha384\" type=\"Measurement\" index=\"3\" "
        "active=\"True\" name=\"M\" h:Hash0=\"" +
        std::string(96, 'a') + "\"/>";
    check("fuzz_swid_tag_corpus/measurement", to_bytes(swid.unsigned_xml()));
    CorimBuilder corim;
    check("fuzz_corim_corpus/unsigned", corim.unsigned_corim());
    check("fuzz_corim_corpus/map", corim.corim_map());
    corim.certificates = {to_bytes("no certificate")};
    check("fuzz_corim_corpus/signed", corim.sealed(Bytes(64)));
}

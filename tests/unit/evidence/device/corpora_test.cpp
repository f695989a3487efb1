// What the fuzz targets of the device parsers start from is what our own builders make.
#include <catch2/catch.hpp>

#include "evidence/codec/cbor.h"
#include "tests/support/builders/pci_builder.h"
#include "tests/support/builders/smbios_builder.h"
#include "tests/support/builders/usb_builder.h"
#include "tests/support/machine/baseline.h"

using namespace assay;

TEST_CASE("the fuzz corpora of the device parsers are what the builders make") {
    const auto check = [](const std::string& path, const Bytes& bytes) {
        INFO(path << ": ASSAY_REBASELINE=1 writes it anew");
        CHECK(baseline::file("tests/fuzz/device/" + path, bytes) == bytes);
    };
    check("fuzz_smbios_corpus/dump", build::smbios_dump());
    check("fuzz_smbios_corpus/table", build::smbios_table());
    check("fuzz_smbios_corpus/section",
          cbor::map({{"table", cbor::bytes(build::smbios_table())},
                     {"entry_point", cbor::bytes(build::smbios_entry_point_2(1, 1))}}));
    auto function = build::pci_function();
    function.resize(0x110);
    check("fuzz_pci_corpus/function", function);
    auto bridge = build::pci_bridge();
    bridge.resize(0x100);
    check("fuzz_pci_corpus/bridge", bridge);
    check("fuzz_usb_descriptor_corpus/composite", build::usb_descriptors());
}

#include "tests/attacks/evidence/tampering.h"

// Tables of firmware and devices that end too early.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

ATTACK(
    "parts: USB descriptors cut short beside an approved maker's text",
    "spoils the number that names the maker", "section.malformed", honest_host,
    [](EvidenceBuilder& builder, AppraisalCase& made) {
        auto devices = decode_usb_section(section_of(made, section::kUsb)).value();
        devices.front().descriptors.resize(7);
        resigned(builder, made, section::kUsb, encode_usb_section(devices));
    },
    Tier::none)
ATTACK(
    "parts: USB descriptors that go wrong before an interface", "hides what else the device is",
    "section.partial", honest_host,
    [](EvidenceBuilder& builder, AppraisalCase& made) {
        auto devices = decode_usb_section(section_of(made, section::kUsb)).value();
        devices.front().descriptors.resize(devices.front().descriptors.size() - 3);
        resigned(builder, made, section::kUsb, encode_usb_section(devices));
    },
    Tier::warning)
ATTACK(
    "parts: a firmware table cut inside a structure", "leaves out the parts behind it", "section.partial",
    honest_host,
    [](EvidenceBuilder& builder, AppraisalCase& made) {
        auto tables = decode_smbios_section(section_of(made, section::kSmbios)).value();
        tables.table.resize(tables.table.size() - 9);
        resigned(builder, made, section::kSmbios, encode_smbios_section(tables));
    },
    Tier::warning)

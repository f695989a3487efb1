// Input: the data of NVMe's Identify Controller, or a world-wide id as sysfs has it. Fields are trimmed text
// of at most the size they have there.
#include <cstdint>
#include <cstdlib>

#include "evidence/device/drive.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace assay;

void check_field(const std::string& field, std::size_t most) {
    if (field.size() > most || drive::normalised(field) != field) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::view_of(data, size);
    if (const auto controller = drive::parse_nvme_identify_controller(bytes)) {
        check_field(controller->serial, 20);
        check_field(controller->model, 40);
        check_field(controller->firmware, 8);
        if (controller->oui > 0xff'ffff) std::abort();
    }
    const auto vendor = drive::wwid_vendor(as_text(bytes));
    if (!vendor) {
        if (vendor.error().context.empty()) std::abort();
        return 0;
    }
    using Kind = drive::WwidVendor::Kind;
    if (vendor->id > (vendor->kind == Kind::pci ? 0xffffU : 0xff'ffffU)) std::abort();
    check_field(vendor->t10, 8);
    return 0;
}

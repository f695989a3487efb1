#include "evidence/device/bmc.h"

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"

namespace assay::bmc {

Result<DeviceId> parse_device_id(ByteView bytes) {  // IPMI 2.0, table 20-2, from its byte 2 on
    return parse_exact(bytes, "IPMI device id", [](ByteReader& in) {
        DeviceId id;
        id.device_id = in.u8("device id");
        const auto revision = in.u8("device revision");
        id.provides_sdrs = (revision & 0x80U) != 0;
        id.device_revision = revision & 0x0fU;
        const auto major = in.u8("firmware revision 1");
        id.update_in_progress = (major & 0x80U) != 0;
        id.firmware_major = major & 0x7fU;
        id.firmware_minor = in.u8("firmware revision 2");
        id.ipmi_version = in.u8("IPMI version");
        id.additional_support = in.u8("additional device support");
        const auto at = in.offset();
        const std::uint32_t low = in.u16le("manufacturer id");
        id.manufacturer = low | (static_cast<std::uint32_t>(in.u8("manufacturer id")) << 16U);
        if (in.ok() && id.manufacturer > 0xfffff) {
            in.fail_at(at, ErrorCode::malformed, "manufacturer id above 20 bits");
        }
        id.product = in.u16le("product id");
        if (in.ok() && !in.empty()) id.auxiliary_firmware = in.u32be("auxiliary firmware revision");
        return id;
    });
}

std::string DeviceId::firmware_version() const {
    return fmt::format("{}.{:02x}", firmware_major, firmware_minor);
}

}  // namespace assay::bmc

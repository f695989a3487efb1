#include "evidence/device/drive.h"

#include <charconv>

#include "evidence/base/byte_reader.h"

namespace assay::drive {
namespace {

Result<std::uint32_t> hex_number(std::string_view wwid, std::size_t at, std::size_t digits) {
    std::uint32_t value = 0;
    if (wwid.size() < at + digits) return fail(ErrorCode::malformed, "wwid too short", wwid.size());
    const auto* begin = wwid.data() + at;
    const auto [end, code] = std::from_chars(begin, begin + digits, value, 16);
    if (code != std::errc() || end != begin + digits)
        return fail(ErrorCode::malformed, "wwid with a bad hex digit", at);
    return value;
}

// NAA designators: SPC-5, 7.7.6.6. The company id is 24 bits.
Result<WwidVendor> naa_vendor(std::string_view digits) {
    const char format = digits.empty() ? '\0' : digits.front();
    const bool short_form = format == '2' || format == '5';
    if (short_form ? digits.size() != 16 : format == '6' && digits.size() != 32) {
        return fail(ErrorCode::malformed, "wwid: a NAA designator of a wrong length");
    }
    if (format != '2' && format != '5' && format != '6')
        return fail(ErrorCode::unsupported, "wwid: a NAA format that names no company");
    const auto company = TRY(hex_number(digits, format == '2' ? 4 : 1, 6));
    return WwidVendor{WwidVendor::Kind::oui, company, {}};
}

// EUI-64 designators: SPC-5, 7.7.6.5. Of 16 bytes the first eight are an extension (so is a namespace's
// NGUID, NVM Express Base 2.0, 4.5.1); else the company id comes first.
Result<WwidVendor> eui_vendor(std::string_view digits) {
    if (digits.size() != 16 && digits.size() != 24 && digits.size() != 32) {
        return fail(ErrorCode::malformed, "wwid: an EUI of a wrong length");
    }
    const auto company = TRY(hex_number(digits, digits.size() == 32 ? 16 : 0, 6));
    return WwidVendor{WwidVendor::Kind::oui, company, {}};
}

}  // namespace

std::string normalised(std::string_view field) {
    std::string out;
    bool blank = false;
    for (const char c : field) {
        if (c == ' ' || c == '\0') {
            blank = !out.empty();
            continue;
        }
        if (blank) out.push_back(' ');
        blank = false;
        out.push_back(c);
    }
    return out;
}

Result<WwidVendor> wwid_vendor(std::string_view wwid) {
    const auto dot = wwid.find('.');
    const auto scheme = wwid.substr(0, dot);
    const auto rest = dot == std::string_view::npos ? std::string_view() : wwid.substr(dot + 1);
    if (scheme == "nvme" && rest.size() > 4 && rest[4] == '-') {
        const auto vendor = TRY(hex_number(rest, 0, 4));
        return WwidVendor{WwidVendor::Kind::pci, vendor, {}};
    }
    if (scheme == "naa") return naa_vendor(rest);
    if (scheme == "eui") return eui_vendor(rest);
    if (scheme == "t10" && !rest.empty()) {
        constexpr std::size_t kVendorIdentification = 8;  // SPC-5, 7.7.6.4
        return WwidVendor{WwidVendor::Kind::t10, 0, normalised(rest.substr(0, kVendorIdentification))};
    }
    if (scheme == "uuid") return fail(ErrorCode::unsupported, "wwid: a UUID names no company");
    return fail(ErrorCode::malformed, "wwid: none of nvme., naa., eui., t10.");
}

Result<NvmeController> parse_nvme_identify_controller(ByteView bytes) {
    constexpr std::size_t kSize = 4096;
    if (bytes.size() != kSize)
        return fail(ErrorCode::malformed, "NVMe Identify Controller: expected 4,096 bytes");
    return parse_exact(bytes, "NVMe Identify Controller", [](ByteReader& in) {
        NvmeController controller;
        controller.pci_vendor = in.u16le("VID");
        controller.pci_subsystem_vendor = in.u16le("SSVID");
        controller.serial = normalised(as_text(in.bytes(20, "SN")));
        controller.model = normalised(as_text(in.bytes(40, "MN")));
        controller.firmware = normalised(as_text(in.bytes(8, "FR")));
        in.u8("RAB");
        const std::uint32_t low = in.u8("IEEE");
        const std::uint32_t middle = in.u8("IEEE");
        const std::uint32_t high = in.u8("IEEE");
        controller.oui = (high << 16U) | (middle << 8U) | low;
        in.rest();
        return controller;
    });
}

}  // namespace assay::drive

#include "evidence/eventlog/payload/efi_structures.h"

#include <array>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/eventlog/payload/device_path.h"

namespace assay::tcg {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xc0U | code >> 6U);
    } else {
        if (code < 0x10000) {
            put(0xe0U | code >> 12U);
        } else {
            put(0xf0U | code >> 18U);
            put(0x80U | (code >> 12U & 0x3fU));
        }
        put(0x80U | (code >> 6U & 0x3fU));
    }
    put(0x80U | (code & 0x3fU));
}

std::uint32_t unit_at(ByteView utf16, std::size_t index) {
    return std::to_integer<std::uint32_t>(utf16[2 * index]) |
           std::to_integer<std::uint32_t>(utf16[2 * index + 1]) << 8U;
}

// UEFI_VARIABLE_DATA (PFP 1.06, 10.2.6)
EfiVariable read_variable(ByteReader& in) {
    EfiVariable variable;
    variable.guid = in.bytes(16, "VariableName");
    const auto characters = in.u64le("UnicodeNameLength");
    const auto size = in.u64le("VariableDataLength");
    if (characters > limits::kText) {
        in.fail_at(16, ErrorCode::limit, fmt::format("UnicodeNameLength: {} claimed", characters));
        return variable;
    }
    variable.name = utf8_from_utf16le(in.bytes(2 * static_cast<std::size_t>(characters), "UnicodeName"));
    variable.data = in.bytes(size, limits::kEventData, "VariableData");
    return variable;
}

void drop_slack(ByteReader& in, std::size_t most) {
    if (in.remaining() <= most) in.rest();
}

}  // namespace

std::string utf8_from_utf16le(ByteView utf16) {
    std::string out;
    const std::size_t units = utf16.size() / 2;
    out.reserve(units);
    for (std::size_t i = 0; i < units; ++i) {
        const auto unit = unit_at(utf16, i);
        if (unit < 0xd800 || unit > 0xdfff) {
            append_utf8(out, unit);
            continue;
        }
        const bool high = unit < 0xdc00 && i + 1 < units;
        const auto low = high ? unit_at(utf16, i + 1) : 0;
        const bool paired = low >= 0xdc00 && low <= 0xdfff;
        append_utf8(out, paired ? 0x10000U + ((unit - 0xd800U) << 10U) + (low - 0xdc00U) : 0xfffdU);
        if (paired) ++i;
    }
    return out;
}

Result<EfiVariable> parse_efi_variable(ByteView data) {
    return parse_exact(data, "UEFI variable", read_variable);
}

Result<EfiVariable> parse_efi_variable_with_slack(ByteView data) {
    return parse_exact(data, "UEFI variable", [](ByteReader& in) {
        auto variable = read_variable(in);
        drop_slack(in, 8);
        return variable;
    });
}

// Data1 u32, Data2 u16, Data3 u16 little-endian, Data4 as bytes. (UEFI 2.10, appendix A)
std::string guid_text(ByteView guid) {
    constexpr std::array<std::size_t, 16> order{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    if (guid.size() != order.size()) return {};
    std::array<std::byte, order.size()> in_order{};
    for (std::size_t i = 0; i < order.size(); ++i) in_order[i] = guid[order[i]];
    auto text = to_hex(in_order);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
    return text;
}

// UEFI_IMAGE_LOAD_EVENT (PFP 1.06, 10.2.3); its length fields are UINTN: 64 bit on every machine that Assay
// knows.
Result<ImageLoadEvent> parse_image_load_event(ByteView data) {
    return parse_exact(data, "image load event", [](ByteReader& in) {
        ImageLoadEvent image;
        image.location = in.u64le("ImageLocationInMemory");
        image.length = in.u64le("ImageLengthInMemory");
        in.u64le("ImageLinkTimeAddress");
        const auto path_length = in.u64le("LengthOfDevicePath");
        const auto path = in.bytes(path_length, limits::kEventData, "DevicePath");
        const auto path_offset = in.offset() - path.size();
        drop_slack(in, 16);
        if (!in.ok()) return image;
        auto parsed = parse_device_path(path);
        if (!parsed) {
            const auto& error = parsed.error();
            in.fail_at(path_offset + error.offset.value_or(0), error.code, error.context);
            return image;
        }
        image.file_path = std::move(parsed->file_path);
        image.device_path = std::move(parsed->text);
        return image;
    });
}

}  // namespace assay::tcg

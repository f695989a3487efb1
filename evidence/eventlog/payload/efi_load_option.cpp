#include "evidence/eventlog/payload/efi_load_option.h"

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"
#include "evidence/eventlog/payload/efi_structures.h"

namespace assay::tcg {
namespace {

constexpr std::size_t kMaxOptions = 4096;

std::string utf16_text(ByteReader& in) {
    Bytes text;
    while (in.ok()) {
        const auto unit = in.bytes(2, "Description");
        if (!in.ok() || (unit[0] == std::byte{0} && unit[1] == std::byte{0})) break;
        text.insert(text.end(), unit.begin(), unit.end());
        if (text.size() > limits::kText) in.fail_here(ErrorCode::limit, "Description above 4096 bytes");
    }
    return utf8_from_utf16le(text);
}

}  // namespace

Result<EfiLoadOption> parse_load_option(ByteView data) {
    return parse_exact(data, "load option", [](ByteReader& in) -> Result<EfiLoadOption> {
        EfiLoadOption option;
        option.attributes = in.u32le("Attributes");
        const std::size_t path_size = in.u16le("FilePathListLength");
        option.description = utf16_text(in);
        const auto path = in.bytes(path_size, "FilePathList");
        const auto path_offset = in.offset() - path.size();
        option.optional_data = in.rest();
        if (!in.ok()) return option;
        auto parsed = parse_device_path(path);
        if (!parsed) {
            const auto& error = parsed.error();
            return fail(error.code, error.context, path_offset + error.offset.value_or(0));
        }
        option.path = std::move(*parsed);
        return option;
    });
}

Result<std::vector<std::uint16_t>> parse_boot_order(ByteView data) {
    return parse_exact(data, "boot order", [](ByteReader& in) {
        std::vector<std::uint16_t> order;
        if (!in.check_count(in.remaining() / 2, 2, kMaxOptions, "options")) return order;
        order.reserve(in.remaining() / 2);
        while (in.ok() && in.remaining() >= 2) order.push_back(in.u16le("option"));
        return order;
    });
}

}  // namespace assay::tcg

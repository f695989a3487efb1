#include "evidence/eventlog/payload/device_path.h"

#include <utility>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/eventlog/payload/device_path_nodes.h"

namespace assay::tcg {
namespace {

constexpr std::uint8_t kMedia = 4;
constexpr std::uint8_t kFilePath = 4;
constexpr std::uint8_t kEnd = 0x7f;
constexpr std::uint8_t kEndOfInstance = 1;
constexpr std::size_t kHeadSize = 4;
constexpr std::size_t kMaxNodes = 256;
constexpr std::size_t kMaxText = 16U << 10U;

DevicePath read_path(ByteReader& in) {
    DevicePath path;
    bool joined = true;  // no separator is due
    while (in.ok() && !in.empty()) {
        const auto start = in.offset();
        const auto type = in.u8("device path type");
        const auto subtype = in.u8("device path subtype");
        const std::size_t length = in.u16le("device path length");
        if (in.ok() && length < kHeadSize)
            in.fail_at(start + 2, ErrorCode::malformed, fmt::format("device path node of {} bytes", length));
        const auto body = in.bytes(in.ok() ? length - kHeadSize : 0, "device path node");
        if (!in.ok()) break;
        if (type == kEnd) {
            if (subtype != kEndOfInstance) break;
            path.text += ',';
            joined = true;
            continue;
        }
        if (++path.nodes > kMaxNodes) in.fail_at(start, ErrorCode::limit, "more than 256 device path nodes");
        if (!joined) path.text += '/';
        joined = false;
        if (type == kMedia && subtype == kFilePath) path.file_path += device_path_file_name(body);
        ByteReader node(body, start + kHeadSize);
        path.text += device_path_node_text(type, subtype, node);
        if (node.error()) in.fail_at(*node.error()->offset, node.error()->code, node.error()->context);
        if (path.text.size() > kMaxText)
            in.fail_at(start, ErrorCode::limit, "a device path of more than 16 KiB of text");
    }
    in.rest();
    return path;
}

}  // namespace

Result<DevicePath> parse_device_path(ByteView data) {
    return parse_exact(data, "device path", read_path);
}

}  // namespace assay::tcg

#include "evidence/eventlog/payload/sp800_155_event.h"

#include <algorithm>
#include <string_view>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr auto kEvent1 = "SP800-155 Event\0"sv;
constexpr auto kEvent2 = "SP800-155 Event2"sv;
constexpr auto kEvent3 = "SP800-155 Event3"sv;

unsigned version_of(std::string_view signature) {
    if (signature == kEvent1) return 1;
    if (signature == kEvent2) return 2;
    return signature == kEvent3 ? 3 : 0;
}

std::string text(ByteReader& in, std::string_view what) {
    const std::size_t size = in.u8(what);
    const auto bytes = as_text(in.bytes(size, what));
    return std::string(bytes.substr(0, bytes.find('\0')));
}

Sp800155Locator locator(ByteReader& in, std::string_view what) {
    Sp800155Locator found;
    found.type = in.u32le(what);
    const std::size_t size = in.u32le(what);
    found.value = in.bytes(size, limits::kEventData, what);
    return found;
}

// Firmware fills up to a multiple of eight bytes.
void drop_padding(ByteReader& in) {
    auto rest = in;
    const auto bytes = rest.rest();
    if (bytes.size() < 8 && std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; }))
        in.rest();
}

}  // namespace

bool is_sp800_155_event(ByteView data) {
    return data.size() >= 16 && version_of(as_text(data.first(16))) != 0;
}

Result<Sp800155Event> parse_sp800_155_event(ByteView data) {
    return parse_exact(data, "SP 800-155 event", [](ByteReader& in) {
        Sp800155Event event;
        event.version = version_of(as_text(in.bytes(16, "Signature")));
        if (in.ok() && event.version == 0) in.fail_at(0, ErrorCode::malformed, "not an SP 800-155 signature");
        event.vendor_id = in.u32le("VendorId");
        event.reference_manifest = in.bytes(16, "ReferenceManifestGuid");
        drop_padding(in);
        if (!in.ok() || (event.version == 1 && in.empty())) return event;
        event.platform_manufacturer = text(in, "PlatformManufacturerStr");
        event.platform_model = text(in, "PlatformModel");
        event.platform_version = text(in, "PlatformVersion");
        event.firmware_manufacturer = text(in, "FirmwareManufacturerStr");
        event.firmware_manufacturer_id = in.u32le("FirmwareManufacturerId");
        event.firmware_version = text(in, "FirmwareVersion");
        if (event.version == 3) {
            event.rim = locator(in, "RimLocator");
            event.platform_certificate = locator(in, "PlatformCertLocator");
        }
        drop_padding(in);
        return event;
    });
}

}  // namespace assay::tcg

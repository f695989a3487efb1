#include "evidence/eventlog/payload/spdm_event.h"

#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr auto kSignature1 = "SPDM Device Sec\0"sv;
constexpr auto kSignature2 = "SPDM Device Sec2"sv;
constexpr std::uint32_t kPci = 1;
constexpr std::uint32_t kMeasurementBlock = 0;
constexpr std::uint32_t kCertificateChain = 1;
constexpr std::uint8_t kDmtf = 1;  // MeasurementSpecification

// SPDM_MEASUREMENT_BLOCK: Index, MeasurementSpecification, MeasurementSize (u16 LE), Measurement; in DMTF's
// specification that is a type, a size (u16 LE) and the value. (DSP0274, 10.11)
SpdmMeasurement measurement(ByteReader& in) {
    SpdmMeasurement block;
    block.index = in.u8("Index");
    const auto specification = in.u8("MeasurementSpecification");
    const auto size_offset = in.offset();
    const std::size_t size = in.u16le("MeasurementSize");
    if (specification != kDmtf) {
        block.value = in.bytes(size, "Measurement");
        return block;
    }
    block.value_type = in.u8("DMTFSpecMeasurementValueType");
    const std::size_t value_size = in.u16le("DMTFSpecMeasurementValueSize");
    if (in.ok() && value_size + 3 != size) {
        in.fail_at(size_offset, ErrorCode::malformed,
                   fmt::format("MeasurementSize: {} for a value of {} bytes", size, value_size));
    }
    block.value = in.bytes(value_size, "DMTFSpecMeasurementValue");
    return block;
}

void device_path(ByteReader& in, SpdmEvent& event) {
    const auto size = in.u64le("DevicePathLength");
    const auto path = in.bytes(size, limits::kEventData, "DevicePath");
    if (!in.ok() || path.empty()) return;
    auto parsed = parse_device_path(path);
    if (!parsed) {
        return in.fail_at(in.offset() - path.size() + parsed.error().offset.value_or(0), parsed.error().code,
                          parsed.error().context);
    }
    event.path = std::move(*parsed);
}

void context(ByteReader& in, SpdmEvent& event) {
    event.device_context = in.rest();
    if (event.device_type != kPci || event.device_context.empty()) return;
    ByteReader fields(event.device_context, in.offset() - event.device_context.size());
    SpdmPciContext pci;
    fields.u16le("Version");
    fields.u16le("Length");
    pci.vendor = fields.u16le("VendorId");
    pci.device = fields.u16le("DeviceId");
    pci.revision = fields.u8("RevisionID");
    const auto class_low = fields.u16le("ClassCode");
    pci.class_code = static_cast<std::uint32_t>(fields.u8("ClassCode") << 16U) | class_low;
    pci.subsystem_vendor = fields.u16le("SubsystemVendorID");
    pci.subsystem = fields.u16le("SubsystemID");
    if (fields.error())
        return in.fail_at(*fields.error()->offset, fields.error()->code, fields.error()->context);
    event.pci = pci;
}

void version_1(ByteReader& in, SpdmEvent& event) {
    in.u16le("Length");
    event.hash_algorithm = in.u32le("SpdmHashAlgo");
    event.device_type = in.u32le("DeviceType");
    event.measurements.push_back(measurement(in));
    device_path(in, event);
}

void sub_header(ByteReader& in, SpdmEvent& event, std::uint32_t type, ByteView bytes) {
    ByteReader sub(bytes, in.offset() - bytes.size());
    if (type == kMeasurementBlock) {
        sub.u16le("SpdmVersion");
        const std::size_t count = sub.u8("SpdmMeasurementBlockCount");
        sub.u8("Reserved");
        event.hash_algorithm = sub.u32le("SpdmMeasurementHashAlgo");
        for (std::size_t i = 0; i < count && sub.ok() && !sub.empty(); ++i)
            event.measurements.push_back(measurement(sub));
    } else if (type == kCertificateChain) {
        sub.u16le("SpdmVersion");
        sub.u8("SpdmSlotId");
        sub.u8("Reserved");
        event.hash_algorithm = sub.u32le("SpdmHashAlgo");
        event.certificate_chain = sub.rest();
    } else {
        sub.fail_here(ErrorCode::malformed, fmt::format("SubHeaderType: {}", type));
    }
    if (sub.ok() && !sub.empty())
        sub.fail_here(ErrorCode::malformed, fmt::format("{} bytes behind the sub header", sub.remaining()));
    if (sub.error()) in.fail_at(*sub.error()->offset, sub.error()->code, sub.error()->context);
}

void version_2(ByteReader& in, SpdmEvent& event) {
    event.auth_state = in.u8("AuthState");
    in.u8("Reserved");
    in.u32le("Length");
    event.device_type = in.u32le("DeviceType");
    const auto type = in.u32le("SubHeaderType");
    const std::size_t size = in.u32le("SubHeaderLength");
    event.sub_header_uid = in.u64le("SubHeaderUID");
    device_path(in, event);
    const auto bytes = in.bytes(size, limits::kEventData, "SubHeader");
    if (in.ok() && !bytes.empty()) sub_header(in, event, type, bytes);
}

}  // namespace

Result<SpdmEvent> parse_spdm_event(ByteView data) {
    return parse_exact(data, "SPDM event", [](ByteReader& in) {
        SpdmEvent event;
        const auto signature = as_text(in.bytes(16, "Signature"));
        const auto version_offset = in.offset();
        event.version = in.u16le("Version");
        if (!in.ok()) return event;
        if (signature == kSignature1 && event.version == 1) {
            version_1(in, event);
        } else if (signature == kSignature2 && event.version == 2) {
            version_2(in, event);
        } else if (signature == kSignature1 || signature == kSignature2) {
            in.fail_at(version_offset, ErrorCode::malformed, fmt::format("Version: {}", event.version));
        } else {
            in.fail_at(0, ErrorCode::malformed, "not the signature of an SPDM event");
        }
        if (in.ok()) context(in, event);
        return event;
    });
}

}  // namespace assay::tcg

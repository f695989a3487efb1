#include "evidence/eventlog/event_payload.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "evidence/base/byte_reader.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/eventlog/payload/padding.h"

namespace assay::tcg {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxTables = 1024;
constexpr std::size_t kMaxRecords = 4096;
constexpr std::size_t kGuidSize = 16;
constexpr std::size_t kMaxText = 64U << 10U;

template <typename Payload>
EventPayload payload_of(Result<Payload> parsed) {
    if (!parsed) return UnreadPayload{describe(parsed.error())};
    return EventPayload(std::move(*parsed));
}

std::string_view text_before_nul(ByteView data) {
    const auto text = as_text(data);
    return text.substr(0, text.find('\0'));
}

bool is_mostly_text(std::string_view text) {
    const auto controls =
        std::ranges::count_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    return text.size() >= 2 && static_cast<std::size_t>(controls) <= text.size() / 8 && is_utf8(text);
}

// 8-bit text up to its NUL.
std::optional<std::string> narrow_text(ByteView data) {
    if (data.size() > kMaxText) return std::nullopt;
    const auto text = text_before_nul(data);
    if (!is_mostly_text(text)) return std::nullopt;
    return std::string(text);
}

// UTF-16 up to its NUL. Old systemd-boots leave the last byte of the NUL out.
std::optional<std::string> wide_text(ByteView data) {
    if (data.size() < 4 || data.size() > kMaxText || data[1] != std::byte{0} || data[0] == std::byte{0})
        return std::nullopt;
    auto text = utf8_from_utf16le(data.first(data.size() & ~std::size_t{1}));
    if (const auto nul = text.find('\0'); nul != std::string::npos) text.resize(nul);
    if (!is_mostly_text(text)) return std::nullopt;
    return text;
}

EventPayload any_text(ByteView data, TextKind kind) {
    if (auto text = narrow_text(data)) return TextPayload{kind, std::move(*text)};
    if (auto text = wide_text(data)) return TextPayload{kind, std::move(*text)};
    return UnreadPayload{"no structure is known for this data"};
}

EventPayload firmware_version(ByteView data) {
    if (auto text = wide_text(data)) return TextPayload{TextKind::firmware_version, std::move(*text)};
    if (auto text = narrow_text(data)) return TextPayload{TextKind::firmware_version, std::move(*text)};
    if (data.size() == kGuidSize) return TextPayload{TextKind::firmware_version, guid_text(data)};
    if (std::ranges::all_of(data, [](std::byte byte) { return byte == std::byte{0}; }))
        return TextPayload{TextKind::firmware_version, ""};  // firmware without a version
    return UnreadPayload{"neither text nor a GUID"};
}

EventPayload separator(ByteView data) {
    if (data.size() != 4) return any_text(data, TextKind::description);
    ByteReader in(data);
    return SeparatorPayload{in.u32le("separator")};
}

EventPayload tagged(ByteView data) {
    auto records = parse_exact(data, "tagged event", [](ByteReader& in) {
        TaggedPayload payload;
        do {
            const auto id = in.u32le("taggedEventID");
            const std::size_t size = in.u32le("taggedEventDataSize");
            const auto bytes = in.bytes(size, limits::kEventData, "taggedEventData");
            if (payload.records.size() >= kMaxRecords)
                in.fail_here(ErrorCode::limit, "more than 4096 records");
            if (in.ok()) payload.records.push_back({id, bytes});
        } while (in.ok() && !in.empty());
        return payload;
    });
    if (records) return std::move(*records);
    // Some boot loaders log the name without a tag.
    if (auto text = narrow_text(data); text && text->size() + 1 == data.size())
        return TextPayload{TextKind::description, std::move(*text)};
    return UnreadPayload{describe(records.error())};
}

EventPayload no_action(const ParsedEvent& event) {
    const auto data = without_padding(EV_NO_ACTION, event.unverified_data);
    const auto text = as_text(data);
    if (text.starts_with("Spec ID Event0"sv)) return SpecIdPayload{};
    if (text.starts_with("StartupLocality\0"sv) && data.size() == 17)
        return StartupLocalityPayload{std::to_integer<std::uint8_t>(data.back())};
    if (is_sp800_155_event(data)) return payload_of(parse_sp800_155_event(data));
    constexpr std::size_t kNvHeader = 24;  // NvIndexInstance: signature, version, 6 reserved bytes
    if (text.starts_with("NvIndexInstance\0"sv) && data.size() > kNvHeader)
        return payload_of(parse_spdm_event(data.subspan(kNvHeader)));
    if (event.pcr == ParsedEvent::kNoPcr) return tagged(data);
    return any_text(data.first(std::min<std::size_t>(data.size(), 64)), TextKind::description);
}

EventPayload firmware_blob(ByteView data) {
    return payload_of(parse_exact(data, "firmware blob", [](ByteReader& in) {
        FirmwareBlobPayload blob;
        blob.base = in.u64le("BlobBase");
        blob.length = in.u64le("BlobLength");
        return blob;
    }));
}

std::string described(ByteReader& in, std::string_view what) {
    const std::size_t size = in.u8(what);
    return std::string(text_before_nul(in.bytes(size, what)));
}

EventPayload firmware_blob2(ByteView data) {
    return payload_of(parse_exact(data, "firmware blob", [](ByteReader& in) {
        FirmwareBlobPayload blob;
        blob.description = described(in, "BlobDescription");
        blob.base = in.u64le("BlobBase");
        blob.length = in.u64le("BlobLength");
        return blob;
    }));
}

EventPayload handoff_tables(ByteView data, bool with_description) {
    return payload_of(parse_exact(data, "handoff tables", [&](ByteReader& in) {
        HandoffTablesPayload payload;
        if (with_description) payload.description = described(in, "TableDescription");
        const auto count = in.u64le("NumberOfTables");
        if (!in.check_count(count, kGuidSize + 8, kMaxTables, "NumberOfTables")) return payload;
        for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
            const auto vendor = in.bytes(kGuidSize, "VendorGuid");
            payload.tables.push_back({vendor, in.u64le("VendorTable")});
        }
        return payload;
    }));
}

EventPayload post_code(ByteView data) {
    if (auto text = narrow_text(data); text && text->size() >= 4 && data.size() != kGuidSize)
        return TextPayload{TextKind::description, std::move(*text)};
    return data.size() == kGuidSize ? firmware_blob(data) : any_text(data, TextKind::description);
}

constexpr std::array kShimNames{"MokList"sv,    "MokListX"sv,       "MokSBState"sv,
                                "MokDBState"sv, "MokListTrusted"sv, "MokPolicy"sv,
                                "Shim"sv,       "SbatLevel"sv,      "MokIgnoreDB"sv};

EventPayload boot_loader(const ParsedEvent& event) {
    constexpr std::uint32_t kUkiPcr = 11;
    const auto data = event.unverified_data;
    if (auto text = narrow_text(data)) {
        for (const auto& grub : kGrubTexts) {
            if (text->starts_with(grub.prefix))
                return TextPayload{grub.kind, text->substr(grub.prefix.size())};
        }
        if (std::ranges::find(kShimNames, *text) != kShimNames.end())
            return TextPayload{TextKind::shim_variable, std::move(*text)};
        const bool is_path = text->starts_with('/') || text->starts_with('(') || text->starts_with('\\');
        return TextPayload{is_path ? TextKind::file : TextKind::description, std::move(*text)};
    }
    if (auto text = wide_text(data)) {
        const bool section = event.pcr == kUkiPcr && text->starts_with('.');
        return TextPayload{section ? TextKind::uki_section : TextKind::load_options, std::move(*text)};
    }
    return UnreadPayload{"no structure is known for this data"};
}

EventPayload variable(const ParsedEvent& event) {
    const bool authority = event.unverified_type == EV_EFI_VARIABLE_AUTHORITY ||
                           event.unverified_type == EV_EFI_SPDM_DEVICE_AUTHORITY;
    const auto data = without_padding(event.unverified_type, event.unverified_data);
    auto parsed = authority ? parse_efi_variable_with_slack(data) : parse_efi_variable(data);
    if (!parsed) return UnreadPayload{describe(parsed.error())};
    auto content = read_variable_content(*parsed, authority);
    return VariablePayload{std::move(*parsed), std::move(content)};
}

}  // namespace

std::string_view tag_name(std::uint32_t id) {
    switch (id) {
        case kLinuxInitrdTag:
            return "Linux initrd";
        case kLinuxLoadOptionsTag:
            return "Linux load options";
        case 0xf5bc582a:
            return "systemd-boot loader.conf";
        case 0x6c46f751:
            return "systemd-stub device tree";
        case 0x49dffe0f:
            return "systemd-stub initrd add-on";
        case 0xdac08e1a:
            return "systemd-stub microcode add-on";
        case 0x40010001:
            return "Windows trust boundary";
        case 0x40010002:
            return "Windows early-launch drivers";
        case 0x40010003:
            return "Windows loaded module";
        case 0xc0010004:
            return "Windows trust point";
        case 0x40010005:
        case 0x40010006:
            return "Windows key attestation";
        default:
            return {};
    }
}

EventPayload read_event_payload(const ParsedEvent& event) {
    const auto data = without_padding(event.unverified_type, event.unverified_data);
    if (data.empty()) return UnreadPayload{"no data"};
    switch (event.unverified_type) {
        case EV_NO_ACTION:
            return no_action(event);
        case EV_SEPARATOR:
            return separator(data);
        case EV_ACTION:
        case EV_EFI_ACTION:
        case EV_OMIT_BOOT_DEVICE_EVENTS:
            return any_text(data, TextKind::action);
        case EV_S_CRTM_VERSION:
            return firmware_version(data);
        case EV_EVENT_TAG:
            return tagged(data);
        case EV_IPL:
            return boot_loader(event);
        case EV_POST_CODE:
        case EV_S_CRTM_CONTENTS:
            return post_code(data);
        case EV_EFI_PLATFORM_FIRMWARE_BLOB:
            return firmware_blob(data);
        case EV_POST_CODE2:
        case EV_EFI_PLATFORM_FIRMWARE_BLOB2:
            return firmware_blob2(data);
        case EV_EFI_HANDOFF_TABLES:
            return handoff_tables(data, false);
        case EV_EFI_HANDOFF_TABLES2:
            return handoff_tables(data, true);
        case EV_EFI_VARIABLE_DRIVER_CONFIG:
        case EV_EFI_VARIABLE_BOOT:
        case EV_EFI_VARIABLE_BOOT2:
        case EV_EFI_VARIABLE_AUTHORITY:
        case EV_EFI_SPDM_DEVICE_POLICY:
        case EV_EFI_SPDM_DEVICE_AUTHORITY:
            return variable(event);
        case EV_EFI_BOOT_SERVICES_APPLICATION:
        case EV_EFI_BOOT_SERVICES_DRIVER:
        case EV_EFI_RUNTIME_SERVICES_DRIVER:
            return payload_of(parse_image_load_event(data));
        case EV_EFI_GPT_EVENT:
        case EV_EFI_GPT_EVENT2:
            return payload_of(parse_gpt_event(data));
        case EV_EFI_SPDM_FIRMWARE_BLOB:
        case EV_EFI_SPDM_FIRMWARE_CONFIG:
            return payload_of(parse_spdm_event(data));
        default:
            return any_text(data.first(std::min<std::size_t>(data.size(), 1024)), TextKind::description);
    }
}

}  // namespace assay::tcg

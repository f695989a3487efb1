#include <algorithm>
#include <string>

#include <fmt/core.h>

#include "evidence/base/byte_reader.h"
#include "evidence/base/text.h"
#include "evidence/tcg/efi_structures.h"
#include "evidence/tcg/event_data.h"

namespace assay::tcg {
namespace {

std::string_view text_before_nul(ByteView data) {
    const auto text = as_text(data);
    return text.substr(0, text.find('\0'));
}

bool is_mostly_text(std::string_view text) {
    const auto controls =
        std::ranges::count_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    return !text.empty() && static_cast<std::size_t>(controls) <= text.size() / 8 && is_utf8(text);
}

std::string text_or_size(ByteView data) {
    if (const auto text = text_before_nul(data); is_mostly_text(text) && text.size() >= 2)
        return std::string(text);
    const bool wide =
        data.size() >= 4 && data.size() % 2 == 0 && data[1] == std::byte{0} && data[0] != std::byte{0};
    if (wide) {
        auto text = utf8_from_utf16le(data.first(std::min<std::size_t>(data.size(), 512)));
        if (const auto nul = text.find('\0'); nul != std::string::npos) text.resize(nul);
        if (is_mostly_text(text)) return text;
    }
    return fmt::format("{} bytes", data.size());
}

std::string variable_text(ByteView data) {
    const auto variable = parse_efi_variable(data);
    if (!variable) return "not a UEFI variable";
    if (variable->data.size() == 1) {
        return fmt::format("{} = {}", variable->name, std::to_integer<int>(variable->data[0]));
    }
    return fmt::format("{}, {} bytes", variable->name, variable->data.size());
}

std::string image_text(ByteView data) {
    const auto image = parse_image_load_event(data);
    if (!image) return "not an image load event";
    return fmt::format("{} ({} bytes)", image->file_path.empty() ? "image" : image->file_path, image->length);
}

std::string no_action_text(ByteView data) {
    const auto signature = text_before_nul(data.first(std::min<std::size_t>(data.size(), 16)));
    if (signature == "StartupLocality" && data.size() == 17) {
        return fmt::format("StartupLocality {}", std::to_integer<int>(data[16]));
    }
    return is_mostly_text(signature) ? std::string(signature) : fmt::format("{} bytes", data.size());
}

std::string separator_text(ByteView data) {
    if (data.size() != 4) return fmt::format("{} bytes", data.size());
    ByteReader in(data);
    return fmt::format("0x{:08x}", in.u32le("separator"));
}

}  // namespace

std::string describe_unverified_data(const ParsedEvent& event) {
    const auto data = event.unverified_data;
    const auto text = [&]() -> std::string {
        switch (event.unverified_type) {
            case EV_NO_ACTION:
                return no_action_text(data);
            case EV_SEPARATOR:
                return separator_text(data);
            case EV_EFI_VARIABLE_DRIVER_CONFIG:
            case EV_EFI_VARIABLE_BOOT:
            case EV_EFI_VARIABLE_BOOT2:
            case EV_EFI_VARIABLE_AUTHORITY:
                return variable_text(data);
            case EV_EFI_BOOT_SERVICES_APPLICATION:
            case EV_EFI_BOOT_SERVICES_DRIVER:
            case EV_EFI_RUNTIME_SERVICES_DRIVER:
                return image_text(data);
            default:
                return text_or_size(data.first(std::min<std::size_t>(data.size(), 1024)));
        }
    };
    return shortened(printable(text()), 200);
}

}  // namespace assay::tcg

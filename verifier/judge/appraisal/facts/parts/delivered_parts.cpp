#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "vendor-db/resolve/identifier.h"

namespace assay::judge {
namespace {

using vendors::Component;

struct ClassRow {
    std::uint32_t first, last;
    Component kind;
};

// Component Class Registry 1.0 rev 14, 4: category in the upper half; in the lower 0000 is unspecified, 0001
// other. Only what is the same thing in evidence: a DSP is no CPU, a flash chip no DIMM.
constexpr std::array kTcg{
    ClassRow{0x0001'0000, 0x0001'0000, Component::cpu},
    ClassRow{0x0001'0002, 0x0001'0002, Component::cpu},
    ClassRow{0x0001'0006, 0x0001'0006, Component::gpu},
    ClassRow{0x0002'0000, 0x0002'ffff, Component::chassis},
    ClassRow{0x0003'0003, 0x0003'0003, Component::board},
    ClassRow{0x0004'0009, 0x0004'0009, Component::tpm},
    ClassRow{0x0005'0002, 0x0005'0002, Component::gpu},
    ClassRow{0x0006'0000, 0x0006'0001, Component::memory},  // 2 and 3: controllers
    ClassRow{0x0006'0004, 0x0006'0008, Component::memory},  // 9 to D: ROM and flash
    ClassRow{0x0006'000e, 0x0006'ffff, Component::memory},
    ClassRow{0x0007'0000, 0x0007'ffff, Component::drive},
    ClassRow{0x0009'0000, 0x0009'0003, Component::nic},  // then Bluetooth, radio, switches
    ClassRow{0x000a'0002, 0x000a'0002, Component::psu},
    ClassRow{0x0013'0003, 0x0013'0003, Component::bios}};
// SMBIOS-based registry 1.01, 3: the structure's type in the upper half.
constexpr std::array kSmbios{ClassRow{0x0000'0000, 0x0000'ffff, Component::bios},
                             ClassRow{0x0001'0000, 0x0001'ffff, Component::system},
                             ClassRow{0x0002'0000, 0x0002'ffff, Component::board},
                             ClassRow{0x0003'0000, 0x0003'ffff, Component::chassis},
                             ClassRow{0x0004'0000, 0x0004'ffff, Component::cpu},
                             ClassRow{0x0011'0000, 0x0011'ffff, Component::memory},
                             ClassRow{0x0027'0000, 0x0027'ffff, Component::psu},
                             ClassRow{0x002b'0000, 0x002b'ffff, Component::tpm}};
// PCIe-based registry 1.0, 3: 00, then the class code. A display controller is a GPU here as in the evidence.
constexpr std::array kPci{ClassRow{0x0003'0000, 0x0003'ffff, Component::gpu},
                          ClassRow{0x0000'0000, 0x00ff'ffff, Component::pci}};

constexpr std::string_view kTcgRegistry = "2.23.133.18.3.1";
constexpr std::string_view kSmbiosRegistry = "2.23.133.18.3.3";
constexpr std::string_view kPciRegistry = "2.23.133.18.3.4";
constexpr std::string_view kStorageRegistry = "2.23.133.18.3.5";

std::optional<Component> class_of(std::string_view registry, std::uint32_t value) {
    const auto in = [&](const auto& rows) -> std::optional<Component> {
        for (const auto& row : rows) {
            if (row.first <= value && value <= row.last) return row.kind;
        }
        return std::nullopt;
    };
    if (registry == kTcgRegistry) return in(kTcg);
    if (registry == kSmbiosRegistry) return in(kSmbios);
    if (registry == kPciRegistry) return in(kPci);
    if (registry == kStorageRegistry) return Component::drive;
    return std::nullopt;
}

/// The n-th of the fields that colons part.
std::string_view colon_field(std::string_view text, std::size_t n) {
    for (; n > 0; --n) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) return {};
        text.remove_prefix(colon + 1);
    }
    return text.substr(0, text.find(':'));
}

/// The registries that write several identifiers into one field.
void unfold(const tcg::PlatformComponent& component, DeliveredPart& part) {
    if (component.registry == kPciRegistry) {
        // "8086:1028:" and "15E8:09A1:": vendor and subsystem vendor, device and subsystem. The serial's
        // octets are not in the order in which evidence shows them.
        part.model = fmt::format("{}:{}", lower(colon_field(component.manufacturer, 0)),
                                 lower(colon_field(component.model, 0)));
        part.serial.clear();
    } else if (component.registry == kStorageRegistry && part.serial.find(':') != std::string::npos) {
        part.serial = trimmed(colon_field(part.serial, 1));  // between EUI-64 and NQN
    }
}

}  // namespace

std::optional<Component> component_class(std::string_view kind) {
    const auto known = vendors::component_from_name(kind);
    if (!known || *known == Component::any) return std::nullopt;
    return *known;
}

std::string mac_digits(std::string_view text) {
    constexpr std::size_t kDigits = 12;
    std::string digits;
    for (const char c : lower(text)) {
        if (c == ':' || c == '-' || c == '.') continue;
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return {};
        digits += c;
    }
    return digits.size() == kDigits ? digits : std::string();
}

std::vector<DeliveredPart> delivered_parts(std::span<const tcg::PlatformComponent> components) {
    std::vector<DeliveredPart> parts;
    parts.reserve(components.size());
    for (const auto& component : components) {
        DeliveredPart part;
        const auto kind =
            component.class_value ? class_of(component.registry, *component.class_value) : std::nullopt;
        part.kind = kind                     ? std::string(to_string(*kind))
                    : !component.class_value ? std::string("no class")
                    : component.registry.empty()
                        ? fmt::format("class {:08x} of no registry", *component.class_value)
                        : fmt::format("class {}:{:08x}", component.registry, *component.class_value);
        part.place = trimmed(component.location.value_or(""));
        part.maker = trimmed(component.manufacturer);
        part.model = trimmed(component.model);
        part.serial = trimmed(component.serial.value_or(""));
        part.revision = trimmed(component.revision.value_or(""));
        for (const auto& address : component.addresses) {
            if (part.mac.empty() && address.kind != tcg::ComponentAddress::Kind::bluetooth)
                part.mac = mac_digits(address.text);
        }
        // A function with an address is what evidence calls a network interface.
        if (kind == Component::pci && !part.mac.empty()) part.kind = to_string(Component::nic);
        unfold(component, part);
        parts.push_back(std::move(part));
    }
    return parts;
}

}  // namespace assay::judge

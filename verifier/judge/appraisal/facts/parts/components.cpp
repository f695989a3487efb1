#include "verifier/judge/appraisal/facts/parts/components.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/device/bmc.h"
#include "evidence/device/drive.h"
#include "evidence/device/usb_descriptor.h"
#include "evidence/wire/section/section_names.h"
#include "vendor-db/resolve/identifier.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/parts/components_of_smbios.h"

namespace assay::judge {
namespace {

using vendors::Component;
using vendors::Namespace;

MakerId pci_maker(std::uint16_t vendor, std::uint16_t device, std::string layer) {
    const bool card = layer == "card";
    return {Namespace::pci, hex4(vendor),
            fmt::format("{} {}", card ? "PCI subsystem" : "PCI id", pci::id_text(vendor, device)),
            std::move(layer)};
}

// The maker of the chip and the maker of the card are two layers.
std::vector<MakerId> pci_makers(const pci::Config& config) {
    std::vector<MakerId> out{pci_maker(config.vendor, config.device, "chip")};
    if (config.subsystem_vendor != 0)
        out.push_back(pci_maker(config.subsystem_vendor, config.subsystem_device, "card"));
    return out;
}

void add_pci(const BoundClaims& claims, std::vector<HostComponent>& out) {
    constexpr std::uint32_t kDisplay = 0x03;  // base class (PCI Code and ID Assignment 1.4)
    if (!claims.pci) return;
    for (const auto& [function, config, problem] : *claims.pci) {
        HostComponent part{.kind = Component::pci, .place = function.address};
        part.evidence = fmt::format("pci: {}{}{}", shown(function.address),
                                    function.slot.empty() ? "" : ", slot ", shown(function.slot));
        if (config) {
            if (config->class_code >> 16U == kDisplay) part.kind = Component::gpu;
            part.maker = pci_makers(*config);
            part.model = pci::id_text(config->vendor, config->device);
            part.revision = fmt::format("{:02x}", config->revision);
            if (config->serial_number) part.serial = fmt::format("{:016x}", *config->serial_number);
        } else {
            part.problem = problem;
        }
        out.push_back(std::move(part));
    }
}

const pci::Config* config_at(const BoundClaims& claims, std::string_view address) {
    if (!claims.pci || address.empty()) return nullptr;
    const auto found = std::ranges::find(*claims.pci, address,
                                         [](const BoundFunction& bound) { return bound.function.address; });
    return found == claims.pci->end() || !found->config ? nullptr : &*found->config;
}

void add_wwid(const Drive& drive, std::vector<MakerId>& out) {
    const auto assigned = drive::wwid_vendor(drive.wwid);
    if (!assigned) return;
    using Kind = drive::WwidVendor::Kind;
    const auto what = "wwid " + shown(drive.wwid);
    if (assigned->kind == Kind::pci) {
        out.push_back({Namespace::pci, hex4(static_cast<std::uint16_t>(assigned->id)), what, ""});
    } else if (assigned->kind == Kind::oui) {
        out.push_back({Namespace::oui, fmt::format("{:06X}", assigned->id), what, ""});
    } else if (assigned->t10 != "ATA") {  // SAT's own name for every ATA drive
        out.push_back({Namespace::smbios, assigned->t10, what, ""});
    }
}

// Everything in a drive's identity that names a maker: numbers first, then texts.
std::vector<MakerId> drive_makers(const BoundClaims& claims, const Drive& drive) {
    std::vector<MakerId> out;
    add_wwid(drive, out);
    // There the function is the drive; behind a SATA or SAS controller it is not.
    if (drive.bus == "nvme" || drive.bus == "virtio") {
        const auto address = std::string_view(drive.location).substr(0, drive.location.find_first_of(" ,/"));
        if (const auto* config = config_at(claims, address))
            out.push_back({Namespace::pci, hex4(config->vendor),
                           "PCI id " + pci::id_text(config->vendor, config->device), ""});
    }
    if (const auto vendor = trimmed(drive.vendor); !vendor.empty() && vendor != "ATA")
        out.push_back({Namespace::smbios, std::string(vendor), "vendor '" + shown(vendor) + "'", ""});
    // "SAMSUNG MZ7LH1T9", "INTEL SSDPE2KX": the first word, as a whole name and never as a part of one.
    const auto model = trimmed(drive.model);
    if (const auto word = model.substr(0, model.find_first_of(" _-")); !word.empty() && word != model)
        out.push_back({Namespace::smbios, std::string(word), "model '" + shown(model) + "'", ""});
    return out;
}

void add_drives(const BoundClaims& claims, std::vector<HostComponent>& out) {
    if (!claims.storage) return;
    for (const auto& drive : *claims.storage) {
        out.push_back({.kind = Component::drive,
                       .place = drive.name,
                       // A SCSI address has no dot, and is another after each start.
                       .slot = drive.location.contains('.') ? drive.location : "",
                       .maker = drive_makers(claims, drive),
                       .model = drive::normalised(drive.model),
                       .serial = drive::normalised(drive.serial),
                       .revision = drive::normalised(drive.firmware),
                       .mac = {},
                       .evidence = fmt::format("storage: {}, {}", shown(drive.name), shown(drive.location))});
    }
}

std::string mac_text(const std::array<std::byte, 6>& mac) {
    std::string out;
    for (const auto byte : mac) {
        if (!out.empty()) out += ':';
        out += to_hex(std::span(&byte, 1));
    }
    return out;
}

void add_nics(const BoundClaims& claims, std::vector<HostComponent>& out) {
    if (!claims.network) return;
    for (const auto& nic : *claims.network) {
        const bool has_mac =
            std::ranges::any_of(nic.permanent_mac, [](std::byte byte) { return byte != std::byte{0}; });
        if (!has_mac && nic.pci_address.empty())
            continue;  // bridges, tunnels, loopback: no part of the machine
        HostComponent part{.kind = Component::nic, .place = nic.name, .slot = nic.pci_address};
        part.evidence = fmt::format("network: {}{}{}", shown(nic.name),
                                    nic.pci_address.empty() ? "" : ", PCI ", shown(nic.pci_address));
        part.revision = std::string(trimmed(nic.firmware_version));
        if (has_mac) {
            part.mac = mac_text(nic.permanent_mac);
            auto digits = to_hex(nic.permanent_mac);
            std::ranges::transform(digits, digits.begin(),
                                   [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
            part.maker.push_back({Namespace::oui, std::move(digits), "permanent MAC " + part.mac, "address"});
        }
        if (const auto* config = config_at(claims, nic.pci_address)) {
            part.model = pci::id_text(config->vendor, config->device);
            for (auto& id : pci_makers(*config)) part.maker.push_back(std::move(id));
        }
        out.push_back(std::move(part));
    }
}

void add_bmc(const BoundClaims& claims, std::vector<HostComponent>& out) {
    if (!claims.bmc) return;
    HostComponent part{.kind = Component::bmc, .place = "BMC", .evidence = "bmc"};
    if (const auto id = bmc::parse_device_id(claims.bmc->device_id)) {
        part.maker = {{Namespace::iana_pen, std::to_string(id->manufacturer),
                       fmt::format("IANA enterprise {}, product {}", id->manufacturer, id->product), ""}};
        part.model = fmt::format("product {}", id->product);
        part.revision = id->firmware_version();
    } else {
        part.problem = describe(id.error());
    }
    out.push_back(std::move(part));
}

void add_tpm(const BoundClaims& claims, std::vector<HostComponent>& out) {
    if (!claims.tpm) return;
    const auto& tpm = *claims.tpm;
    const auto value = vendors::canonical(Namespace::tpm, tpm.manufacturer);
    out.push_back({.kind = Component::tpm,
                   .place = "TPM",
                   .maker = {{Namespace::tpm, value.value_or(tpm.manufacturer),
                              "TPM manufacturer '" + shown(tpm.manufacturer) + "'", ""}},
                   .model = std::string(trimmed(tpm.vendor_string)),
                   .serial = {},
                   .revision = fmt::format("{}.{}.{}.{}", tpm.firmware_version_1 >> 16U,
                                           tpm.firmware_version_1 & 0xffffU, tpm.firmware_version_2 >> 16U,
                                           tpm.firmware_version_2 & 0xffffU),
                   .mac = {},
                   .evidence = "tpm"});
}

void add_usb(const BoundClaims& claims, std::vector<HostComponent>& out) {
    if (!claims.usb) return;
    for (const auto& device : *claims.usb) {
        HostComponent part{.kind = Component::usb, .place = device.port_path};
        part.evidence = "usb: port " + shown(device.port_path);
        part.serial = std::string(trimmed(device.serial));
        part.model = std::string(trimmed(device.product));
        if (const auto parsed = usb::parse_sound_descriptors(device.descriptors)) {
            part.maker.push_back(
                {Namespace::usb, hex4(parsed->vendor), "USB id " + usb::id_text(*parsed), ""});
            if (part.model.empty()) part.model = usb::id_text(*parsed);
            part.revision = fmt::format("{:x}.{:02x}", parsed->bcd_device >> 8U, parsed->bcd_device & 0xffU);
            part.unread = parsed->unread;
        } else {
            part.problem = describe(parsed.error());
        }
        if (const auto name = trimmed(device.manufacturer); !name.empty())
            part.maker.push_back(
                {Namespace::smbios, std::string(name), "manufacturer '" + shown(name) + "'", ""});
        out.push_back(std::move(part));
    }
}

// Firmware repeats locators; a place names one part.
void make_places_unique(std::vector<HostComponent>& parts) {
    std::set<std::pair<Component, std::string_view>> taken;  // of `parts`, which stay where they are
    for (auto& part : parts) {
        if (taken.emplace(part.kind, part.place).second) continue;
        const auto repeated = part.place;
        int n = 2;
        do part.place = fmt::format("{} #{}", repeated, n++);
        while (!taken.emplace(part.kind, part.place).second);
    }
}

}  // namespace

std::vector<HostComponent> components_of(const BoundClaims& claims) {
    constexpr std::size_t kOrdinary = 96;  // parts of a server: more cost no more than a move
    std::vector<HostComponent> out;
    if (claims.tables) out = components_of_smbios(*claims.tables, !claims.tpm);
    out.reserve(kOrdinary);
    add_bmc(claims, out);
    add_tpm(claims, out);
    add_pci(claims, out);
    add_drives(claims, out);
    add_nics(claims, out);
    add_usb(claims, out);
    make_places_unique(out);
    return out;
}

std::pair<std::string_view, bool> section_of(const BoundClaims& claims, Component kind) {
    switch (kind) {
        case Component::drive:
            return {section::kStorage, claims.storage != nullptr};
        case Component::nic:
            return {section::kNetwork, claims.network != nullptr};
        case Component::pci:
        case Component::gpu:
            return {section::kPci, claims.pci != nullptr};
        case Component::bmc:
            return {section::kBmc, claims.bmc != nullptr};
        case Component::usb:
            return {section::kUsb, claims.usb != nullptr};
        case Component::tpm:  // SMBIOS type 43 where the TPM's own word is absent
            return {section::kTpm, claims.tpm != nullptr || claims.tables != nullptr};
        default:
            return {section::kSmbios, claims.tables != nullptr};
    }
}

std::string_view product_of(const std::vector<HostComponent>& parts) {
    const auto system = std::ranges::find(parts, Component::system, &HostComponent::kind);
    return system == parts.end() ? std::string_view() : std::string_view(system->model);
}

vendors::Resolution resolve(const vendors::VendorDb& vendors, const MakerId& id, std::string_view product) {
    if (id.ns != Namespace::oui) return vendors.resolve(id.ns, id.value, product);
    constexpr std::size_t kOui = 6;
    constexpr std::size_t kMac = 12;  // digits
    auto digits = id.value;
    if (digits.size() > kOui) digits.resize(kMac, '0');  // the 36 bits that the store keeps
    const auto bytes = from_hex(digits, kMac / 2);
    return bytes ? vendors.resolve_oui(*bytes) : vendors::Resolution{};
}

std::vector<LayerMaker> makers_by_layer(const vendors::VendorDb& vendors, const std::vector<MakerId>& ids,
                                        std::string_view product) {
    using Outcome = vendors::Resolution::Outcome;
    std::vector<LayerMaker> out;
    for (const auto& id : ids) {
        auto who = resolve(vendors, id, product);
        const auto layer =
            std::ranges::find(out, id.layer, [](const LayerMaker& each) { return each.id->layer; });
        if (layer == out.end()) {
            out.push_back({&id, std::move(who)});
        } else if (layer->who.outcome != Outcome::known && who.outcome == Outcome::known) {
            *layer = {&id, std::move(who)};
        }
    }
    return out;
}

}  // namespace assay::judge

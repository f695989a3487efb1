#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/wire/section_names.h"
#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

const BoundFunction* function_at(const Examined& examined, const std::string& address) {
    const auto& functions = examined.claims.pci;
    if (!functions || address.empty()) return nullptr;
    const auto found = std::ranges::find(*functions, address,
                                         [](const BoundFunction& bound) { return bound.function.address; });
    return found == functions->end() || !found->config ? nullptr : &*found;
}

std::string mac_text(const std::array<std::byte, 6>& mac) {
    std::string out;
    for (const auto byte : mac) {
        if (!out.empty()) out += ':';
        out += to_hex(std::span(&byte, 1));
    }
    return out;
}

void judge_nics(const Examined& examined, Judge& judge) {
    const auto& interfaces = examined.claims.network;
    if (!interfaces) return judge.lacks(examined, section::kNetwork);
    VendorJudgement judgement(examined, judge, vendors::Component::nic);
    std::size_t seen = 0;
    for (const auto& nic : *interfaces) {
        const bool has_mac =
            std::ranges::any_of(nic.permanent_mac, [](std::byte byte) { return byte != std::byte{0}; });
        if (!has_mac && nic.pci_address.empty())
            continue;  // bridges, tunnels, loopback: no part of the machine
        ++seen;
        const auto subject = "NIC " + shown(nic.name);
        const auto evidence = fmt::format("network: {}{}{}", shown(nic.name),
                                          nic.pci_address.empty() ? "" : ", PCI ", shown(nic.pci_address));
        if (has_mac) {
            judgement.judge(judgement.vendors().resolve_oui(nic.permanent_mac), subject,
                            "permanent MAC " + mac_text(nic.permanent_mac), evidence);
        }
        if (const auto* bound = function_at(examined, nic.pci_address)) {
            const auto& config = *bound->config;
            const auto resolve = [&](std::uint16_t id) {
                return judgement.vendors().resolve(vendors::Namespace::pci, pci_hex(id));
            };
            judgement.judge(resolve(config.vendor), subject,
                            "PCI id " + pci::id_text(config.vendor, config.device), evidence);
            if (config.subsystem_vendor != 0) {
                judgement.judge(
                    resolve(config.subsystem_vendor), subject,
                    "PCI subsystem " + pci::id_text(config.subsystem_vendor, config.subsystem_device),
                    evidence);
            }
        }
    }
    if (seen == 0) return judge.nothing_to_judge("this host has no network card");
    judge.holds(examined.basis(),
                fmt::format("{} network interfaces, by permanent address and PCI ids", seen));
}

}  // namespace

const Check checks::nic_vendors_are_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_nics};

}  // namespace assay

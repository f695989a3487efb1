#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/device/drive.h"
#include "evidence/wire/section_names.h"
#include "verifier/appraisal/vendor_judgement.h"

namespace assay {
namespace {

using vendors::Namespace;
using vendors::Resolution;

struct Named {
    Resolution maker;
    std::string what;
};

void add_wwid(const vendors::VendorDb& db, const Drive& drive, std::vector<Named>& out) {
    const auto assigned = drive::wwid_vendor(drive.wwid);
    if (!assigned) return;
    using Kind = drive::WwidVendor::Kind;
    const auto what = "wwid " + shown(drive.wwid);
    if (assigned->kind == Kind::pci) {
        out.push_back({db.resolve(Namespace::pci, pci_hex(static_cast<std::uint16_t>(assigned->id))), what});
    } else if (assigned->kind == Kind::oui) {
        const std::array<std::byte, 6> prefix{static_cast<std::byte>(assigned->id >> 16U),
                                              static_cast<std::byte>(assigned->id >> 8U),
                                              static_cast<std::byte>(assigned->id)};
        out.push_back({db.resolve_oui(prefix), what});
    } else if (assigned->t10 != "ATA") {  // SAT's own name for every ATA drive
        out.push_back({db.resolve(Namespace::smbios, assigned->t10), what});
    }
}

// Everything in a drive's identity that names a maker: numbers first, then texts.
std::vector<Named> makers(const Examined& examined, const Drive& drive) {
    const auto& db = examined.inputs.vendors;
    std::vector<Named> out;
    add_wwid(db, drive, out);
    // There the function is the drive; behind a SATA or SAS controller it is not.
    if (examined.claims.pci && (drive.bus == "nvme" || drive.bus == "virtio")) {
        for (const auto& bound : *examined.claims.pci) {
            const auto& address = bound.function.address;
            if (!bound.config || address.empty() || !drive.location.starts_with(address)) continue;
            out.push_back({db.resolve(Namespace::pci, pci_hex(bound.config->vendor)),
                           "PCI id " + pci::id_text(bound.config->vendor, bound.config->device)});
        }
    }
    if (const auto vendor = trimmed(drive.vendor); !vendor.empty() && vendor != "ATA") {
        out.push_back({db.resolve(Namespace::smbios, vendor), "vendor '" + shown(vendor) + "'"});
    }
    // "SAMSUNG MZ7LH1T9", "INTEL SSDPE2KX": the first word, as a whole name and never as a part of one.
    const auto model = trimmed(drive.model);
    if (const auto word = model.substr(0, model.find_first_of(" _-")); !word.empty() && word != model) {
        out.push_back({db.resolve(Namespace::smbios, word), "model '" + shown(model) + "'"});
    }
    return out;
}

void judge_drives(const Examined& examined, Judge& judge) {
    const auto& drives = examined.claims.storage;
    if (!drives) return judge.lacks(examined, section::kStorage);
    if (drives->empty()) return judge.nothing_to_judge("this host has no drive");
    judge.holds(examined.basis(), fmt::format("{} drives", drives->size()));
    VendorJudgement judgement(examined, judge, vendors::Component::drive);
    for (const auto& drive : *drives) {
        const auto subject = fmt::format("drive {} S/N {}", shown(drive.name), shown(drive.serial));
        const auto evidence = fmt::format("storage: {}, {}", shown(drive.name), shown(drive.location));
        bool known = false;
        for (const auto& [maker, what] : makers(examined, drive)) {
            known = judgement.judge_if_known(maker, subject, what, evidence) || known;
        }
        if (!known) {
            judgement.judge({}, subject,
                            fmt::format("model '{}', wwid '{}'", shown(drive.model), shown(drive.wwid)),
                            evidence);
        }
    }
}

}  // namespace

const Check checks::drive_vendors_are_approved{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_drives};

}  // namespace assay

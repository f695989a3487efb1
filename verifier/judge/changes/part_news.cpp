#include "verifier/judge/changes/part_news.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"
#include "verifier/judge/appraisal/facts/parts/delivery_difference.h"

namespace assay::judge {
namespace {

using vendors::Component;

bool has_firmware(Component kind) {
    return kind == Component::bios || kind == Component::drive || kind == Component::nic ||
           kind == Component::bmc || kind == Component::tpm || kind == Component::memory;
}

/// The kernel, or the firmware that numbers buses, may name it otherwise at each start.
bool is_anywhere(Component kind) {
    return kind == Component::drive || kind == Component::nic || kind == Component::pci ||
           kind == Component::gpu;
}

std::string noun_of(Component kind) {
    switch (kind) {
        case Component::bios:
            return "BIOS";
        case Component::nic:
            return "NIC";
        case Component::bmc:
            return "BMC";
        case Component::tpm:
            return "TPM";
        case Component::cpu:
            return "processor";
        case Component::pci:
        case Component::gpu:
            return "PCI";
        default:
            return std::string(vendors::to_string(kind));
    }
}

std::string subject_of(const HostComponent& part) {
    const auto noun = noun_of(part.kind);
    const auto place = shown(part.place);
    if (is_anywhere(part.kind) || place == noun) return noun;
    return fmt::format("{} {}", noun, place);
}

std::string name_of(const HostComponent& part) {
    const auto named = std::ranges::find(part.maker, vendors::Namespace::smbios, &MakerId::ns);
    std::string maker = named == part.maker.end() ? "" : shown(named->value);
    const auto model = part.model.empty() ? std::string("no model") : shown(part.model);
    return maker.empty() || model.starts_with(maker) ? model : fmt::format("{} {}", maker, model);
}

std::string part_text(const HostComponent& part) {
    auto out = name_of(part);
    if (!part.revision.empty() && !has_firmware(part.kind))
        out += fmt::format(" revision {}", shown(part.revision));
    if (!part.mac.empty()) {
        out += fmt::format(", MAC {}", shown(part.mac));
    } else {
        out += part.serial.empty() ? ", no serial number" : fmt::format(", serial {}", shown(part.serial));
    }
    if (!part.slot.empty()) out += fmt::format(", in {}", shown(part.slot));
    return out;
}

// No serial number: a fleet that is updated is one group.
std::string firmware_text(const HostComponent& part) {
    const auto version = part.revision.empty() ? std::string("no version") : shown(part.revision);
    // A BIOS's release date stands in its model (DSP0134 7.1).
    if (part.kind == Component::bios) return fmt::format("version {} of {}", version, shown(part.model));
    return fmt::format("{} firmware {}", part.model.empty() ? noun_of(part.kind) : shown(part.model),
                       version);
}

std::string at_of(const HostComponent& part, const ChangeSpan& when) {
    const auto& identity = part.mac.empty() ? part.serial : part.mac;
    return fmt::format("{}{}{}; {}", shown(part.place), identity.empty() ? "" : ", ", shown(identity),
                       when.text());
}

/// Maker's identifiers of one kind, on both sides: a version of the program that reads one more is no
/// exchange.
bool other_maker(const HostComponent& before, const HostComponent& after) {
    return std::ranges::any_of(before.maker, [&](const MakerId& was) {
        const auto same_kind = [&](const MakerId& each) {
            return each.ns == was.ns && each.layer == was.layer;
        };
        const auto same = [&](const MakerId& each) { return same_kind(each) && each.value == was.value; };
        return std::ranges::any_of(after.maker, same_kind) && std::ranges::none_of(after.maker, same) &&
               was.ns != vendors::Namespace::oui;
    });
}

class ClassNews {
  public:
    ClassNews(const ChangeSpan& when, std::vector<SeenChange>& out) : when_(when), out_(out) {}

    void compare(const std::vector<const HostComponent*>& before,
                 const std::vector<const HostComponent*>& after) {
        std::vector<DeliveredPart> had;
        for (const auto* part : before) had.push_back(as_delivered(*part));
        std::vector<const DeliveredPart*> wanted;
        for (const auto& part : had) wanted.push_back(&part);
        const auto compared = compare_delivery(wanted, after);
        const auto was = [&](const DeliveredPart* part) -> const HostComponent* {
            return part == nullptr ? nullptr : before[static_cast<std::size_t>(part - had.data())];
        };
        using Kind = DeliveryDifference::Kind;
        for (const auto& [kind, expected, actual] : compared.differences) {
            if (kind == Kind::missing) add("part.gone", was(expected), nullptr);
            if (kind == Kind::extra) add("part.new", nullptr, actual);
            if (kind == Kind::replaced) add("part.replaced", was(expected), actual);
            if (kind == Kind::moved) add("part.moved", was(expected), actual);
        }
        for (const auto& [expected, actual] : compared.met) met(*was(expected), *actual);
    }

  private:
    static DeliveredPart as_delivered(const HostComponent& part) {
        const bool is_bios = part.kind == Component::bios;
        return {.kind = std::string(vendors::to_string(part.kind)),
                .place = is_anywhere(part.kind) ? "" : part.place,
                .maker = {},
                .model = is_bios ? "" : part.model,
                .serial = part.serial,
                .revision = {},
                .mac = mac_digits(part.mac)};
    }

    void met(const HostComponent& before, const HostComponent& after) {
        const bool other_version = before.revision != after.revision ||
                                   (before.kind == Component::bios && before.model != after.model);
        if (other_maker(before, after) || (other_version && !has_firmware(before.kind)))
            return add("part.replaced", &before, &after);
        if (other_version) add("firmware.changed", &before, &after);
        const bool is_one = !before.serial.empty() || !before.mac.empty();
        if (is_one && !before.slot.empty() && !after.slot.empty() && before.slot != after.slot)
            add("part.moved", &before, &after);
    }

    void add(std::string id, const HostComponent* before, const HostComponent* after) {
        const auto& part = after != nullptr ? *after : *before;
        const bool firmware = id == "firmware.changed";
        const auto text = [&](const HostComponent* side) {
            return side == nullptr ? std::string("nothing")
                   : firmware      ? firmware_text(*side)
                                   : part_text(*side);
        };
        const auto digest = [](const HostComponent* side) {
            return side == nullptr ? Bytes() : part_digest(*side);
        };
        SeenChange change{.told = {.kind = firmware ? ChangeKind::firmware : ChangeKind::part,
                                   .id = std::move(id),
                                   .subject = firmware ? noun_of(part.kind) : subject_of(part),
                                   .expected = text(before),
                                   .actual = text(after),
                                   .where = at_of(part, when_),
                                   .before = digest(before),
                                   .after = digest(after),
                                   .planned = {}}};
        if (before != nullptr) change.before = *before;
        if (after != nullptr) change.after = *after;
        out_.push_back(std::move(change));
    }

    const ChangeSpan& when_;
    std::vector<SeenChange>& out_;
};

}  // namespace

Bytes part_digest(const HostComponent& part) {
    Hasher hasher(HashAlgorithm::sha256);
    for (const auto& text : {std::string(vendors::to_string(part.kind)), part.model, part.serial, part.mac,
                             part.revision, part.slot})
        hasher.update(fmt::format("{}:", text.size())).update(text);
    return to_bytes(hasher.finish().view());
}

std::vector<SeenChange> part_news(const std::vector<HostComponent>& before,
                                  const std::vector<HostComponent>& after, const ChangeSpan& when) {
    std::map<Component, std::pair<std::vector<const HostComponent*>, std::vector<const HostComponent*>>>
        classes;
    for (const auto& part : before) classes[part.kind].first.push_back(&part);
    for (const auto& part : after) classes[part.kind].second.push_back(&part);
    std::vector<SeenChange> out;
    for (const auto& [kind, sides] : classes) {
        if (kind != Component::usb) ClassNews(when, out).compare(sides.first, sides.second);
    }
    return bounded(std::move(out));
}

}  // namespace assay::judge

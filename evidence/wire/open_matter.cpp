#include "evidence/wire/open_matter.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/digest.h"
#include "evidence/base/hex.h"
#include "evidence/wire/attestation_result.h"
#include "evidence/wire/open_matter_shape.h"

namespace assay {

std::string_view to_string(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::boot:
            return "boot";
        case ChangeKind::keys:
            return "keys";
        case ChangeKind::part:
            return "part";
        case ChangeKind::firmware:
            return "firmware";
        case ChangeKind::section:
            return "section";
        case ChangeKind::watch:
            return "watch";
    }
    return "unknown";
}

std::string matter_id(const OpenMatter& matter) {
    constexpr std::size_t kNameBytes = 8;
    // Two drives that were exchanged at once differ in nothing but what they were and are.
    const auto sides = matter.change ? to_hex(matter.change->before) + to_hex(matter.change->after) : "";
    const auto text =
        fmt::format("{}\n{}\n{}\n{}\n{}", matter.id, matter.subject, matter.since, matter.record, sides);
    return to_hex(sha256(as_view(text)).view().first(kNameBytes));
}

std::size_t acknowledgements_needed(const OpenMatter& matter) {
    if (!matter.device) return 1;
    const auto& device = *matter.device;
    const bool networked =
        std::ranges::any_of(device.bound, [](const auto& what) { return what.starts_with("net "); });
    const bool used = !device.mounted.empty() || device.read != 0 || device.written != 0 || networked;
    return used ? 2 : 1;
}

std::size_t missing_acknowledgements(const OpenMatter& matter) {
    const auto needed = acknowledgements_needed(matter);
    return needed - std::min(needed, matter.acks.size());
}

bool is_absence(ChangeKind kind) {
    return kind == ChangeKind::section || kind == ChangeKind::watch;
}

bool is_over(const OpenMatter& matter) {
    if (missing_acknowledgements(matter) != 0) return false;
    if (matter.device) return matter.device->gone_record != 0;
    if (!matter.change) return true;
    // What the owner calls contraindicated no person makes good: it is as before again, or something signed
    // expects it.
    return matter.over ||
           (!is_absence(matter.change->kind) && matter.tier != to_string(Tier::contraindicated));
}

Bytes encode_open_matters(const std::vector<OpenMatter>& matters) {
    return wire::encode_document(wire::kOpenMatters, matters);
}
Result<std::vector<OpenMatter>> decode_open_matters(ByteView bytes) {
    return wire::decode_document<std::vector<OpenMatter>>(wire::kOpenMatters, bytes, "open matters",
                                                          limits::kStateDocument);
}
Bytes encode_watch_point(const WatchPoint& watch) {
    return wire::encode_document(wire::kWatchPoint, watch);
}
Result<WatchPoint> decode_watch_point(ByteView bytes) {
    return wire::decode_document<WatchPoint>(wire::kWatchPoint, bytes, "watch point", limits::kStateDocument);
}

}  // namespace assay

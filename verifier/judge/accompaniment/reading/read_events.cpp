#include <algorithm>
#include <array>

#include "verifier/judge/accompaniment/boot_clock.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/reading/reading.h"

namespace assay::accompaniment {
namespace {

constexpr std::array<std::string_view, 6> kEventKinds = {"insert", "remove",     "present",
                                                         "ghost",  "privileged", "use"};
constexpr std::array<std::string_view, 5> kDeviceKinds = {"storage", "hid", "network", "hub", "other"};
constexpr std::array<std::string_view, 3> kGrades = {"A", "B", "C"};

constexpr std::int64_t kYear = 366LL * 86'400'000;

Device device(JsonReader& in) {
    Device out;
    out.vid = in.hex_or_none("vid", 2);
    out.pid = in.hex_or_none("pid", 2);
    out.serial = in.text_or("serial");
    const auto grade = in.word("serial_grade", {"A", "B", "C"}, "C");
    out.grade = static_cast<SerialGrade>(std::ranges::find(kGrades, grade) - kGrades.begin());
    out.digest = in.hex_or_none("descriptors_sha256", 32);
    out.controller = in.text_or("controller");
    out.port = in.text_or("port");
    out.interfaces = reading::kinds(in, "interfaces");
    return out;
}

// "at", or "from" and "to"; mapped by the boot clock where there is an anchor.
void time(JsonReader& in, DeviceEvent& out) {
    out.clock_bound = in.integer_or("clock_bound_ms", 0, 0, kYear);
    out.clock_stepped = in.flag_or("clock_stepped", false);
    const auto at = reading::maybe_instant(in, "at");
    const auto from = reading::maybe_instant(in, "from");
    const auto to = reading::maybe_instant(in, "to");
    if (at.has_value() == (from.has_value() && to.has_value()) || from.has_value() != to.has_value())
        return in.wrong("at", "either \"at\", or \"from\" and \"to\"",
                        reading::times_got(at.has_value(), from.has_value(), to.has_value()));
    out.time = at ? Span{*at, *at} : Span{*from, *to};
    if (out.time.to < out.time.from) return in.wrong("to", "a time not before \"from\"");
    const auto boot_ms = in.maybe_integer("boottime_ms", 0, 100 * kYear);
    in.object("anchor", [&](JsonReader& anchor) {
        const auto anchored = reading::instant(anchor, "at");
        const auto anchor_boot = anchor.maybe_integer("boottime_ms", 0, 100 * kYear);
        const auto bound = anchor.integer_or("bound_ms", 0, 0, kYear);
        if (!boot_ms || !anchor_boot)
            return anchor.wrong("boottime_ms", "the boot clock, here and in the event",
                                boot_ms ? "none here" : "none in the event");
        auto mapped = by_boot_clock(*boot_ms, {.at = anchored, .boottime = *anchor_boot, .bound = bound});
        out.clock_bound = mapped.bound = std::max(out.clock_bound, mapped.bound);
        out.clock_stepped = out.clock_stepped || was_stepped(out.time.to, mapped);
        out.time = {out.time.from - (out.time.to - mapped.at), mapped.at};
    });
}

DeviceEvent event(JsonReader& in) {
    DeviceEvent out;
    out.id = in.text("id");
    out.host = in.text("host");
    out.boot_id = in.text_or("boot_id");
    const auto kind =
        in.word("kind", {"insert", "remove", "present", "ghost", "privileged", "use"}, "insert");
    out.kind = static_cast<EventKind>(std::ranges::find(kEventKinds, kind) - kEventKinds.begin());
    time(in, out);
    out.received_at = reading::maybe_instant(in, "received_at");
    out.connected_for = in.maybe_integer("connected_ms", 0, 100 * kYear);
    in.object("device", [&](JsonReader& fields) { out.device = device(fields); });
    out.authorized = in.flag_or("authorized", true);
    out.mounted = in.flag_or("mounted", false);
    out.written = in.flag_or("written", false);
    out.dma = in.flag_or("dma", false);
    out.bound = reading::kinds(in, "bound");
    out.reconciled = in.word("provenance", {"live", "coldplug", "backfill", "reconciled", "inferred"},
                             "live") == "reconciled";
    if (const auto lost = in.maybe_integer("lost", 0, INT64_MAX))
        out.lost = static_cast<std::uint64_t>(*lost);
    out.failures = in.texts_or_none("evidence_failures");
    out.bmc_active = in.texts_or_none("bmc_active");
    for (const auto& active : out.bmc_active) {
        if (active != "media" && active != "console" && active != "nic")
            in.wrong("bmc_active", "a list of media, console, nic");
    }
    out.digest = reading::digest_of(in.as_text());
    return out;
}

}  // namespace

std::string_view to_string(EventKind kind) {
    return kEventKinds.at(static_cast<std::size_t>(kind));
}
std::string_view to_string(DeviceKind kind) {
    return kDeviceKinds.at(static_cast<std::size_t>(kind));
}
std::string_view to_string(SerialGrade grade) {
    return kGrades.at(static_cast<std::size_t>(grade));
}

namespace reading {

std::optional<DeviceKind> kind(std::string_view name) {
    const auto found = std::ranges::find(kDeviceKinds, name);
    if (found == kDeviceKinds.end()) return {};
    return static_cast<DeviceKind>(found - kDeviceKinds.begin());
}

std::vector<DeviceKind> kinds(JsonReader& fields, std::string_view key) {
    std::vector<DeviceKind> out;
    for (const auto& name : fields.texts_or_none(key)) {
        if (const auto of = kind(name))
            out.push_back(*of);
        else
            fields.wrong(key, "a list of storage, hid, network, hub, other");
    }
    std::ranges::sort(out);
    const auto [first, last] = std::ranges::unique(out);
    out.erase(first, last);
    return out;
}

DeviceRule device_rule(JsonReader& fields) {
    DeviceRule out;
    out.serial = fields.text_or("serial");
    out.digest = fields.hex_or_none("descriptors_sha256", 32);
    out.vid = fields.hex_or_none("vid", 2);
    out.pid = fields.hex_or_none("pid", 2);
    const auto name = fields.text_or("kind");
    if (!name.empty()) {
        out.kind = kind(name);
        if (!out.kind) fields.wrong("kind", "one of storage, hid, network, hub, other");
    }
    out.actions = fields.texts_or_none("actions");
    for (const auto& action : out.actions) {
        if (action != "connect" && action != "mount" && action != "write")
            fields.wrong("actions", "a list of connect, mount, write");
    }
    if (out ==
        DeviceRule{.serial = {}, .digest = {}, .vid = {}, .pid = {}, .kind = {}, .actions = out.actions})
        fields.wrong("", "a serial, descriptors_sha256, vid, pid or kind",
                     "none of them; a rule that names nothing would allow all");
    return out;
}

std::vector<DeviceRule> device_rules(JsonReader& fields, std::string_view key) {
    std::vector<DeviceRule> out;
    fields.each(key, [&](JsonReader& rule) { out.push_back(device_rule(rule)); });
    return out;
}

}  // namespace reading

Result<std::vector<DeviceEvent>> read_events(std::string_view json) {
    std::vector<DeviceEvent> out;
    TRY_VOID(reading::file(json, [&](JsonReader& file) {
        file.each("events", [&](JsonReader& in) { out.push_back(event(in)); });
    }));
    std::set<std::string_view> ids;
    for (const auto& one : out) {
        if (!ids.insert(one.id).second)
            return fail(ErrorCode::malformed, "/events: the id \"" + one.id + "\" is there twice");
    }
    return out;
}

}  // namespace assay::accompaniment

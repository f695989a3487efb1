#include "agent/usb/device_table.h"

#include <algorithm>

#include "agent/devices/host/attributes.h"
#include "agent/devices/host/usb_device.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/device/usb_numbers.h"

// What the kernel's events say. Where events are missing: device_table_compare.cpp.
namespace assay::agent {
namespace {

std::string last_component(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

// What the event alone tells of a device that is gone before it could be read.
UsbDevice from_event(const Uevent& event) {
    UsbDevice device;
    device.port_path = shortened(printable(last_component(event.devpath)), limits::kText);
    device.devnum = event.devnum;
    device.removable = "unknown";
    return device;
}

JournalRecord live(DeviceEventKind kind, std::uint64_t kernel_sequence) {
    JournalRecord record;
    record.kind = kind;
    record.kernel_sequence = kernel_sequence;
    return record;
}

}  // namespace

DeviceChanges DeviceTable::handle(const Uevent& event, Time now) {
    if (event.subsystem == "block")
        diskseq_ = std::max(diskseq_,
                            read_number(host_, std::string(kSys) + event.devpath + "/diskseq").value_or(0));
    uses_.child(event);
    if (event.subsystem == "usb" && event.devtype == "usb_interface") return interface_came(event);
    const bool is_usb = event.subsystem == "usb" && event.devtype == "usb_device";
    if (!is_usb && !hotplug::concerns(event)) return {};
    const auto& devpath = event.devpath;
    if (is_usb) usb::count_number(devnums_, last_component(devpath), event.devnum);
    if (event.action == "add" && !hotplug_.contains(devpath)) {
        pending_[devpath] = {event, now + kSettle,
                             is_usb ? HotplugDevice() : hotplug::read(host_, event.subsystem, devpath)};
        // What the kernel makes of it may come, and go with it, before it is settled: it is the device's all
        // the same.
        if (is_usb && !usb_.contains(devpath)) uses_.arrived(devpath, boottime_ms());
    }
    if (event.action == "bind" && is_usb) return arrived(event);
    if (event.action != "remove") return {};
    const auto record = live(DeviceEventKind::remove, event.sequence);
    if (!is_usb) {
        const auto known = hotplug_.extract(devpath);
        return {change(devpath,
                       known.empty() ? hotplug::read(host_, event.subsystem, devpath) : known.mapped(),
                       record)};
    }
    const auto known = usb_.extract(devpath);
    const auto before = from_journal_.extract(last_component(devpath));
    return {change(devpath,
                   !known.empty()    ? known.mapped()
                   : !before.empty() ? before.mapped()
                                     : from_event(event),
                   record)};
}

// An interface that comes without its device: somebody wrote to the device's `authorized`.
DeviceChanges DeviceTable::interface_came(const Uevent& event) {
    const auto devpath = event.devpath.substr(0, event.devpath.rfind('/'));
    const auto known = usb_.find(devpath);
    if (known == usb_.end() || pending_.contains(devpath)) return {};
    const bool authorized = read_optional_text(host_, std::string(kSys) + devpath + "/authorized") != "0";
    if (authorized == known->second.authorized) return {};
    known->second.authorized = authorized;
    if (!authorized) return {};
    if (auto device = read_usb_device(host_, std::string(kSys) + devpath)) known->second = std::move(*device);
    auto record = live(DeviceEventKind::authorize, event.sequence);
    record.device = known->second;
    return {{devpath, std::move(record)}};
}

std::optional<std::string> DeviceTable::settled_by(Time now) const {
    const auto due =
        std::ranges::find_if(pending_, [&](const auto& entry) { return entry.second.due <= now; });
    return due == pending_.end() ? std::nullopt : std::optional(due->first);
}

DeviceChanges DeviceTable::settle(const std::string& devpath) {
    const auto found = pending_.find(devpath);
    if (found == pending_.end()) return {};
    if (found->second.event.subsystem == "usb") return arrived(Uevent(found->second.event));
    const auto added = std::move(pending_.extract(found).mapped());
    auto device = hotplug::read(host_, added.event.subsystem, devpath);
    if (device.serial.empty() && !added.as_added.serial.empty()) device = added.as_added;  // gone already
    hotplug_.insert_or_assign(devpath, device);
    return {change(devpath, device, live(DeviceEventKind::insert, added.event.sequence))};
}

DeviceChanges DeviceTable::arrived(const Uevent& event) {
    const auto& devpath = event.devpath;
    const auto added = pending_.extract(devpath);
    // The device's own `add` counts, where there was one: it is the earlier of the two.
    const auto sequence = added.empty() ? event.sequence : added.mapped().event.sequence;
    auto device = read_usb_device(host_, std::string(kSys) + devpath).value_or(from_event(event));
    // An event that has waited: another device is in that port by now, and has events of its own.
    if (event.devnum != 0 && device.devnum != event.devnum) device = from_event(event);
    const auto known = usb_.find(devpath);
    if (known != usb_.end() && known->second.devnum == device.devnum)
        return {};  // seen when the monitor started, or bound anew
    DeviceChanges changes;
    const bool is_announced = !added.empty() && known == usb_.end();
    const auto removal = live(DeviceEventKind::remove, event.sequence);
    if (known != usb_.end())
        changes.push_back(change(devpath, std::move(usb_.extract(known).mapped()), removal));
    usb_.emplace(devpath, device);
    const auto before = from_journal_.extract(device.port_path);
    const bool is_recorded = !before.empty() && before.mapped().devnum == device.devnum;
    if (!before.empty() && !is_recorded) changes.push_back(change(devpath, before.mapped(), removal));
    // What went took with it what was known of the port since the `add`.
    if (!is_announced || !changes.empty()) uses_.arrived(devpath, boottime_ms());
    uses_.look_for_children(devpath);
    if (is_recorded) {
        recorded_.insert_or_assign(devpath, std::move(device));
    } else {
        auto record = live(DeviceEventKind::insert, sequence);
        record.device = std::move(device);
        changes.push_back({devpath, std::move(record)});
    }
    return changes;
}

// The counters of a disk vanish with it, so they are read while one is there; and a file system that is
// mounted, a medium that is put in and a network interface that runs are told of at once.
DeviceChanges DeviceTable::sample(Time now) {
    DeviceChanges changes;
    for (const auto& devpath : uses_.sample()) {
        const auto known = usb_.find(devpath);
        if (known == usb_.end()) continue;
        auto record = live(DeviceEventKind::use, 0);
        record.device = known->second;
        record.use = uses_.of(devpath, boottime_ms());
        changes.push_back({devpath, std::move(record)});
    }
    const auto pause = uses_.pause();
    sample_due_ = pause ? std::optional(now + *pause) : std::nullopt;
    return changes;
}

std::optional<DeviceTable::Time> DeviceTable::next_due() const {
    auto next = sample_due_;
    for (const auto& [path, pending] : pending_) next = std::min(next.value_or(pending.due), pending.due);
    return next;
}

void DeviceTable::let_in(const std::string& devpath) {
    const auto known = usb_.find(devpath);
    if (known == usb_.end()) return;
    auto device = read_usb_device(host_, std::string(kSys) + devpath);
    if (device && device->devnum == known->second.devnum) known->second = *std::move(device);
    known->second.authorized = true;
}

bool DeviceTable::is_announced(std::uint64_t devnum) const {
    return std::ranges::any_of(pending_,
                               [&](const auto& entry) { return entry.second.event.devnum == devnum; });
}

std::uint64_t DeviceTable::boottime_ms() const {
    return host_.clock().value_or(HostClock{}).boottime_ms;
}

}  // namespace assay::agent

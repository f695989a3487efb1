#include <algorithm>

#include "agent/devices/host/attributes.h"
#include "agent/devices/host/usb_device.h"
#include "agent/usb/device_table.h"
#include "evidence/device/usb_numbers.h"

// What the table finds out where events are missing: at the monitor's start, and after a loss. It compares
// what is there with what it knows, and records a difference with the span in which it came about
// (`since_ms` to now), which the verifier judges as an interval: docs/formats/journal.md, "Record";
// docs/accompaniment.md, "Intervals and time".
namespace assay::agent {
namespace {

JournalRecord found(DeviceEventKind kind, Provenance provenance, std::optional<std::uint64_t> since_ms) {
    JournalRecord record;
    record.kind = kind;
    record.provenance = provenance;
    record.since_ms = since_ms;
    return record;
}

// A USB port with another device number was replugged, even by the very same device: one went and one came.
bool is_same(const UsbDevice& one, const UsbDevice& other) {
    return one.devnum == other.devnum;
}
bool is_same(const HotplugDevice&, const HotplugDevice&) {
    return true;
}

template <typename Device>
bool has(const std::map<std::string, Device>& devices, const std::string& path, const Device& device) {
    const auto at = devices.find(path);
    return at != devices.end() && is_same(at->second, device);
}

}  // namespace

DeviceTable::UsbDevices usb_devices(Host& host) {
    DeviceTable::UsbDevices there;
    for (const auto& path : host.devices("usb").value_or(std::vector<std::string>{})) {
        const auto name = std::string_view(path).substr(path.rfind('/') + 1);
        if (!path.starts_with(kSys) || name.find(':') != std::string_view::npos) continue;  // interfaces
        if (auto device = read_usb_device(host, path))
            there.emplace(path.substr(kSys.size()), std::move(*device));
    }
    return there;
}

DeviceTable::UsbDevices DeviceTable::devices_there() {
    auto there = usb_devices(host_);
    for (const auto& [devpath, device] : there) usb::count_number(devnums_, device.port_path, device.devnum);
    return there;
}

void DeviceTable::begin(UsbDevices in_journal) {
    hotplug_ = hotplug::all(host_);
    from_journal_ = std::move(in_journal);
}

void DeviceTable::count_disks() {
    for (const auto& path : host_.devices("block").value_or(std::vector<std::string>{}))
        diskseq_ = std::max(diskseq_, read_number(host_, path + "/diskseq").value_or(0));
}

// In another boot than the last monitor's the journal's devices are not asked for, and what is there is
// `coldplug`, not `reconciled`.
DeviceChanges DeviceTable::compare_with_journal(std::optional<std::uint64_t> since_ms) {
    DeviceChanges changes;
    const auto there = devices_there();
    const auto is_at = [](const UsbDevices& devices, const std::string& port,
                          std::optional<std::uint64_t> devnum) {
        return std::ranges::any_of(devices, [&](const auto& entry) {
            return entry.second.port_path == port && (!devnum || entry.second.devnum == *devnum);
        });
    };
    for (const auto& [port, device] : from_journal_) {
        // What came or went by its own event is known by now.
        if (is_at(there, port, device.devnum) || is_at(usb_, port, std::nullopt)) continue;
        changes.push_back({port, found(DeviceEventKind::remove, Provenance::reconciled, since_ms)});
        changes.back().record.device = device;
    }
    for (const auto& [devpath, device] : there) {
        if (pending_.contains(devpath) || has(usb_, devpath, device)) continue;
        auto here = change(devpath, device,
                           found(DeviceEventKind::present,
                                 since_ms ? Provenance::reconciled : Provenance::coldplug, since_ms));
        usb_.insert_or_assign(devpath, device);
        if (has(from_journal_, device.port_path, device)) {
            recorded_.emplace(devpath, device);  // the journal has it, and nothing changed
        } else {
            changes.push_back(std::move(here));
        }
    }
    return changes;
}

DeviceChanges DeviceTable::compare(std::uint64_t since_ms) {
    DeviceChanges changes;
    compare(hotplug_, hotplug::all(host_), since_ms, changes);
    compare(usb_, devices_there(), since_ms, changes);
    return changes;
}

template <typename Device>
void DeviceTable::compare(std::map<std::string, Device>& known, std::map<std::string, Device> there,
                          std::uint64_t since_ms, DeviceChanges& changes) {
    for (const auto& [path, device] : known) {
        if (has(there, path, device)) continue;
        changes.push_back(
            change(path, device, found(DeviceEventKind::remove, Provenance::reconciled, since_ms)));
    }
    // Its `add` was seen: told soon.
    std::erase_if(there, [&](const auto& entry) { return pending_.contains(entry.first); });
    for (const auto& [path, device] : there) {
        if (has(known, path, device)) continue;
        changes.push_back(
            change(path, device, found(DeviceEventKind::present, Provenance::reconciled, since_ms)));
    }
    known = std::move(there);
}

DeviceChange DeviceTable::change(const std::string& devpath, UsbDevice device, JournalRecord record) {
    if (record.kind == DeviceEventKind::remove) record.use = uses_.left(devpath, boottime_ms());
    if (record.kind == DeviceEventKind::present) {
        uses_.arrived(devpath, boottime_ms());
        uses_.look_for_children(devpath);
    }
    record.device = std::move(device);
    return {devpath, std::move(record)};
}

DeviceChange DeviceTable::change(const std::string& devpath, HotplugDevice device, JournalRecord record) {
    record.hotplug = std::move(device);
    return {devpath, std::move(record)};
}

void DeviceTable::recorded(const std::string& devpath, const JournalRecord& record) {
    if (!record.device) return;
    if (record.kind == DeviceEventKind::remove) recorded_.erase(devpath);
    if (record.kind == DeviceEventKind::insert || record.kind == DeviceEventKind::present)
        recorded_.insert_or_assign(devpath, *record.device);
}

std::vector<JournalRecord> DeviceTable::unrecorded(const std::string& devpath) {
    std::vector<JournalRecord> records;
    const auto add = [&](DeviceEventKind kind, const UsbDevice& device) {
        records.push_back(found(kind, Provenance::reconciled, std::nullopt));
        records.back().device = device;
    };
    const auto known = usb_.find(devpath);
    const auto before = recorded_.find(devpath);
    if (known != usb_.end() && has(recorded_, devpath, known->second)) return records;
    if (before != recorded_.end()) {
        add(DeviceEventKind::remove, before->second);
        recorded_.erase(before);
    }
    if (known != usb_.end()) {
        add(DeviceEventKind::present, known->second);
        recorded_.insert_or_assign(devpath, known->second);
    }
    return records;
}

}  // namespace assay::agent

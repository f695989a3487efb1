#pragma once

#include <map>
#include <string>

#include "agent/devices/host/host.h"
#include "agent/usb/kernel/uevent.h"
#include "evidence/wire/section/journal.h"

/// Devices that come and go beside USB: drive bays, Thunderbolt ports, PCI slots, USB-C partners.
namespace assay::agent::hotplug {

/// Whether the event is about one: a whole device that is no part of a USB device, of an NVMe drive or of the
/// kernel's own making (loop, device mapper).
bool concerns(const Uevent& event);

/// `devpath` is below /sys. What cannot be read stays empty.
HotplugDevice read(Host& host, std::string_view subsystem, std::string_view devpath);

/// Those that are there now, by devpath.
std::map<std::string, HotplugDevice> all(Host& host);

}  // namespace assay::agent::hotplug

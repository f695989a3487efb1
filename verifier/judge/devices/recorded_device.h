#pragma once

#include <set>
#include <string>
#include <string_view>

#include "evidence/wire/open_matter.h"
#include "evidence/wire/section/journal.h"

/// What a journal record is about, as a matter has it. PURE.
namespace assay::judge {

/// As usb::is_root_hub; false where its descriptors cannot be read.
bool is_root_hub(const UsbDevice& device);
/// What somebody may have left in a host before it was watched: storage, a network, a keyboard, or what
/// cannot be read, unless the host's firmware has it fixed. The rest may be a part of the host.
bool may_be_left_in(const UsbDevice& device);
/// A part that came to a slot or bay, and is no USB device.
bool came_by_hotplug(const MatterDevice& device);

/// "USB port 1-4", "drive nvme1": the subject of what is found about it. Printable.
std::string subject_of(const JournalRecord& record);

/// Its names, place and digests, printable and short, and the drivers that it has; without times. What a
/// record without a device is about is a device without identity.
MatterDevice device_of(const JournalRecord& record);
MatterDevice device_of(const UsbDevice& device);

/// "0424:0001 at 1-7": a device in a list of them, with kNextDevice between.
std::string text_at_port(const MatterDevice& device);
inline constexpr std::string_view kNextDevice = ", ";
using DeviceTexts = std::set<std::string, std::less<>>;
/// Every device of such a list; one that was shortened is not.
bool are_all_among(const DeviceTexts& texts, std::string_view list);

/// One device in one place: the same names, in the same port of the same controller. A bus may get another
/// number at the next boot. Of what has no names, the place.
bool are_same(const MatterDevice& one, const MatterDevice& other);
/// Alike for the same device in the same place, so that many can be looked up.
std::string key_of(const MatterDevice& device);
std::string key_of(const PresentDevice& device);

/// Adds what was done with it. Counts only grow.
void add_use(MatterDevice& device, const DeviceUse& use);

}  // namespace assay::judge

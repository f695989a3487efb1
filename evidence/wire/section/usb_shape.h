#pragma once

#include "evidence/codec/fields.h"
#include "evidence/wire/section/sections.h"

/// The shape of a USB device, for the section and for the journal.
namespace assay::wire {

inline constexpr auto kUsbDevice = record(
    field("devnum", &UsbDevice::devnum, Unsigned{}), field("serial", &UsbDevice::serial, Text{}),
    field("drivers", &UsbDevice::drivers, List{Text{}, limits::kUsbDrivers}),
    field("product", &UsbDevice::product, Text{}), field("port_path", &UsbDevice::port_path, Text{}),
    field("removable", &UsbDevice::removable, Text{}), field("authorized", &UsbDevice::authorized, Flag{}),
    field("controller", &UsbDevice::controller, Text{}),
    field("descriptors", &UsbDevice::descriptors, Blob{0, limits::kUsbDescriptors}),
    field("manufacturer", &UsbDevice::manufacturer, Text{}));

}  // namespace assay::wire

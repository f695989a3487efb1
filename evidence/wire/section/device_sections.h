#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "evidence/base/limits.h"
#include "evidence/codec/fields.h"

/// Sections that list devices: sections.h.
namespace assay {

struct PciFunction {
    std::string address;     ///< "0000:3b:00.0"
    Bytes config;            ///< configuration space as read: 64 bytes at least, 256 or 4096 with privilege
    std::string slot;        ///< physical slot's label, empty if none is known
    std::string driver;      ///< bound kernel driver, empty if none
    std::string link_speed;  ///< as sysfs says it, "16.0 GT/s PCIe"; empty if none
    std::string link_width;  ///< "8"
    bool operator==(const PciFunction&) const = default;
};
namespace wire {
inline constexpr std::size_t kPciHeader = 64;  // PCI Local Bus 3.0, 6.1: the header that every function has
inline constexpr List kPci{
    record(field("slot", &PciFunction::slot, Text{}),
           field("config", &PciFunction::config, Blob{kPciHeader, limits::kPciConfig}),
           field("driver", &PciFunction::driver, Text{}), field("address", &PciFunction::address, Text{}),
           field("link_speed", &PciFunction::link_speed, Text{}),
           field("link_width", &PciFunction::link_width, Text{})),
    limits::kPciFunctions};
}  // namespace wire

struct Drive {
    std::string name;    ///< kernel name: "nvme0", "sda"
    std::string bus;     ///< "nvme", "scsi", "ata", "usb", "virtio", "mmc", "other"
    std::string model;   ///< as the device gives it, blanks trimmed
    std::string vendor;  ///< SCSI INQUIRY vendor, empty for NVMe
    std::string serial;
    std::string firmware;  ///< NVMe firmware_rev, SCSI rev
    std::string wwid;      ///< "nvme.8086-...", "naa.5000...", "eui...."
    std::string location;  ///< PCI address or SCSI host:channel:target:lun, and slot if known
    std::uint64_t size_bytes = 0;
    bool removable = false;
    bool operator==(const Drive&) const = default;
};
namespace wire {
inline constexpr List kStorage{
    record(field("bus", &Drive::bus, Text{}), field("name", &Drive::name, Text{}),
           field("wwid", &Drive::wwid, Text{}), field("model", &Drive::model, Text{}),
           field("serial", &Drive::serial, Text{}), field("vendor", &Drive::vendor, Text{}),
           field("firmware", &Drive::firmware, Text{}), field("location", &Drive::location, Text{}),
           field("removable", &Drive::removable, Flag{}),
           field("size_bytes", &Drive::size_bytes, Unsigned{})),
    limits::kDrives};
}  // namespace wire

struct NetworkInterface {
    std::string name;
    std::array<std::byte, 6> mac{};            ///< the current address
    std::array<std::byte, 6> permanent_mac{};  ///< ETHTOOL_GPERMADDR; all zero if the driver gives none
    std::string driver;
    std::string firmware_version;  ///< ethtool or devlink; empty if the driver gives none
    std::string pci_address;       ///< empty for one that is on no PCI function
    bool operator==(const NetworkInterface&) const = default;
};
namespace wire {
inline constexpr List kNetwork{
    record(field("mac", &NetworkInterface::mac, FixedBytes{}), field("name", &NetworkInterface::name, Text{}),
           field("driver", &NetworkInterface::driver, Text{}),
           field("pci_address", &NetworkInterface::pci_address, Text{}),
           field("permanent_mac", &NetworkInterface::permanent_mac, FixedBytes{}),
           field("firmware_version", &NetworkInterface::firmware_version, Text{})),
    limits::kNetworkInterfaces};
}  // namespace wire

/// A USB device that is there at the time of collection, or was at the time of a journal record.
struct UsbDevice {
    std::string port_path;   ///< "1-4.2": bus, then ports
    std::string controller;  ///< PCI address of the host controller, empty if it is on none
    std::uint64_t devnum = 0;
    Bytes descriptors;  ///< the whole `descriptors` file: device descriptor, then each configuration, raw
    std::string manufacturer;
    std::string product;
    std::string serial;
    bool authorized = true;
    std::string removable;             ///< "removable", "fixed", "unknown"
    std::vector<std::string> drivers;  ///< bound interface drivers, by interface number
    bool operator==(const UsbDevice&) const = default;
};
namespace wire {
inline constexpr auto kUsbDevice = record(
    field("devnum", &UsbDevice::devnum, Unsigned{}), field("serial", &UsbDevice::serial, Text{}),
    field("drivers", &UsbDevice::drivers, List{Text{}, limits::kUsbDrivers}),
    field("product", &UsbDevice::product, Text{}), field("port_path", &UsbDevice::port_path, Text{}),
    field("removable", &UsbDevice::removable, Text{}), field("authorized", &UsbDevice::authorized, Flag{}),
    field("controller", &UsbDevice::controller, Text{}),
    field("descriptors", &UsbDevice::descriptors, Blob{0, limits::kUsbDescriptors}),
    field("manufacturer", &UsbDevice::manufacturer, Text{}));
inline constexpr List kUsb{kUsbDevice, limits::kUsbDevices};
}  // namespace wire

struct IntrusionSensor {
    std::string name;  ///< hwmon chip and attribute: "nct6779/intrusion0_alarm"
    bool alarm = false;
    bool operator==(const IntrusionSensor&) const = default;
};
namespace wire {
inline constexpr List kChassis{
    record(field("name", &IntrusionSensor::name, Text{}), field("alarm", &IntrusionSensor::alarm, Flag{})),
    limits::kSensors};
}  // namespace wire

}  // namespace assay

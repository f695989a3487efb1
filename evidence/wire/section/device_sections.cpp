// The sections that list devices: pci, storage, network, usb, chassis.
#include "evidence/base/limits.h"
#include "evidence/wire/section/section_codec.h"
#include "evidence/wire/section/section_names.h"
#include "evidence/wire/section/sections.h"
#include "evidence/wire/section/usb_shape.h"

namespace assay {
namespace {

using wire::field;
using wire::List;
using wire::record;
using wire::Text;

constexpr std::size_t kPciHeader = 64;  // PCI Local Bus 3.0, 6.1: the header that every function has

constexpr List kPci{
    record(field("slot", &PciFunction::slot, Text{}),
           field("config", &PciFunction::config, wire::Blob{kPciHeader, limits::kPciConfig}),
           field("driver", &PciFunction::driver, Text{}), field("address", &PciFunction::address, Text{}),
           field("link_speed", &PciFunction::link_speed, Text{}),
           field("link_width", &PciFunction::link_width, Text{})),
    limits::kPciFunctions};

constexpr List kStorage{
    record(field("bus", &Drive::bus, Text{}), field("name", &Drive::name, Text{}),
           field("wwid", &Drive::wwid, Text{}), field("model", &Drive::model, Text{}),
           field("serial", &Drive::serial, Text{}), field("vendor", &Drive::vendor, Text{}),
           field("firmware", &Drive::firmware, Text{}), field("location", &Drive::location, Text{}),
           field("removable", &Drive::removable, wire::Flag{}),
           field("size_bytes", &Drive::size_bytes, wire::Unsigned{})),
    limits::kDrives};

constexpr List kNetwork{
    record(field("mac", &NetworkInterface::mac, wire::FixedBytes{}),
           field("name", &NetworkInterface::name, Text{}), field("driver", &NetworkInterface::driver, Text{}),
           field("pci_address", &NetworkInterface::pci_address, Text{}),
           field("permanent_mac", &NetworkInterface::permanent_mac, wire::FixedBytes{}),
           field("firmware_version", &NetworkInterface::firmware_version, Text{})),
    limits::kNetworkInterfaces};

constexpr List kUsb{wire::kUsbDevice, limits::kUsbDevices};

constexpr List kChassis{record(field("name", &IntrusionSensor::name, Text{}),
                               field("alarm", &IntrusionSensor::alarm, wire::Flag{})),
                        limits::kSensors};

}  // namespace

Bytes encode_pci_section(const std::vector<PciFunction>& functions) {
    return wire::encode_document(kPci, functions);
}
Result<std::vector<PciFunction>> decode_pci_section(ByteView bytes) {
    return wire::decode_section<std::vector<PciFunction>>(kPci, bytes, section::kPci);
}

Bytes encode_storage_section(const std::vector<Drive>& drives) {
    return wire::encode_document(kStorage, drives);
}
Result<std::vector<Drive>> decode_storage_section(ByteView bytes) {
    return wire::decode_section<std::vector<Drive>>(kStorage, bytes, section::kStorage);
}

Bytes encode_network_section(const std::vector<NetworkInterface>& interfaces) {
    return wire::encode_document(kNetwork, interfaces);
}
Result<std::vector<NetworkInterface>> decode_network_section(ByteView bytes) {
    return wire::decode_section<std::vector<NetworkInterface>>(kNetwork, bytes, section::kNetwork);
}

Bytes encode_usb_section(const std::vector<UsbDevice>& devices) {
    return wire::encode_document(kUsb, devices);
}
Result<std::vector<UsbDevice>> decode_usb_section(ByteView bytes) {
    return wire::decode_section<std::vector<UsbDevice>>(kUsb, bytes, section::kUsb);
}

Bytes encode_chassis_section(const std::vector<IntrusionSensor>& sensors) {
    return wire::encode_document(kChassis, sensors);
}
Result<std::vector<IntrusionSensor>> decode_chassis_section(ByteView bytes) {
    return wire::decode_section<std::vector<IntrusionSensor>>(kChassis, bytes, section::kChassis);
}

}  // namespace assay

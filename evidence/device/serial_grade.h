#pragma once

#include <cstdint>
#include <string_view>

namespace assay::usb {

/// How far a serial number, which is the device's own word, tells one device from all others.
enum class SerialGrade : std::uint8_t {
    a,  ///< may name one device: at least 8 different characters, not counted up, and of no other device
    b,  ///< there is one, and it names none: too short, counted up, unprintable, or seen on another device
    c,  ///< none, or one character over and over
};
std::string_view to_string(SerialGrade grade);  ///< "A", "B", "C"

/// What the text alone says. `serial`: as the device sent it.
SerialGrade grade_by_form(std::string_view serial);

/// `on_another_device`: the fleet has seen the same serial on a device with other ids or descriptors.
SerialGrade serial_grade(std::string_view serial, bool on_another_device);

}  // namespace assay::usb

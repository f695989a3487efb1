#pragma once

#include "cli/context.h"
#include "evidence/device/usb_descriptor.h"
#include "evidence/wire/section/sections.h"

namespace assay::cli {

/// Ids, kinds, configurations, interfaces and endpoints, and what is odd about them: all the device's own
/// word.
Json usb_json(const usb::Device& device);
/// A device as the section has it, its descriptors read; where they cannot be, with the reason and their hex.
Json usb_json(const UsbDevice& device);

/// What `assay inspect usb FILE --json` prints: of a `descriptors` file as sysfs has it, or of the encoded
/// section `usb`, which begins with the head of an array.
Result<Json> inspect_usb(ByteView bytes);

}  // namespace assay::cli

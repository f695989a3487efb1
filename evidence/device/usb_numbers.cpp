#include "evidence/device/usb_numbers.h"

#include <algorithm>
#include <charconv>

#include "evidence/base/limits.h"

namespace assay::usb {

void count_number(Bytes& highest, std::string_view port_path, std::uint64_t devnum) {
    constexpr std::uint64_t kMostOfABus = 127;
    if (port_path.starts_with("usb")) port_path.remove_prefix(3);
    std::size_t bus = 0;
    const auto [after, problem] = std::from_chars(port_path.data(), port_path.data() + port_path.size(), bus);
    port_path.remove_prefix(static_cast<std::size_t>(after - port_path.data()));
    if (problem != std::errc{} || (!port_path.empty() && !port_path.starts_with('-'))) return;
    if (bus == 0 || bus > limits::kUsbBuses || devnum == 0 || devnum > kMostOfABus) return;
    if (highest.size() < bus) highest.resize(bus);
    auto& known = highest.at(bus - 1);
    known = std::max(known, static_cast<std::byte>(devnum));
}

bool is_within(ByteView numbers, ByteView highest) {
    for (std::size_t bus = 0; bus < numbers.size(); ++bus) {
        if (numbers[bus] > (bus < highest.size() ? highest[bus] : std::byte{0})) return false;
    }
    return true;
}

}  // namespace assay::usb

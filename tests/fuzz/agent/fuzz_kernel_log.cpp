// Records of the kernel's log, a zero byte between two: what comes out is bounded, printable and not older
// than asked for, and a later question gives a part of what an earlier one gives.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "agent/usb/kernel/kernel_log.h"
#include "evidence/base/text.h"
#include "tests/fuzz/round_trip.h"

using namespace assay;
using namespace assay::agent;

namespace {

constexpr std::uint64_t kLater_ms = 40'000;

bool is_shown(const std::string& text) {
    constexpr std::size_t kLongest = 4096;
    return text.size() <= kLongest && is_utf8(text) && std::ranges::none_of(text, [](char c) {
               return (c >= 0 && c < ' ') || c == 0x7f;  // a terminal would obey them
           });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text(fuzz::view_of(data, size));
    std::vector<std::string> records;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find('\0', at), text.size());
        records.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    const auto all = usb_traces(records, 0);
    if (all.size() > 1024 || all.size() > records.size()) std::abort();
    for (const auto& trace : all) {
        for (const auto* shown : {&trace.port_path, &trace.vendor, &trace.product, &trace.manufacturer,
                                  &trace.name, &trace.serial}) {
            if (!is_shown(*shown)) std::abort();
        }
    }
    const auto later = usb_traces(records, kLater_ms);
    if (later.size() > all.size()) std::abort();
    if (std::ranges::any_of(later, [](const UsbTrace& trace) { return trace.at_ms < kLater_ms; }))
        std::abort();
    return 0;
}

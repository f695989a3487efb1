#pragma once

#include <string>
#include <vector>

#include <fmt/core.h>

#include "tests/support/appraisal/evidence_builder.h"
#include "vendor-db/model/baseline.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"

/// The BMC of EvidenceBuilder's model "Server 1": a virtual disk and keyboard, 046b:ff10, at port 1-1 of
/// 0000:00:14.0. A test puts something else there, or the same elsewhere.
namespace assay::test {

/// The builder's composite device, with these ids.
inline Bytes usb_descriptors_of(std::uint16_t vid, std::uint16_t pid) {
    auto out = build::usb_descriptors();
    const auto put = [&](std::size_t at, std::uint16_t value) {
        out.at(at) = std::byte(value & 0xffU);
        out.at(at + 1) = std::byte(value >> 8U);
    };
    put(8, vid);
    put(10, pid);
    return out;
}

inline UsbDevice bmc_device(const std::string& port = "1-1", Bytes descriptors = build::usb_descriptors()) {
    UsbDevice device{
        port, "0000:00:14.0", 2, std::move(descriptors), "Good Systems", "Virtual disk", "SN-1-1",
        true, "fixed",        {}};
    return device;
}

inline vendors::BaselineDevice baseline_device(const UsbDevice& device, bool bmc = true) {
    const auto seen = judge::seen_device(device).value();
    return {seen.controller, seen.port, seen.vid, seen.pid, seen.interfaces, seen.descriptors, bmc, "", ""};
}

inline vendors::Baseline bmc_baseline() {
    return {"Server 1", "BMC 1", {}, "test", {baseline_device(bmc_device())}, ""};
}

/// The test makers, and these baselines.
inline vendors::VendorDb with_baselines(const std::vector<vendors::Baseline>& baselines) {
    auto sources = test_vendor_sources();
    if (!baselines.empty()) sources.baselines = {{"baselines/test.toml", vendors::to_toml(baselines)}};
    auto loaded = vendors::load(sources);
    require(loaded.has_value(), loaded ? "" : describe(loaded.error()).c_str());
    return *std::move(loaded);
}

/// What is done with a device of the BMC: a medium of `size` bytes, a network interface that is up.
inline JournalRecord bmc_use(const EvidenceBuilder& builder, std::uint64_t size, bool up = false,
                             const std::string& port = "1-1") {
    auto record = builder.event(DeviceEventKind::use);
    record.device = bmc_device(port);
    record.use.emplace();
    record.use->children.push_back({"block", "sr0", "", size});
    if (up) record.use->children.push_back({"net", "usb0", "02:00:00:00:00:01", 0, true});
    return record;
}

}  // namespace assay::test

#pragma once

#include <memory>

#include "agent/devices/host/host.h"
#include "agent/devices/recording.h"

namespace assay::agent {

/// A Host that gives the answers of a recording; `not_found` for what was never asked.
class RecordedHost final : public Host {
  public:
    explicit RecordedHost(Recording recording) : recording_(std::move(recording)) {}

    Result<Bytes> read(std::string_view path, std::size_t limit) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    Result<std::string> link_name(std::string_view path) override;
    Result<std::string> resolve(std::string_view path) override;
    Result<std::vector<std::string>> devices(std::string_view subsystem) override;
    Result<DriverInfo> driver_info(std::string_view interface) override;
    Result<Bytes> ipmi_device_id() override;
    Result<Bytes> usb_descriptors(std::uint8_t bus, std::uint8_t devnum) override;
    Result<HostClock> clock() override;

  private:
    Recording recording_;
};

/// Passes every call to another Host and keeps its answer, also a refusal with its code. Borrows both.
class RecordingHost final : public Host {
  public:
    RecordingHost(Host& host, Recording& recording) : host_(host), recording_(recording) {}

    Result<Bytes> read(std::string_view path, std::size_t limit) override;
    Result<std::vector<std::string>> list(std::string_view path) override;
    Result<std::string> link_name(std::string_view path) override;
    Result<std::string> resolve(std::string_view path) override;
    Result<std::vector<std::string>> devices(std::string_view subsystem) override;
    Result<DriverInfo> driver_info(std::string_view interface) override;
    Result<Bytes> ipmi_device_id() override;
    Result<Bytes> usb_descriptors(std::uint8_t bus, std::uint8_t devnum) override;
    Result<HostClock> clock() override;

  private:
    Host& host_;
    Recording& recording_;
};

/// A RecordedHost over `load_recording(folder)`.
Result<std::unique_ptr<Host>> open_recorded_host(const std::filesystem::path& folder);

}  // namespace assay::agent

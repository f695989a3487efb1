#include "agent/devices/host/real_host.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <libudev.h>
#include <sys/timex.h>
#include <unistd.h>

#include "agent/devices/file_descriptor.h"
#include "agent/devices/host/ioctls.h"
#include "evidence/base/text.h"

namespace assay::agent {

namespace {

using std::string_view_literals::operator""sv;

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
struct Free {
    void operator()(char* text) const { std::free(text); }  // NOLINT(*-no-malloc,*-owning-memory): realpath's
};
struct Unref {
    void operator()(udev* context) const { ::udev_unref(context); }
    void operator()(udev_enumerate* enumerate) const { ::udev_enumerate_unref(enumerate); }
};

std::int64_t milliseconds(const timespec& time) {
    constexpr std::int64_t kPerSecond = 1000;
    constexpr std::int64_t kNanoseconds = 1'000'000;
    return time.tv_sec * kPerSecond + time.tv_nsec / kNanoseconds;
}

std::vector<std::string> devices_of_udev(const std::string& subsystem) {
    std::vector<std::string> paths;
    const std::unique_ptr<udev, Unref> context(::udev_new());
    if (!context) return paths;
    const std::unique_ptr<udev_enumerate, Unref> enumerate(::udev_enumerate_new(context.get()));
    if (!enumerate || ::udev_enumerate_add_match_subsystem(enumerate.get(), subsystem.c_str()) < 0 ||
        ::udev_enumerate_scan_devices(enumerate.get()) < 0) {
        return paths;
    }
    udev_list_entry* entry = nullptr;
    udev_list_entry_foreach(entry, ::udev_enumerate_get_list_entry(enumerate.get())) {
        paths.emplace_back(::udev_list_entry_get_name(entry));
    }
    return paths;
}

class RealHost final : public Host {
  public:
    Result<Bytes> read(std::string_view path, std::size_t limit) override {
        return read_from(path, 0, limit);
    }

    Result<Bytes> read_from(std::string_view path, std::size_t offset, std::size_t limit) override {
        const std::string name(path);
        const FileDescriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
        if (!file) return fail_errno(errno, name);
        if (offset != 0 && ::lseek(file.get(), static_cast<off_t>(offset), SEEK_SET) < 0)
            return fail_errno(errno, name);
        Bytes content;
        std::array<std::byte, 16'384> chunk{};
        while (true) {
            const auto got = ::read(file.get(), chunk.data(), chunk.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return fail_errno(errno, name);
            if (got == 0) return content;
            if (static_cast<std::size_t>(got) > limit - content.size()) {
                return fail(ErrorCode::limit, fmt::format("{} is larger than {} bytes", name, limit));
            }
            content.insert(content.end(), chunk.begin(), chunk.begin() + got);
        }
    }

    Result<std::vector<std::string>> list(std::string_view path) override {
        const std::string name(path);
        const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(name.c_str()));
        if (!directory) return fail_errno(errno, name);
        std::vector<std::string> names;
        errno = 0;
        while (const dirent* entry = ::readdir(directory.get())) {
            const std::string_view found = entry->d_name;
            if (found != "."sv && found != ".."sv) names.emplace_back(found);
        }
        if (errno != 0) return fail_errno(errno, name);
        std::ranges::sort(names);
        return names;
    }

    Result<std::string> link_name(std::string_view path) override {
        std::error_code error;
        const auto target = std::filesystem::read_symlink(path, error);
        if (error) return fail_errno(error.value() == EINVAL ? ENOENT : error.value(), std::string(path));
        return target.filename().string();
    }

    Result<std::string> resolve(std::string_view path) override {
        const std::string name(path);
        const std::unique_ptr<char, Free> resolved(::realpath(name.c_str(), nullptr));
        if (!resolved) return fail_errno(errno, name);
        return std::string(resolved.get());
    }

    Result<std::vector<std::string>> devices(std::string_view subsystem) override {
        auto paths = devices_of_udev(std::string(subsystem));
        if (paths.empty()) paths = TRY(devices_of_sysfs(subsystem));
        std::ranges::sort(paths);
        return paths;
    }

    Result<DriverInfo> driver_info(std::string_view interface) override {
        return ethtool_driver_info(interface);
    }
    Result<Bytes> ipmi_device_id() override { return ipmi_get_device_id(); }
    Result<Bytes> usb_descriptors(std::uint8_t bus, std::uint8_t devnum) override {
        return libusb_descriptors(bus, devnum);
    }

    Result<HostClock> clock() override {
        timespec wall{};
        timespec boot{};
        if (::clock_gettime(CLOCK_REALTIME, &wall) != 0) return fail_errno(errno, "CLOCK_REALTIME");
        if (::clock_gettime(CLOCK_BOOTTIME, &boot) != 0) return fail_errno(errno, "CLOCK_BOOTTIME");
        timex adjustment{};  // modes 0: asks, sets nothing
        const int state = ::adjtimex(&adjustment);
        const bool disciplined = state >= 0 && state != TIME_ERROR && (adjustment.status & STA_UNSYNC) == 0;
        return HostClock{milliseconds(wall), static_cast<std::uint64_t>(milliseconds(boot)), disciplined};
    }

  private:
    /// A subsystem is a bus or a class; without libudev's answer sysfs still lists both.
    Result<std::vector<std::string>> devices_of_sysfs(std::string_view subsystem) {
        auto folder = fmt::format("/sys/bus/{}/devices", subsystem);
        auto names = list(folder);
        if (!names) {
            folder = fmt::format("/sys/class/{}", subsystem);
            names = list(folder);
        }
        if (!names) {
            return fail(names.error().code,
                        fmt::format("subsystem {}: neither a bus nor a class here", subsystem));
        }
        std::vector<std::string> paths;
        for (const auto& name : *names) {
            if (auto path = resolve(fmt::format("{}/{}", folder, name))) paths.push_back(std::move(*path));
        }
        return paths;
    }
};

}  // namespace

std::unique_ptr<Host> make_real_host() {
    return std::make_unique<RealHost>();
}

Result<> write_sysfs_attribute(const std::string& path, std::string_view value) {
    if (!path.starts_with("/sys/devices/") || path.find("/../") != std::string::npos)
        return fail(ErrorCode::internal, printable(path) + ": no attribute of a device");
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file && ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size()))
        return {};
    if (errno == EROFS)
        return fail(ErrorCode::refused,
                    printable(path) + ": the service may not write below /sys (see agent/systemd/gate.conf)");
    return fail_errno(errno, printable(path));
}

}  // namespace assay::agent

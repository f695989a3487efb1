#include "agent/devices/host/sysfs_attribute.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "agent/devices/file_descriptor.h"
#include "evidence/base/text.h"

namespace assay {

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

}  // namespace assay

#include "agent/systemd/passed_socket.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/core.h>
#include <systemd/sd-daemon.h>

namespace assay {

Result<UeventSocket> open_uevent_socket() {
    const int passed = sd_listen_fds(0);  // the environment stays as it is, for the next call
    if (passed < 0) return fail_errno(-passed, "LISTEN_FDS");
    if (passed == 0) return UeventSocket::subscribe();
    if (passed > 1) {
        return fail(ErrorCode::unsupported, fmt::format("expected one socket from systemd, got {}; see "
                                                        "assay-agent.socket",
                                                        passed));
    }
    FileDescriptor copy(fcntl(SD_LISTEN_FDS_START, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START + 1));
    if (!copy) return fail_errno(errno, "the socket that systemd passed");
    return UeventSocket::take_over(std::move(copy));
}

}  // namespace assay

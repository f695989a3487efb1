#include "agent/usb/kernel/uevent_source.h"

#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>

namespace assay::agent {

UeventSource::UeventSource(UeventSocket socket)
    : socket_(std::move(socket)), ready_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    static_cast<void>(socket_.take_drops());  // of before anybody listened
}

void UeventSource::keep(ByteView datagram) {
    const std::lock_guard guard(mutex_);
    if (bytes_ + datagram.size() > kKept) {
        ++waiting_.lost;
        return;
    }
    bytes_ += datagram.size();
    waiting_.datagrams.push_back(to_bytes(datagram));
}

Result<> UeventSource::pump() {
    using Kind = UeventRead::Kind;
    bool any = false;
    for (;;) {
        const auto read = TRY(socket_.read());
        if (read.kind == Kind::nothing) break;
        any = true;
        if (read.kind == Kind::datagram) {
            keep(read.datagram);
            continue;
        }
        const std::lock_guard guard(mutex_);
        if (read.kind == Kind::overrun) waiting_.overrun = true;
        if (read.kind == Kind::cut) ++waiting_.lost;
        if (read.kind == Kind::refused) ++waiting_.refused;
    }
    if (const auto drops = socket_.take_drops(); drops != 0) {
        const std::lock_guard guard(mutex_);
        waiting_.lost += drops;
        any = true;
    }
    if (any) static_cast<void>(eventfd_write(ready_.get(), 1));
    return {};
}

Result<> UeventSource::run(int stop_fd) {
    for (;;) {
        std::array<pollfd, 2> wait{{{socket_.fd(), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
        if (poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR)
            return fail_errno(errno, "waiting for uevents");
        if (wait[1].revents != 0) return {};
        TRY_VOID(pump());
    }
}

void UeventSource::poke() const {
    static_cast<void>(eventfd_write(ready_.get(), 1));
}

UeventSource::Batch UeventSource::take() {
    eventfd_t ignored = 0;
    static_cast<void>(eventfd_read(ready_.get(), &ignored));
    const std::lock_guard guard(mutex_);
    bytes_ = 0;
    return std::exchange(waiting_, {});
}

}  // namespace assay::agent

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <sys/socket.h>

#include "agent/devices/file_descriptor.h"
#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::agent {

/// Who sent a datagram, by the kernel's word.
struct UeventSender {
    std::optional<std::uint32_t> netlink_port;  ///< nl_pid; nothing where the socket is not netlink
    std::optional<ucred> credentials;           ///< SCM_CREDENTIALS
};

/// Netlink port 0 and pid, uid and gid 0: nobody but the kernel can send that. (Any process with
/// CAP_NET_ADMIN can send to the group; its port is its own.)
bool is_kernel(const UeventSender& sender);

/// One read from the socket.
struct UeventRead {
    enum class Kind : std::uint8_t {
        datagram,  ///< `datagram` is from the kernel and whole
        nothing,   ///< no more for now
        refused,   ///< one of another sender was dropped
        cut,       ///< one was longer than the buffer (MSG_TRUNC) and was dropped: an event is lost
        overrun,   ///< ENOBUFS: the kernel dropped events
    };
    Kind kind = Kind::nothing;
    ByteView datagram;  ///< valid until the next read
};

/// A datagram socket that uevents come from. `subscribe` makes the kernel's, `take_over` takes one that a
/// service manager made; `adopt` takes any other, for tests.
class UeventSocket {
  public:
    /// NETLINK_KOBJECT_UEVENT, group 1 alone: what the kernel sends, not what udevd repeats in group 2. With
    /// a receive buffer of 16 MiB where CAP_NET_ADMIN allows it (then 20,000 events to a stalled reader are
    /// kept); else what net.core.rmem_max allows.
    static Result<UeventSocket> subscribe();
    /// A socket that somebody else has opened and bound, with what waits in it (systemd.socket(5),
    /// ListenNetlink=kobject-uevent 1). `unsupported`, with what it is instead, unless it is a netlink socket
    /// of NETLINK_KOBJECT_UEVENT that is in group 1 and in no other.
    static Result<UeventSocket> take_over(FileDescriptor socket);
    static UeventSocket adopt(FileDescriptor socket, bool (*accepted)(const UeventSender&));

    /// Never blocks. Events are read in the order in which they were sent.
    Result<UeventRead> read();
    /// Datagrams that the kernel dropped since the last call (SO_MEMINFO, SK_MEMINFO_DROPS).
    std::uint64_t take_drops();
    [[nodiscard]] int fd() const { return socket_.get(); }
    [[nodiscard]] std::size_t buffer_size() const;  ///< bytes, as the kernel counts them

  private:
    UeventSocket(FileDescriptor socket, bool (*accepted)(const UeventSender&));
    FileDescriptor socket_;
    bool (*accepted_)(const UeventSender&);
    std::uint32_t drops_ = 0;
    std::vector<std::byte> buffer_;
};

}  // namespace assay::agent

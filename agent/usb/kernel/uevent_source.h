#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "agent/usb/kernel/uevent_socket.h"

namespace assay::agent {

/// Takes uevents out of the kernel's queue as fast as they come, and keeps them until they are handled: a
/// worker that waits for a disk or a TPM loses none. What is kept is bounded.
class UeventSource {
  public:
    static constexpr std::size_t kKept = 16U << 20U;  ///< bytes of datagrams that wait to be handled

    explicit UeventSource(UeventSocket socket);

    /// Reads what the socket has now. Never blocks.
    Result<> pump();
    /// Pumps whenever there is something, until `stop_fd` is readable: the whole life of a thread.
    Result<> run(int stop_fd);

    struct Batch {
        std::vector<Bytes> datagrams;  ///< in the kernel's order
        std::uint64_t lost = 0;        ///< by the kernel's count of drops, cut messages, or a full store
        bool overrun = false;          ///< the kernel said that it dropped some (ENOBUFS)
        std::uint64_t refused = 0;     ///< of other senders; dropped
    };
    /// What has come since the last call; any thread. `fd` is readable when there is something.
    Batch take();
    [[nodiscard]] int fd() const { return ready_.get(); }
    /// Makes `fd` readable: the worker looks whether all is well.
    void poke() const;
    [[nodiscard]] int socket_fd() const { return socket_.fd(); }

  private:
    void keep(ByteView datagram);

    UeventSocket socket_;
    FileDescriptor ready_;
    std::mutex mutex_;
    Batch waiting_;
    std::size_t bytes_ = 0;
};

}  // namespace assay::agent

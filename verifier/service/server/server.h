#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "verifier/service/server/limits.h"
#include "verifier/service/server/tls_context.h"
#include "verifier/service/shared/service.h"

namespace assay::server {

struct ServerConfig {
    std::string address = "127.0.0.1";  ///< an IP address
    std::uint16_t port = 8443;          ///< 0 picks a free one
    unsigned threads = 0;               ///< for connections, and again for work; 0: one a processor
    TlsFiles tls;
    ServerLimits limits;
};

/// The HTTPS service: the API's endpoints behind TLS and limits.
class Server {
  public:
    /// Listens; serves nothing yet. `service` must outlive the server. `usage` for an address that cannot be
    /// used. From now on the process ignores SIGPIPE, and may open as many files as connections need.
    static Result<std::unique_ptr<Server>> listen(const ServerConfig& config, api::Service& service);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] std::uint16_t port() const;
    /// Serves until SIGINT or SIGTERM, or `stop`; then finishes the requests that are being served.
    void run();
    /// From any thread.
    void stop();

  private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace assay::server

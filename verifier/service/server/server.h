#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "verifier/service/server/limits.h"
#include "verifier/service/server/tls_context.h"
#include "verifier/service/shared/service_in_use.h"

namespace assay::server {

struct ServerConfig {
    std::string address = "127.0.0.1";  ///< an IP address
    std::uint16_t port = 8443;          ///< 0 picks a free one
    unsigned threads = 0;               ///< for connections, and again for work; 0: one a processor
    TlsFiles tls;
    ServerLimits limits;
    /// Called so often by the event loops, as long as each of them turns; 0: never. It must not wait.
    std::chrono::microseconds alive_every{0};
    std::function<void()> alive = {};
};

/// The HTTPS service: the API's endpoints behind TLS and limits.
class Server {
  public:
    /// Listens; serves nothing yet. `usage` for an address that cannot be
    /// used. From now on the process ignores SIGPIPE, and may open as many files as connections need.
    static Result<std::unique_ptr<Server>> listen(const ServerConfig& config,
                                                  std::shared_ptr<api::Service> service);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] std::uint16_t port() const;
    /// Serves until SIGINT or SIGTERM, or `stop`; then finishes the requests that are being served.
    void run();
    /// From any thread.
    void stop();

    /// The TLS files once more, one context for each thread; nothing is changed yet. `usage` for a file that
    /// cannot be used. From any thread.
    [[nodiscard]] Result<std::vector<TlsContext>> load_tls_again() const;
    /// From now on requests are answered by `service`, and new connections have these contexts. What has
    /// begun ends as it began. From any thread, while it runs.
    void use(std::vector<TlsContext> contexts, std::shared_ptr<api::Service> service);

  private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace assay::server

#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/handshake.h"
#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

namespace assay::client {

struct ClientConfig {
    std::string server;             ///< "https://verifier.example:8443"
    std::filesystem::path ca_file;  ///< PEM, one or more: the only authorities that are believed
    std::filesystem::path
        cert_file;  ///< PEM, an operator's certificate and those between it and the CA; empty for an agent
    std::filesystem::path key_file;
    /// "http://HOST:PORT" or "socks5h://HOST:PORT", always; empty: none. Not given: HTTPS_PROXY, but for the
    /// loopback and hosts that NO_PROXY names.
    std::optional<std::string> proxy = std::nullopt;
    /// What a person should be told of a connection that works: a certificate near its end. At most once a
    /// day for each.
    std::function<void(const std::string& text)> warn = nullptr;
    std::chrono::milliseconds timeout{30'000};
    const std::atomic<bool>* cancelled =
        nullptr;  ///< borrowed; once true, a request that runs ends with `io` within a second
};

/// What the server answered, whatever its status.
struct HttpResponse {
    int status = 0;
    std::string content_type;
    Bytes body;
};

/// What a response of status 400 or above says, from its problem+json: 401/403 refused, 404 not_found, 409
/// conflict, 413 limit, other 4xx usage, 5xx io. The text is printable.
Error problem_of(const HttpResponse& response);

/// HTTPS by libcurl: TLS 1.3, the server checked against `ca_file` and its name, no redirects followed, at
/// most 64 MiB read. Keeps its connection. Not thread-safe.
class HttpsClient {
  public:
    static Result<HttpsClient> make(ClientConfig config);
    HttpsClient(HttpsClient&&) noexcept;
    HttpsClient& operator=(HttpsClient&&) noexcept;
    ~HttpsClient();

    /// `path` begins with "/". An answer with any status is a response; `io` where there was none (with the
    /// remedy).
    Result<HttpResponse> get(std::string_view path);
    Result<HttpResponse> post(std::string_view path, std::string_view content_type, ByteView body);

    /// The same, with JSON both ways; a status outside of 2xx becomes an Error by `problem_of`.
    Result<std::string> get_json(std::string_view path);
    Result<std::string> post_json(std::string_view path, std::string_view body);

    [[nodiscard]] std::string server() const;  ///< its URL, printable
    /// What the last handshake showed; of the server where a request was answered.
    [[nodiscard]] const Handshake& handshake() const;
    /// The client's own certificate, where it has one that can be read.
    [[nodiscard]] const std::optional<SeenCertificate>& own_certificate() const;

  private:
    struct Impl;
    explicit HttpsClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace assay::client

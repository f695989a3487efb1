#pragma once

#include <chrono>
#include <cstddef>

namespace assay::server {

/// What a client may take of the server. The sizes of bodies are the endpoints' own (api::body_limit).
struct ServerLimits {
    std::size_t header = 16U << 10U;            ///< bytes of request line and fields
    std::size_t connections = 4096;             ///< open at once
    std::size_t connections_per_address = 256;  ///< of one IP address
    std::size_t requests_per_connection = 10'000;
    std::size_t bodies = 512U << 20U;  ///< bytes of all bodies being read or worked on
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds idle{60'000};         ///< between requests
    std::chrono::milliseconds header_time{10'000};  ///< from a request's first byte to its last header
    std::chrono::milliseconds body_time{10'000};    ///< for the whole body, and more by its length:
    std::size_t body_rate = 256U << 10U;            ///< bytes a second
    std::chrono::milliseconds write_time{60'000};
    std::chrono::milliseconds grace{10'000};  ///< for open requests when the server stops
};

}  // namespace assay::server

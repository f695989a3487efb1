#pragma once

#include <chrono>
#include <cstddef>

namespace assay::server {

/// What a client may take of the server. The sizes of bodies are the endpoints' own (api::plan). An address
/// is an IPv4 address or a /64 of IPv6; an operator is who shows the certificate of one, and everybody else a
/// stranger.
struct ServerLimits {
    std::size_t header = 16U << 10U;  ///< bytes of request line and fields
    std::size_t connections = 4096;   ///< open at once; beyond it a stranger's is closed for a new one
    std::size_t connections_per_address = 256;  ///< of one address
    std::size_t requests_per_connection = 10'000;
    std::size_t small_body = 64U << 10U;  ///< bytes for which each connection brings the room with it
    std::size_t bodies = 512U << 20U;     ///< bytes beyond that, of all strangers' bodies
    std::size_t bodies_per_address = 128U << 20U;  ///< likewise, of one address
    std::size_t operators_bodies = 256U << 20U;    ///< likewise, of all operators' bodies
    std::size_t queue = 1024;                      ///< small requests that wait for a worker
    std::size_t large_queue = 64;                  ///< requests with a larger body that do
    std::size_t queue_per_address = 128;           ///< of one address, with those that are being worked on
    std::chrono::milliseconds handshake{10'000};
    std::chrono::milliseconds idle{60'000};         ///< between requests
    std::chrono::milliseconds header_time{10'000};  ///< from a request's first byte to its last header
    std::chrono::milliseconds body_time{10'000};    ///< for the whole body, and more by what has come of it:
    std::size_t body_rate = 256U << 10U;            ///< bytes a second
    std::chrono::milliseconds write_time{60'000};
    std::chrono::milliseconds grace{10'000};  ///< for open requests when the server stops
};

}  // namespace assay::server

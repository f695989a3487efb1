#pragma once

#include <array>
#include <unordered_set>

#include <boost/asio/io_context.hpp>

#include "verifier/service/server/admission.h"
#include "verifier/service/server/tls_context.h"
#include "verifier/service/server/workers.h"
#include "verifier/service/shared/service.h"

namespace assay::server {

class Connection;

/// What the connections of one thread share; only that thread touches it. A connection lives on one thread,
/// so there is nothing to lock.
struct IoThread {
    explicit IoThread(TlsContext context) : tls(std::move(context)) {}

    TlsContext tls;
    std::array<char, 16U << 10U> scratch{};  ///< what was read last; good until something is awaited
    std::unordered_set<Connection*> open;
    bool stopping = false;
    boost::asio::io_context io{1};  ///< ends before what its connections use
};

/// What all connections share.
struct Shared {
    const ServerLimits& limits;
    api::Service& service;
    Admission& admission;
    Workers& workers;
};

}  // namespace assay::server

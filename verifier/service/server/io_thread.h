#pragma once

#include <array>
#include <unordered_set>

#include <boost/asio/io_context.hpp>

#include "verifier/service/server/admission.h"
#include "verifier/service/server/tls_context.h"
#include "verifier/service/server/workers.h"
#include "verifier/service/shared/service_in_use.h"

namespace assay::server {

class Connection;

/// What the connections of one thread share; only that thread touches it. A connection lives on one thread,
/// so there is nothing to lock.
struct IoThread {
    IoThread(TlsContext::Library own, TlsContext context)
        : library(std::move(own)), tls(std::move(context)) {}

    const TlsContext::Library library;  ///< of every context that `tls` was and will be
    TlsContext tls;
    std::array<char, 16U << 10U> scratch{};  ///< what was read last; good until something is awaited
    std::unordered_set<Connection*> open;
    bool stopping = false;
    boost::asio::io_context io{1};  ///< ends before what its connections use
};

/// What all connections share.
struct Shared {
    const ServerLimits& limits;
    const api::ServiceInUse& services;
    api::Metrics& metrics;
    Admission& admission;
    Workers& workers;
};

}  // namespace assay::server

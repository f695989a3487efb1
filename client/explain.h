#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "client/handshake.h"
#include "evidence/base/cause.h"

namespace assay::client {

/// What is known of a request that got no answer. Texts are printable.
struct Failure {
    CURLcode code = CURLE_OK;
    std::string words;       ///< libcurl's
    int os_error = 0;        ///< of connect(2); 0 where there was none
    int proxy_status = 0;    ///< what a proxy answered CONNECT with; 0 where it was not asked
    bool connected = false;  ///< TLS was agreed upon
    Handshake handshake;
    std::optional<SeenCertificate> own;  ///< the client's certificate, where it has one
    std::string server;                  ///< its URL
    std::string ca_file;
    std::string proxy;         ///< without name and password; empty for none
    std::int64_t now = 0;      ///< this machine's clock, Unix time, seconds
    bool disciplined = false;  ///< a time source disciplines that clock
};

/// The row of causes.inc that says why.
Cause cause_of(const Failure& failure);

/// That row in words, with what shows it: times, names, results.
Error explain(const Failure& failure);

/// Whether a time source disciplines this machine's clock (adjtimex(2)).
bool clock_is_disciplined();

}  // namespace assay::client

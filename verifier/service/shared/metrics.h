#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "evidence/wire/attestation_result.h"
#include "verifier/judge/appraisal/steps/prove.h"

namespace assay::api {

/// What /metrics shows. Label values come from fixed sets only: nothing that a client chooses becomes one.
/// Thread-safe.
class Metrics {
  public:
    Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    ~Metrics();

    void attestation(Tier tier);
    void request(std::string_view verb, std::string_view path_pattern, int status, double seconds);
    void count_error(ErrorCode code);
    void enrolment_refused(std::string_view finding);  ///< id of one of the findings "admission.*"
    void evidence_unproven(judge::Unproven reason);
    void set_hosts(std::uint64_t hosts);
    void set_hosts_silent(std::uint64_t hosts);
    void set_connections(std::int64_t open);
    /// When a certificate of the verifier's own ends, Unix time, seconds: "server", "ca", "operator".
    void set_certificate(std::string_view certificate, std::int64_t not_after);
    void reloaded(bool taken);
    void connection_refused(std::string_view reason);  ///< "limit", "limit_per_address", "handshake"
    void connection_evicted(std::string_view phase);   ///< "handshake", "idle", "transfer"
    /// "path", "method", "role", "type", "length", "ticket", "framing", "share",
    /// "queue"
    void request_refused(std::string_view reason);
    void set_queue(std::string_view lane, std::size_t waiting);  ///< "quick", "operators", "small", "large"
    void queued(std::string_view lane, double seconds);          ///< how long a request had to wait

    [[nodiscard]] std::string text() const;  ///< Prometheus text format 0.0.4

  private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace assay::api

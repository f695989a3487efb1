#include "verifier/service/shared/metrics.h"

#include <array>
#include <map>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "verifier/judge/appraisal/checks/findings.h"

namespace assay::api {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                       0.1,    0.25,  0.5,    1,     2.5,  5,     10};

constexpr std::array kUnproven{judge::Unproven::malformed, judge::Unproven::nonce,
                               judge::Unproven::host,      judge::Unproven::signature,
                               judge::Unproven::binding,   judge::Unproven::replayed};

}  // namespace

struct Metrics::Families {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& attestations = prometheus::BuildCounter()
                                                                .Name("assay_attestations_total")
                                                                .Help("Stored results by tier")
                                                                .Register(registry);
    prometheus::Family<prometheus::Histogram>& requests = prometheus::BuildHistogram()
                                                              .Name("assay_request_duration_seconds")
                                                              .Help("Requests by endpoint and status")
                                                              .Register(registry);
    prometheus::Family<prometheus::Counter>& errors = prometheus::BuildCounter()
                                                          .Name("assay_errors_total")
                                                          .Help("Requests refused, by code")
                                                          .Register(registry);
    prometheus::Family<prometheus::Counter>& applicants = prometheus::BuildCounter()
                                                              .Name("assay_enrolments_refused_total")
                                                              .Help("Applicants refused, by finding")
                                                              .Register(registry);
    prometheus::Family<prometheus::Counter>& unproven = prometheus::BuildCounter()
                                                            .Name("assay_evidence_unproven_total")
                                                            .Help("Evidence whose proof failed, by reason")
                                                            .Register(registry);
    prometheus::Gauge& hosts =
        prometheus::BuildGauge().Name("assay_hosts").Help("Enrolled hosts").Register(registry).Add({});
    prometheus::Gauge& hosts_silent = prometheus::BuildGauge()
                                          .Name("assay_hosts_silent")
                                          .Help("Hosts that have not attested for three intervals")
                                          .Register(registry)
                                          .Add({});
    prometheus::Gauge& connections = prometheus::BuildGauge()
                                         .Name("assay_connections")
                                         .Help("Open connections")
                                         .Register(registry)
                                         .Add({});
    prometheus::Family<prometheus::Gauge>& certificates =
        prometheus::BuildGauge()
            .Name("assay_certificate_not_after_seconds")
            .Help("When a certificate of the verifier's own ends, Unix time; of the server the one in use")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& reloads =
        prometheus::BuildCounter()
            .Name("assay_reloads_total")
            .Help("Reloads of policies, vendor data, roots and certificates, by outcome")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& refused =
        prometheus::BuildCounter()
            .Name("assay_connections_refused_total")
            .Help("Connections closed before a request, by reason")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& evicted =
        prometheus::BuildCounter()
            .Name("assay_connections_evicted_total")
            .Help("Strangers' connections closed to make room for new ones, by what they were doing")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& requests_refused =
        prometheus::BuildCounter()
            .Name("assay_requests_refused_total")
            .Help("Requests that no endpoint saw, by reason")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& queue = prometheus::BuildGauge()
                                                       .Name("assay_queue_length")
                                                       .Help("Requests that wait for a worker, by lane")
                                                       .Register(registry);
    prometheus::Family<prometheus::Histogram>& queue_wait = prometheus::BuildHistogram()
                                                                .Name("assay_queue_wait_seconds")
                                                                .Help("Waits for a worker, by lane")
                                                                .Register(registry);
    struct Lane {
        prometheus::Gauge* waiting;
        prometheus::Histogram* wait;
    };
    std::map<std::string, Lane, std::less<>> lanes;  // looked up twice in each request
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
    // A tier that never came is 0, not absent: an alert on its rate must have something to look at.
    for (const auto tier : {Tier::none, Tier::affirming, Tier::warning, Tier::contraindicated}) {
        families_->attestations.Add({{"tier", std::string(to_string(tier))}});
    }
    for (const auto reason : kUnproven) families_->unproven.Add({{"reason", std::string(to_string(reason))}});
    for (const auto* kind : judge::finding_kinds()) {
        if (kind->id.starts_with("admission."))
            families_->applicants.Add({{"finding", std::string(kind->id)}});
    }
    for (const auto code :
         {ErrorCode::malformed, ErrorCode::truncated, ErrorCode::limit, ErrorCode::unsupported,
          ErrorCode::not_found, ErrorCode::refused, ErrorCode::conflict, ErrorCode::io, ErrorCode::tpm,
          ErrorCode::crypto, ErrorCode::usage, ErrorCode::internal}) {
        families_->errors.Add({{"code", std::string(to_string(code))}});
    }
    for (const auto* outcome : {"taken", "refused"}) families_->reloads.Add({{"outcome", outcome}});
    for (const auto* phase : {"handshake", "idle", "transfer"}) families_->evicted.Add({{"phase", phase}});
    for (const auto* reason :
         {"path", "method", "role", "type", "length", "ticket", "framing", "share", "queue"}) {
        families_->requests_refused.Add({{"reason", reason}});
    }
    for (const auto* lane : {"quick", "operators", "small", "large"}) {
        families_->lanes[lane] = {&families_->queue.Add({{"lane", lane}}),
                                  &families_->queue_wait.Add({{"lane", lane}}, kSeconds)};
    }
}
Metrics::~Metrics() = default;

void Metrics::attestation(Tier tier) {
    families_->attestations.Add({{"tier", std::string(to_string(tier))}}).Increment();
}

void Metrics::enrolment_refused(std::string_view finding) {
    families_->applicants.Add({{"finding", std::string(finding)}}).Increment();
}

void Metrics::evidence_unproven(judge::Unproven reason) {
    families_->unproven.Add({{"reason", std::string(to_string(reason))}}).Increment();
}

void Metrics::request(std::string_view verb, std::string_view path_pattern, int status, double seconds) {
    families_->requests
        .Add({{"method", std::string(verb)},
              {"path", std::string(path_pattern)},
              {"status", std::to_string(status)}},
             kSeconds)
        .Observe(seconds);
}

void Metrics::count_error(ErrorCode code) {
    families_->errors.Add({{"code", std::string(to_string(code))}}).Increment();
}

void Metrics::set_hosts(std::uint64_t hosts) {
    families_->hosts.Set(static_cast<double>(hosts));
}
void Metrics::set_hosts_silent(std::uint64_t hosts) {
    families_->hosts_silent.Set(static_cast<double>(hosts));
}
void Metrics::set_connections(std::int64_t open) {
    families_->connections.Set(static_cast<double>(open));
}

void Metrics::set_certificate(std::string_view certificate, std::int64_t not_after) {
    families_->certificates.Add({{"certificate", std::string(certificate)}})
        .Set(static_cast<double>(not_after));
}

void Metrics::reloaded(bool taken) {
    families_->reloads.Add({{"outcome", taken ? "taken" : "refused"}}).Increment();
}

void Metrics::connection_refused(std::string_view reason) {
    families_->refused.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::connection_evicted(std::string_view phase) {
    families_->evicted.Add({{"phase", std::string(phase)}}).Increment();
}

void Metrics::request_refused(std::string_view reason) {
    families_->requests_refused.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::set_queue(std::string_view lane, std::size_t waiting) {
    if (const auto found = families_->lanes.find(lane); found != families_->lanes.end())
        found->second.waiting->Set(static_cast<double>(waiting));
}

void Metrics::queued(std::string_view lane, double seconds) {
    if (const auto found = families_->lanes.find(lane); found != families_->lanes.end())
        found->second.wait->Observe(seconds);
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace assay::api

#include "verifier/api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "verifier/appraisal/findings.h"

namespace assay::api {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                       0.1,    0.25,  0.5,    1,     2.5,  5,     10};

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
    prometheus::Family<prometheus::Counter>& applicants =
        prometheus::BuildCounter()
            .Name("assay_enrolments_refused_total")
            .Help("Applicants refused for their identity, by finding")
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
    prometheus::Family<prometheus::Counter>& refused =
        prometheus::BuildCounter()
            .Name("assay_connections_refused_total")
            .Help("Connections closed before a request, by reason")
            .Register(registry);
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
    // A tier that never came is 0, not absent: an alert on its rate must have something to look at.
    for (const auto tier : {Tier::none, Tier::affirming, Tier::warning, Tier::contraindicated}) {
        families_->attestations.Add({{"tier", std::string(to_string(tier))}});
    }
    for (const auto* kind : finding_kinds()) {
        if (kind->id.starts_with("admission."))
            families_->applicants.Add({{"finding", std::string(kind->id)}});
    }
}
Metrics::~Metrics() = default;

void Metrics::attestation(Tier tier) {
    families_->attestations.Add({{"tier", std::string(to_string(tier))}}).Increment();
}

void Metrics::enrolment_refused(std::string_view finding) {
    families_->applicants.Add({{"finding", std::string(finding)}}).Increment();
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

void Metrics::connection_refused(std::string_view reason) {
    families_->refused.Add({{"reason", std::string(reason)}}).Increment();
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace assay::api

#include "verifier/service/api/silent_hosts.h"

#include "verifier/judge/appraisal/facts/standing/silence.h"

namespace assay::api {

bool is_silent(Service& service, const store::Contact& contact) {
    return is_silence(service.policies.of(contact.labels), contact.last(), service.now());
}

Finding silence_of(Service& service, const store::Contact& contact) {
    return silent_finding(service.policies.of(contact.labels), contact.last(),
                          contact.attested_at >= contact.enrolled_at, service.now());
}

}  // namespace assay::api

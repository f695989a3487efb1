#pragma once

#include "tests/attacks/api_attack.h"

namespace assay::test {

/// A world with one enrolled host, and an attacker with a TPM of its own.
struct EnrolledWorld {
    TestService service;
    SoftwareTpm host{2}, attacker{2};
    EnrolledWorld() { admit_host(service, host); }

    Outcome asks(
        const SoftwareTpm& tpm, const std::string& name,
        const std::function<void(Application&)>& change = [](Application&) {}) {
        Application application(tpm, name);
        application.token = token_for(service, name);
        change(application);
        return enrol(service, tpm, application);
    }
    /// The honest twin of most: another machine under a name of its own.
    static Outcome another_machine() {
        EnrolledWorld world;
        return world.asks(world.attacker, "rack-8");
    }
};

}  // namespace assay::test

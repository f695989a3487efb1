#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/support/appraisal/evidence_builder.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/judge/appraisal/policy/proposal.h"
#include "verifier/service/store/attestations/attestations.h"

// assay-bench-rehearsal [HOSTS]   stores an attestation of each host (10,000, if not said otherwise) and
// rehearses another policy over all of them, through the API's own dispatch. JSON, milliseconds.
namespace {

using namespace assay;
using namespace assay::judge;
using namespace assay::test;
using Clock = std::chrono::steady_clock;

std::int64_t since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

void attest(TestService& service, const std::string& name, bool is_odd) {
    service.enrol(name);
    EvidenceBuilder host;
    host.host = name;
    if (is_odd) host.log.add(4, tcg::EV_EFI_ACTION, to_bytes(std::string("Exit to the shell")));
    auto made = host.build();
    made.bundle.known_host.name = name;
    made.bundle.challenge.nonce = made.bundle.evidence.nonce = to_bytes(sha256(as_view(name)).view());
    host.seal(made);
    const auto appraisal = appraise(made.inputs());
    store::Attestation attestation;
    attestation.result = appraisal.result;
    const auto names = result_names(appraisal.result);
    attestation.result_id = names.id;
    attestation.conclusion = names.conclusion;
    attestation.evidence = made.bundle.evidence;
    attestation.challenge = made.bundle.challenge;
    attestation.known_before = made.bundle.known_host;
    attestation.nonce_expires_at = made.bundle.challenge.expires_at;
    const auto stored = store::Attestations(service.store()).add(attestation);
    if (!stored) throw std::runtime_error(describe(stored.error()));
}

nlohmann::json measure(long hosts) {
    TestService service;
    const auto filling = Clock::now();
    for (long i = 0; i < hosts; ++i) attest(service, fmt::format("rack-{:05}", i), i % 100 == 0);
    const auto filled = since(filling);
    service.now = kNow;
    service.service().judge = judge::judge;
    std::ifstream file(ASSAY_SOURCE_DIR "/verifier/policies/strict.toml", std::ios::binary);
    Proposal proposal;
    proposal.policies = {{"strict.toml", {std::istreambuf_iterator<char>(file), {}}}};
    const auto body = std::string(as_text(encode_proposal(proposal)));
    const auto start = Clock::now();
    std::string after;
    std::size_t judged = 0;
    std::size_t changed = 0;
    do {
        const auto answer = json_of(service.call(
            api::Verb::post, "/v1/rehearsal?limit=500" + (after.empty() ? "" : "&after=" + after), body,
            TestService::an_operator(), "application/cbor"));
        judged += answer.at("judged").get<std::size_t>();
        changed += answer.at("changed").size();
        after = answer.at("next").is_null() ? "" : answer.at("next").get<std::string>();
    } while (!after.empty());
    return {{"hosts", hosts},
            {"filled_ms", filled},
            {"rehearsed_ms", since(start)},
            {"judged", judged},
            {"changed", changed}};
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto hosts = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 10'000;
        std::cout << measure(hosts).dump(2) << "\n";
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "assay-bench-rehearsal: " << error.what() << "\n";
        return 1;
    }
}

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>

#include "evidence/tpm/quote.h"
#include "evidence/wire/section/section_names.h"
#include "tests/unit/verifier/service/api/attest/submission.h"
#include "tests/unit/verifier/service/api/test_service.h"
#include "verifier/service/store/attestations/attestations.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::api;
using namespace assay::test;

TEST_CASE("evidence for a challenge is appraised, stored and answered") {
    TestService service;
    service.enrol("web-1");
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), two_sections());
    const auto response = service.submit("web-1", evidence);
    REQUIRE(response.status == 200);
    const auto answer = json_of(response);
    REQUIRE(answer.at("tier") == "affirming");
    const auto stored = store::Results(service.store()).newest("web-1");
    REQUIRE(answer.at("result_id") == stored->result_id);
    REQUIRE(claims_of(answer).at("assay.conclusion") == stored->conclusion);
    // The answer holds the canonical bytes themselves.
    REQUIRE(response.body.find("\"result\":" + encode_attestation_result(stored->result)) !=
            std::string::npos);
    REQUIRE(attestation_result_id(stored->result) == stored->result_id);
    // Signed anew, the token says the same, and which acts there are by now.
    const auto later = json_of(service.get("/v1/hosts/web-1/result"));
    auto said = claims_of(later);
    said["assay.acts"] = claims_of(answer).at("assay.acts");
    REQUIRE(said == claims_of(answer));
    REQUIRE(later.at("result") == answer.at("result"));
    REQUIRE(json_of(service.get("/v1/results/" + stored->result_id)).at("result") == answer.at("result"));
    REQUIRE(json_of(service.get("/v1/hosts/web-1")).at("result") == answer.at("result"));
}

TEST_CASE("a nonce is good once") {
    TestService service;
    service.enrol("web-1");
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), two_sections());
    REQUIRE(service.submit("web-1", evidence).status == 200);
    const auto result = store::Results(service.store()).newest("web-1")->result_id;
    require_not_proven(service.submit("web-1", evidence));
    REQUIRE(store::Results(service.store()).newest("web-1")->result_id == result);
    REQUIRE(store::Hosts(service.store()).find("web-1")->revision == 1);
}

TEST_CASE("of submissions that race with one nonce, one is answered with a result") {
    TestService service;
    service.enrol("web-1");
    std::atomic<int> calls = 0;
    service.service().judge = [&](const OpenedEvidence&, const Context& inputs) {
        ++calls;
        Appraisal out;
        out.result.host = inputs.known_host.name;
        out.result.appraised_at = inputs.now;
        out.result.inputs["n"] = std::to_string(calls);
        return out;
    };
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), two_sections());
    std::atomic<int> answered = 0;
    std::atomic<int> conflicts = 0;
    {
        std::vector<std::jthread> racers;
        for (int i = 0; i < 6; ++i) {
            racers.emplace_back([&] {
                const auto status = service.submit("web-1", evidence).status;
                if (status == 200) ++answered;
                if (status == 409 || status == 403) ++conflicts;
            });
        }
    }
    REQUIRE(answered == 1);
    REQUIRE(conflicts == 5);
}

TEST_CASE("submissions of one host that race with nonces of their own are all stored") {
    TestService service;
    service.enrol("web-1");
    service.service().judge = [](const OpenedEvidence&, const Context& inputs) {
        Appraisal out;
        out.result.host = inputs.known_host.name;
        out.result.appraised_at = inputs.now;
        out.result.inputs["challenge"] = to_hex(inputs.challenge.nonce);
        if (inputs.known_host.previous) out.result.previous = inputs.known_host.previous->hex();
        out.next = {inputs.known_host.last_clock_ms + 1, 0, 0, 0, {}, true};
        return out;
    };
    std::vector<Evidence> all;
    for (int i = 0; i < 3; ++i)
        all.push_back(TestService::evidence("web-1", service.challenge("web-1"), two_sections()));
    std::atomic<int> answered = 0;
    spdlog::default_logger();  // its registry begins in this thread: three that were first would race for it
    {
        std::vector<std::jthread> racers;
        for (const auto& evidence : all) {
            racers.emplace_back([&] {
                if (service.submit("web-1", evidence).status == 200) ++answered;
            });
        }
    }
    REQUIRE(answered == 3);
    // Each was appraised against what the one before had left: no update was lost.
    REQUIRE(store::Hosts(service.store()).find("web-1")->known.last_clock_ms == 3);
}

TEST_CASE("a nonce of nobody, cut, lengthened or changed in any byte is not proven") {
    TestService service;
    service.enrol("web-1");
    require_not_proven(
        service.submit("web-1", TestService::evidence("web-1", Bytes(32, std::byte{7}), two_sections())));
    const auto nonce = service.challenge("web-1");
    for (std::size_t i = 0; i < nonce.size(); ++i) {
        auto changed = nonce;
        changed[i] ^= std::byte{1};
        require_not_proven(service.submit("web-1", TestService::evidence("web-1", changed, two_sections())));
    }
    for (const std::size_t size : {0U, 31U, 33U, 64U}) {
        auto sized = nonce;
        sized.resize(size);
        require_not_proven(service.submit("web-1", TestService::evidence("web-1", sized, two_sections())));
        REQUIRE_FALSE(check_nonce(service.service().nonce_key, sized, service.now, 120));
    }
    REQUIRE(service.appraisals == 0);
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", nonce, two_sections())).status == 200);
}

TEST_CASE("what is not proven gets one answer, and leaves no result, section, finding or spent nonce") {
    TestService service;
    service.enrol("web-1");
    service.enrol("web-2");
    const auto nonce = service.challenge();
    const auto honest = TestService::evidence("web-1", nonce, two_sections());
    const auto stranger = fresh_key(Key::p256);
    auto other_key = honest;
    TestService::sign(other_key, stranger.get());
    auto other_manifest = honest;
    other_manifest.manifest = manifest_of("web-1", "00000000-0000-4000-8000-000000000002", two_sections());
    auto other_nonce = TestService::evidence("web-1", service.challenge(), two_sections());
    other_nonce.nonce = nonce;
    auto garbage = honest;
    garbage.quote = to_bytes("quote");
    const auto prove = [&](const std::string& host, const Evidence& evidence) {
        return service.prove(host, {.evidence = evidence, .journal_from = 0, .ima_from = {}});
    };
    require_not_proven(prove("web-1", other_key));
    require_not_proven(prove("web-1", other_manifest));
    require_not_proven(prove("web-1", other_nonce));
    require_not_proven(prove("web-1", garbage));
    require_not_proven(prove("web-2", honest));  // signed, and for another host
    require_not_proven(prove("nobody", TestService::evidence("nobody", nonce, two_sections())));
    require_not_proven(
        service.call(Verb::post, "/v1/hosts/web-1/evidence", "not CBOR", {}, "application/cbor"));
    REQUIRE(service.appraisals == 0);
    REQUIRE(store::Results(service.store()).newest("web-1").error().code == ErrorCode::not_found);
    REQUIRE(store::Attestations(service.store()).held_sections("web-1")->empty());
    // What reviewers see of it is that it came.
    for (const auto& finding : json_of(service.get("/v1/findings")))
        REQUIRE(finding.at("id") == "host.unproven_evidence");
    // An honest host answers the same challenge all the same.
    REQUIRE(prove("web-1", honest).status == 200);
}

TEST_CASE("a challenge tells nobody anything, and asks for no host") {
    TestService service;
    const auto before = json_of(service.call(Verb::post, "/v1/challenge", "", {}, ""));
    service.enrol("web-1");
    REQUIRE(
        service.submit("web-1", TestService::evidence("web-1", service.challenge(), two_sections())).status ==
        200);
    auto after = json_of(service.call(Verb::post, "/v1/challenge", "", {}, ""));
    REQUIRE(before.size() == 4);
    after["nonce"] = before.at("nonce");
    REQUIRE(after == before);
}

TEST_CASE("an agent of the first protocol is told to be updated, and nothing else") {
    TestService service;
    service.enrol("web-1");
    const auto known = service.post("/v1/hosts/web-1/challenge", nlohmann::json::object());
    REQUIRE(known.status == 400);
    REQUIRE(json_of(known).at("code") == "unsupported");
    REQUIRE(known.body.find("assay-agent") != std::string::npos);
    REQUIRE(service.post("/v1/hosts/nobody/challenge", nlohmann::json::object()).body == known.body);
}

TEST_CASE("a nonce is good until its last second and not at its expiry") {
    TestService service;
    service.enrol("web-1");
    const auto first = service.challenge("web-1");
    const auto second = service.challenge("web-1");
    service.now += 119;
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", first, two_sections())).status == 200);
    service.now += 1;
    require_not_proven(service.submit("web-1", TestService::evidence("web-1", second, two_sections())));
}

TEST_CASE("a verifier whose clock went back does not take nonces from its future") {
    TestService service;
    service.enrol("web-1");
    const auto nonce = service.challenge("web-1");
    service.now -= 31;
    require_not_proven(service.submit("web-1", TestService::evidence("web-1", nonce, two_sections())));
}

TEST_CASE("sections that the host holds need not be sent, and the appraisal sees them") {
    TestService service;
    service.enrol("web-1");
    REQUIRE(
        service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), two_sections()))
            .status == 200);
    auto steady = TestService::evidence("web-1", service.challenge("web-1"), two_sections());
    steady.sections.clear();
    REQUIRE(service.prove("web-1", service.proof("web-1", steady)).status == 200);
    REQUIRE(service.last_sections == two_sections());
    REQUIRE(store::Results(service.store()).newest_bundle("web-1")->evidence.sections == two_sections());
}

TEST_CASE("a section that another host holds is wanted of this one, whatever its manifest names") {
    TestService service;
    service.enrol("web-1");
    service.enrol("web-2");
    REQUIRE(
        service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), two_sections()))
            .status == 200);
    auto relayed = TestService::evidence("web-2", service.challenge("web-2"), two_sections());
    relayed.sections.erase("pci");
    const auto response = service.prove("web-2", service.proof("web-2", relayed));
    REQUIRE(response.status == 202);
    REQUIRE(json_of(response).at("wanted") == nlohmann::json{"pci"});
    REQUIRE(store::Results(service.store()).newest("web-2").error().code == ErrorCode::not_found);
    // Nothing was appraised, and the nonce is still good.
    relayed.sections = two_sections();
    REQUIRE(service.submit("web-2", relayed).status == 200);
}

TEST_CASE("journal records that begin elsewhere than the verifier knows are asked for from there") {
    TestService service;
    service.enrol("web-1");
    const TestService::Sections journal{{"journal", to_bytes("records")}};
    const auto evidence = TestService::evidence("web-1", service.challenge(), journal);
    auto proof = service.proof("web-1", evidence);
    proof.journal_from = 7;
    const auto response = service.prove("web-1", proof);
    REQUIRE(response.status == 409);
    REQUIRE(json_of(response).at("code") == "elsewhere");
    REQUIRE(json_of(response).at("journal_acknowledged") == 0);
    REQUIRE(service.appraisals == 0);
    proof.journal_from = 0;
    REQUIRE(service.prove("web-1", proof).status == 200);
}

TEST_CASE("a contraindicated result is stored and answered like any other") {
    TestService service;
    service.enrol("web-1");
    service.service().judge = [&](const OpenedEvidence& opened, const Context& inputs) {
        auto out = service.accept(opened, inputs);
        out.result.tier = Tier::contraindicated;
        out.next.authentic = false;
        return out;
    };
    const auto response =
        service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), two_sections()));
    REQUIRE(response.status == 200);
    REQUIRE(json_of(response).at("tier") == "contraindicated");
    REQUIRE(json_of(service.get("/v1/hosts")).at(0).at("tier") == "contraindicated");
    REQUIRE(store::Attestations(service.store()).held_sections("web-1")->empty());
    REQUIRE(json_of(service.get("/v1/findings?host=web-1")).size() == 1);
}

TEST_CASE("the bundle of the newest attestation is what was appraised") {
    TestService service;
    service.enrol("web-1");
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), two_sections());
    REQUIRE(service.submit("web-1", evidence).status == 200);
    const auto response = service.get("/v1/hosts/web-1/bundle");
    REQUIRE(response.content_type == "application/cbor");
    const auto bundle = decode_saved_bundle(as_view(response.body));
    REQUIRE(bundle);
    REQUIRE(bundle->evidence == evidence);
    REQUIRE(bundle->known_host.last_clock_ms == 0);
    REQUIRE(bundle->challenge.issued_at == kStart);
}

namespace {

/// What an appraisal of "web-1" left behind: it stands after 3 entries.
ImaState ima_state() {
    ImaState state;
    state.boot_id = "00000000-0000-4000-8000-000000000001";
    state.reset_count = 7;
    state.entries = 3;
    state.offset = 276;
    state.value = sha256(as_view("PCR 10"));
    return state;
}

/// Evidence with a part of a list.
Evidence with_part(const Bytes& nonce, const ImaPart& part, std::uint32_t reset_count = 7) {
    return TestService::evidence("web-1", nonce,
                                 {{std::string(section::kImaLogPart), encode_ima_part_section(part)}},
                                 [&](tcg::Quote& quote) { quote.clock_info.reset_count = reset_count; });
}

void require_whole_list_wanted(const Response& response) {
    INFO(response.body);
    REQUIRE(response.status == 409);
    REQUIRE(json_of(response).at("code") == "elsewhere");
    REQUIRE(json_of(response).at("ima").is_null());
}

}  // namespace

TEST_CASE("a result says where the IMA list goes on, and a part that goes on there is appraised") {
    TestService service;
    service.enrol("web-1");
    std::optional<ImaState> next = ima_state();
    service.service().judge = [&](const OpenedEvidence& opened, const Context& inputs) {
        auto out = service.accept(opened, inputs);
        out.next.ima = next;
        return out;
    };
    const auto first =
        service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), two_sections()));
    REQUIRE(first.status == 200);
    const auto start = start_of(ima_state());
    REQUIRE(json_of(first).at("ima") ==
            nlohmann::json{
                {"boot_id", start.boot_id}, {"entries", 3}, {"offset", 276}, {"state", start.state.hex()}});
    const ImaPart part{start.state, start.entries, start.offset, to_bytes("entries")};
    REQUIRE(service.submit("web-1", with_part(service.challenge("web-1"), part)).status == 200);
    REQUIRE(store::Results(service.store()).newest_bundle("web-1")->known_host.ima == ima_state());
    // A list that did not replay left nothing to go on from.
    next.reset();
    const auto last = service.submit("web-1", with_part(service.challenge("web-1"), part));
    REQUIRE(last.status == 200);
    REQUIRE(json_of(last).at("ima").is_null());
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), part)));
}

TEST_CASE(
    "for a part of an IMA list that goes on from elsewhere the whole list is wanted, and nothing judged") {
    TestService service;
    service.enrol("web-1");
    service.service().judge = [&](const OpenedEvidence& opened, const Context& inputs) {
        auto out = service.accept(opened, inputs);
        out.next.ima = ima_state();
        return out;
    };
    const auto start = start_of(ima_state());
    const ImaPart part{start.state, start.entries, start.offset, {}};
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), part)));
    REQUIRE(
        service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), two_sections()))
            .status == 200);
    auto other = part;
    other.state = sha256(as_view("another"));
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), other)));
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), part, 8)));
    REQUIRE(service.appraisals == 1);
    REQUIRE(service.submit("web-1", with_part(service.challenge("web-1"), part)).status == 200);
}

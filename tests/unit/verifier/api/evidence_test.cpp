#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "evidence/tcg/quote.h"
#include "evidence/wire/section_names.h"
#include "tests/unit/verifier/api/test_service.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

namespace {

TestService::Sections sections() {
    return {{"pci", to_bytes("pci bytes")}, {"smbios", to_bytes("smbios bytes")}};
}

void require_nonce_conflict(const Response& response) {
    INFO(response.body);
    REQUIRE(response.status == 409);
    REQUIRE(json_of(response).at("code") == "conflict");
    REQUIRE(json_of(response).at("detail").get<std::string>().starts_with("nonce"));
}

}  // namespace

TEST_CASE("evidence for a challenge is appraised, stored and answered") {
    TestService service;
    service.enrol("web-1");
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), sections());
    const auto response = service.submit("web-1", evidence);
    REQUIRE(response.status == 200);
    const auto answer = json_of(response);
    REQUIRE(answer.at("tier") == "affirming");
    const auto stored = service.store().newest_result("web-1");
    REQUIRE(answer.at("result_id") == stored->result_id);
    REQUIRE(answer.at("jwt") == stored->jwt);
    // The answer holds the canonical bytes themselves: their digest is the id.
    REQUIRE(response.body.find("\"result\":" + stored->result_json) != std::string::npos);
    REQUIRE(sha256(as_view(stored->result_json)).hex() == stored->result_id);
}

TEST_CASE("a nonce is good once") {
    TestService service;
    service.enrol("web-1");
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), sections());
    REQUIRE(service.submit("web-1", evidence).status == 200);
    require_nonce_conflict(service.submit("web-1", evidence));
    REQUIRE(service.appraisals == 1);
}

TEST_CASE("of submissions that race with one nonce, one is answered with a result") {
    TestService service;
    service.enrol("web-1");
    std::atomic<int> calls = 0;
    service.service().appraise = [&](const AppraisalInputs& inputs) {
        ++calls;
        Appraisal out;
        out.result.host = inputs.known_host.name;
        out.result.appraised_at = inputs.now;
        out.result.inputs["n"] = std::to_string(calls);
        return out;
    };
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), sections());
    std::atomic<int> answered = 0;
    std::atomic<int> conflicts = 0;
    {
        std::vector<std::jthread> racers;
        for (int i = 0; i < 6; ++i) {
            racers.emplace_back([&] {
                const auto status = service.submit("web-1", evidence).status;
                if (status == 200) ++answered;
                if (status == 409) ++conflicts;
            });
        }
    }
    REQUIRE(answered == 1);
    REQUIRE(conflicts == 5);
}

TEST_CASE("submissions of one host that race with nonces of their own are all stored") {
    TestService service;
    service.enrol("web-1");
    service.service().appraise = [](const AppraisalInputs& inputs) {
        Appraisal out;
        out.result.host = inputs.known_host.name;
        out.result.appraised_at = inputs.now;
        out.result.inputs["challenge"] = to_hex(inputs.challenge.nonce);
        out.next = {inputs.known_host.last_clock_ms + 1, 0, 0, 0, {}, true};
        return out;
    };
    std::vector<Evidence> all;
    for (int i = 0; i < 3; ++i)
        all.push_back(TestService::evidence("web-1", service.challenge("web-1"), sections()));
    std::atomic<int> answered = 0;
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
    REQUIRE(service.store().host("web-1")->known.last_clock_ms == 3);
}

TEST_CASE("a nonce of another host, of nobody, cut, lengthened or changed in any byte is refused") {
    TestService service;
    service.enrol("web-1");
    service.enrol("web-2");
    const auto foreign = TestService::evidence("web-1", service.challenge("web-2"), sections());
    require_nonce_conflict(service.submit("web-1", foreign));
    require_nonce_conflict(
        service.submit("web-1", TestService::evidence("web-1", Bytes(32, std::byte{7}), sections())));
    const auto nonce = service.challenge("web-1");
    for (std::size_t i = 0; i < nonce.size(); ++i) {
        auto changed = nonce;
        changed[i] ^= std::byte{1};
        require_nonce_conflict(service.submit("web-1", TestService::evidence("web-1", changed, sections())));
    }
    for (const std::size_t size : {0U, 31U, 33U, 64U}) {
        auto sized = nonce;
        sized.resize(size);
        // Another size is not even an evidence document.
        const auto status = service.submit("web-1", TestService::evidence("web-1", sized, sections())).status;
        REQUIRE(status == (size > 32 ? 413 : 400));
        REQUIRE_FALSE(check_nonce(service.service().nonce_key, "web-1", sized, service.now, 120));
    }
    REQUIRE(service.appraisals == 0);
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", nonce, sections())).status == 200);
}

TEST_CASE("a nonce is good until its last second and not at its expiry") {
    TestService service;
    service.enrol("web-1");
    const auto first = service.challenge("web-1");
    const auto second = service.challenge("web-1");
    service.now += 119;
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", first, sections())).status == 200);
    service.now += 1;
    require_nonce_conflict(service.submit("web-1", TestService::evidence("web-1", second, sections())));
}

TEST_CASE("a verifier whose clock went back does not take nonces from its future") {
    TestService service;
    service.enrol("web-1");
    const auto nonce = service.challenge("web-1");
    service.now -= 31;
    require_nonce_conflict(service.submit("web-1", TestService::evidence("web-1", nonce, sections())));
}

TEST_CASE("sections that the host holds need not be sent, and the appraisal sees them") {
    TestService service;
    service.enrol("web-1");
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), sections()))
                .status == 200);
    const auto challenge = json_of(service.post("/v1/hosts/web-1/challenge", nlohmann::json::object()));
    REQUIRE(challenge.at("held").size() == 2);
    auto steady = TestService::evidence("web-1", service.challenge("web-1"), sections());
    steady.sections.clear();
    REQUIRE(service.submit("web-1", steady).status == 200);
    REQUIRE(service.last_sections == sections());
    REQUIRE(service.store().newest_bundle("web-1")->evidence.sections == sections());
}

TEST_CASE("a section that another host holds is missing for this one, and named") {
    TestService service;
    service.enrol("web-1");
    service.enrol("web-2");
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), sections()))
                .status == 200);
    auto relayed = TestService::evidence("web-2", service.challenge("web-2"), sections());
    relayed.sections.erase("pci");
    const auto response = service.submit("web-2", relayed);
    REQUIRE(response.status == 422);
    REQUIRE(json_of(response).at("missing") == nlohmann::json{"pci"});
    // Nothing was appraised, and the nonce is still good.
    relayed.sections = sections();
    REQUIRE(service.submit("web-2", relayed).status == 200);
}

TEST_CASE("a contraindicated result is stored and answered like any other") {
    TestService service;
    service.enrol("web-1");
    service.service().appraise = [&](const AppraisalInputs& inputs) {
        auto out = service.accept(inputs);
        out.result.tier = Tier::contraindicated;
        out.next.authentic = false;
        return out;
    };
    const auto response =
        service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), sections()));
    REQUIRE(response.status == 200);
    REQUIRE(json_of(response).at("tier") == "contraindicated");
    REQUIRE(json_of(service.get("/v1/hosts")).at(0).at("tier") == "contraindicated");
    REQUIRE(service.store().held_sections("web-1")->empty());
    REQUIRE(json_of(service.get("/v1/findings?host=web-1")).size() == 1);
}

TEST_CASE("what is not an evidence document is refused with the place") {
    TestService service;
    service.enrol("web-1");
    const auto response =
        service.call(Verb::post, "/v1/hosts/web-1/evidence", "not CBOR", {}, "application/cbor");
    REQUIRE(response.status == 400);
    REQUIRE(service.submit("nobody", TestService::evidence("nobody", Bytes(32), {})).status == 404);
}

TEST_CASE("the bundle of the newest attestation is what was appraised") {
    TestService service;
    service.enrol("web-1");
    const auto evidence = TestService::evidence("web-1", service.challenge("web-1"), sections());
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

/// Evidence with a part of a list, from an agent that quotes.
Evidence with_part(const Bytes& nonce, const ImaPart& part, std::uint32_t reset_count = 7) {
    auto evidence = TestService::evidence(
        "web-1", nonce, {{std::string(section::kImaLogPart), encode_ima_part_section(part)}});
    tcg::Quote quote;
    quote.extra_data = Bytes(32);
    quote.selection = tcg::pcr_selection_from_text("sha256:10").value();
    quote.pcr_digest = Bytes(32);
    quote.clock_info.reset_count = reset_count;
    evidence.quote = tcg::encode_quote(quote);
    return evidence;
}

void require_whole_list_wanted(const Response& response) {
    INFO(response.body);
    REQUIRE(response.status == 422);
    REQUIRE(json_of(response).at("missing") == nlohmann::json{"ima-log"});
}

}  // namespace

TEST_CASE("a challenge offers where the IMA list goes on, and a part that goes on there is appraised") {
    TestService service;
    service.enrol("web-1");
    const auto challenge = [&] {
        return json_of(service.post("/v1/hosts/web-1/challenge", nlohmann::json::object()));
    };
    REQUIRE_FALSE(challenge().contains("ima"));
    std::optional<ImaState> next = ima_state();
    service.service().appraise = [&](const AppraisalInputs& inputs) {
        auto out = service.accept(inputs);
        out.next.ima = next;
        return out;
    };
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), sections()))
                .status == 200);
    const auto start = start_of(ima_state());
    REQUIRE(challenge().at("ima") ==
            nlohmann::json{
                {"boot_id", start.boot_id}, {"entries", 3}, {"offset", 276}, {"state", start.state.hex()}});
    const ImaPart part{start.state, start.entries, start.offset, to_bytes("entries")};
    REQUIRE(service.submit("web-1", with_part(service.challenge("web-1"), part)).status == 200);
    REQUIRE(service.store().newest_bundle("web-1")->known_host.ima == ima_state());
    // A list that did not replay left nothing to go on from.
    next.reset();
    REQUIRE(service.submit("web-1", with_part(service.challenge("web-1"), part)).status == 200);
    REQUIRE_FALSE(challenge().contains("ima"));
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), part)));
}

TEST_CASE(
    "for a part of an IMA list that goes on from elsewhere the whole list is wanted, and nothing judged") {
    TestService service;
    service.enrol("web-1");
    service.service().appraise = [&](const AppraisalInputs& inputs) {
        auto out = service.accept(inputs);
        out.next.ima = ima_state();
        return out;
    };
    const auto start = start_of(ima_state());
    const ImaPart part{start.state, start.entries, start.offset, {}};
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), part)));
    REQUIRE(service.submit("web-1", TestService::evidence("web-1", service.challenge("web-1"), sections()))
                .status == 200);
    auto further = part;
    ++further.entries;
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), further)));
    auto other = part;
    other.state = sha256(as_view("another"));
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), other)));
    require_whole_list_wanted(service.submit("web-1", with_part(service.challenge("web-1"), part, 8)));
    REQUIRE(service.appraisals == 1);
    REQUIRE(service.submit("web-1", with_part(service.challenge("web-1"), part)).status == 200);
}

#include "verifier/service/api/attest/ticket.h"

#include <catch2/catch.hpp>

#include "tests/unit/verifier/service/api/attest/submission.h"

using namespace assay;
using namespace assay::api;
using namespace assay::test;

TEST_CASE("with a ticket the wanted sections are sent, each as the manifest names it") {
    TestService service;
    service.enrol("web-1");
    const auto whole = TestService::evidence("web-1", service.challenge(), two_sections());
    auto proof = service.proof("web-1", whole);
    proof.evidence.sections.clear();
    const auto asked = json_of(service.prove("web-1", proof));
    REQUIRE(asked.at("wanted") == nlohmann::json{"pci", "smbios"});
    const std::string ticket = asked.at("ticket");
    auto altered = whole;
    altered.sections["pci"] = to_bytes("PCI bytes");
    REQUIRE(service.send_sections(ticket, altered).status == 400);
    altered.sections["pci"] = to_bytes("pci bytes and more");
    REQUIRE(service.send_sections(ticket, altered).status == 400);
    altered = whole;
    altered.sections["usb"] = to_bytes("not named");
    REQUIRE(service.send_sections(ticket, altered).status == 400);
    REQUIRE(service.appraisals == 0);
    auto half = whole;
    half.sections.erase("smbios");
    REQUIRE(json_of(service.send_sections(ticket, half)).at("wanted") == nlohmann::json{"smbios"});
    REQUIRE(service.send_sections(ticket, whole).status == 200);
    REQUIRE(service.last_sections == two_sections());
    // Its nonce is spent: what it was for is done.
    require_not_proven(service.send_sections(ticket, whole));
}

TEST_CASE(
    "a ticket is of one host, nonce and manifest, for two minutes, and changed in any byte of nothing") {
    TestService service;
    service.enrol("web-1");
    const auto whole = TestService::evidence("web-1", service.challenge(), two_sections());
    auto proof = service.proof("web-1", whole);
    proof.evidence.sections.clear();
    const std::string ticket = json_of(service.prove("web-1", proof)).at("ticket");
    require_not_proven(
        service.send_sections(ticket, TestService::evidence("web-1", service.challenge(), two_sections())));
    require_not_proven(
        service.send_sections(ticket, TestService::evidence("web-1", whole.nonce, {{"pci", Bytes(3)}})));
    const auto bytes = must(from_base64url(ticket, 1024));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto changed = bytes;
        changed[i] ^= std::byte{1};
        require_not_proven(service.send_sections(to_base64url(changed), whole));
    }
    auto late = whole;
    service.now += kTicketLifetime_s;
    require_not_proven(service.send_sections(ticket, late));
    REQUIRE(service.appraisals == 0);
}

TEST_CASE("a body larger than its ticket says is refused before it is read") {
    TestService service;
    service.enrol("web-1");
    const auto whole = TestService::evidence("web-1", service.challenge(), {{"pci", Bytes(1000)}});
    auto proof = service.proof("web-1", whole);
    proof.evidence.sections.clear();
    const std::string ticket = json_of(service.prove("web-1", proof)).at("ticket");
    const auto response = service.call(Verb::post, "/v1/evidence/" + ticket, std::string(128U << 10U, 'x'),
                                       {}, "application/cbor");
    REQUIRE(response.status == 413);
    Request head;
    head.verb = Verb::post;
    head.path = "/v1/evidence/" + ticket;
    head.content_type = "application/cbor";
    REQUIRE(plan(head, 60'000, service.service()).value().body_limit < 70'000);
    REQUIRE(plan(head, 128U << 10U, service.service()).error().reason == "length");
    head.path = "/v1/evidence/" + to_base64url(Bytes(120));
    REQUIRE(plan(head, 10, service.service()).error().reason == "ticket");
}

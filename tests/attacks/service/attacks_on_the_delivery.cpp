// What a host was delivered with: parts that were swapped, and certificates that say otherwise.
#include "tests/attacks/api_attack.h"
#include "tests/support/certificates/platform_certificate_builder.h"
#include "verifier/service/store/hosts/admission.h"

using namespace assay;
using namespace assay::test;

namespace {

DeliveredPart delivered(const char* kind, const char* place, const char* model, const char* serial) {
    DeliveredPart part;
    part.kind = kind;
    part.place = place;
    part.model = model;
    part.serial = serial;
    return part;
}

/// The honest machine of the builder, and what it was delivered with.
void delivered_host(EvidenceBuilder& builder) {
    Delivery delivery{"as-built list", std::string(64, 'd'), kNow - 1000, "otto", false, {}};
    delivery.parts = {delivered("memory", "DIMM_A1, BANK 0", "M393", "SN-17"),
                      delivered("drive", "", "Good SSD 1", "S-1"), delivered("nic", "", "", "")};
    delivery.parts.back().mac = "a4bf01010203";
    builder.known.delivery = delivery;
}

/// The delivered machine with this done to it. The twin is the same machine with nothing done.
Outcome after(void (*deed)(EvidenceBuilder&)) {
    EvidenceBuilder builder;
    delivered_host(builder);
    deed(builder);
    return outcome_of(builder.build().appraise().result);
}
Outcome delivered_and_untouched() {
    return after([](EvidenceBuilder&) {});
}

/// A verifier that knows a maker, and rack-7, whose TPM has the certificate that the maker names.
struct World {
    TestService service;
    PlatformWorld maker;

    World() {
        service.now = PlatformWorld::kNow;
        service.platform_roots = {maker.root.der()};
        admit("rack-7", maker.ek);
    }
    void admit(const std::string& host, const tcg::Certificate& ek) {
        const auto digest = [&](const std::string& what) { return sha256(as_view(what + host)).hex(); };
        const store::Identity identity{
            host, digest("ek"), digest("ak"), to_bytes("ek" + host), to_bytes("ak" + host), {ek.der()}};
        const store::Enrolment enrolment{"e" + host,  digest("t"),       identity,
                                         digest("s"), service.now + 300, 0};
        require(store::Enrolments(service.store())
                        .add_token({digest("t"), host, "otto", service.now, service.now + 60, 0}) &&
                    store::Enrolments(service.store()).add(enrolment, service.now) &&
                    store::Enrolments(service.store()).activate(enrolment, service.now),
                "admitted");
    }
    Outcome endorses(const std::vector<Bytes>& certificates, const std::string& host = "rack-7") {
        nlohmann::json body = {{"issuers", {to_base64url(maker.issuer.der())}}};
        for (const auto& each : certificates) body["platform_certificates"].push_back(to_base64url(each));
        const auto answer =
            service.post("/v1/hosts/" + host + "/endorsement", body, TestService::an_operator());
        Outcome out;
        out.passes = answer.status == 201;
        out.said = out.passes ? "kept" : "refused: " + json_of(answer).at("code").get<std::string>();
        if (out.passes) return out;
        require(service.get("/v1/hosts/" + host + "/endorsement").status == 404, "nothing is kept of it");
        // "platform certificate; id: text; id: text"
        std::istringstream detail(json_of(answer).at("detail").get<std::string>());
        for (std::string each; std::getline(detail, each, ';');) {
            const auto begin = each.find_first_not_of(' ');
            if (begin != std::string::npos) out.reasons.push_back(each.substr(begin, each.find(':') - begin));
        }
        return out;
    }
    [[nodiscard]] Bytes made(const PlatformSpec& spec) const { return spec.signed_by(maker.issuer_key); }
    [[nodiscard]] Bytes base() const { return made(maker.base()); }
    static ComponentSpec dimm(const std::string& serial, int status) {
        ComponentSpec spec;
        spec.serial = serial;
        spec.status = status;
        return spec;
    }
    static Outcome honest() {
        World world;
        return world.endorses({world.base(), world.made(PlatformSpec::delta(0, {dimm("NEW1", 0)}))});
    }
};

}  // namespace

ATTACK_RUN(
    "delivery: DIMM swapped", "puts another DIMM of the same model into the slot", "delivery.part_replaced",
    "contraindicated",
    [] {
        return after([](EvidenceBuilder& builder) {
            builder.known.delivery->parts.front().serial = "SN-16";  // SN-17 is there now
        });
    },
    delivered_and_untouched)
ATTACK_RUN(
    "delivery: drive of another host", "swaps the drives of two hosts", "delivery.part_replaced",
    "contraindicated",
    [] { return after([](EvidenceBuilder& builder) { builder.drives.front().serial = "S-8"; }); },
    delivered_and_untouched)
ATTACK_RUN(
    "delivery: drive without a serial", "swaps a drive for one that shows no serial number",
    "delivery.part_unreadable", "warning",
    [] { return after([](EvidenceBuilder& builder) { builder.drives.front().serial = "00000000"; }); },
    delivered_and_untouched)
ATTACK_RUN(
    "delivery: serial on another model", "gives another drive the delivered one's serial number",
    "delivery.part_replaced", "contraindicated",
    [] { return after([](EvidenceBuilder& builder) { builder.drives.front().model = "Good SSD 2"; }); },
    delivered_and_untouched)
ATTACK_RUN(
    "delivery: one NIC more", "adds a network adapter of an approved maker", "delivery.part_extra",
    "contraindicated",
    [] {
        return after([](EvidenceBuilder& builder) {
            builder.nics.push_back(EvidenceBuilder::nic("eth1", 0xa4, 0xbf, 0x01));
            builder.nics.back().permanent_mac.back() = std::byte{9};
        });
    },
    delivered_and_untouched)
ATTACK_RUN(
    "delivery: drive taken out", "takes a drive out", "delivery.part_missing", "contraindicated",
    [] { return after([](EvidenceBuilder& builder) { builder.drives.clear(); }); }, delivered_and_untouched)
ATTACK_RUN(
    "delivery: drives not shown", "leaves the section out in which the swap would show", "section.absent",
    "none",
    [] {
        return after(
            [](EvidenceBuilder& builder) { builder.left_out[std::string(section::kStorage)] = true; });
    },
    delivered_and_untouched)
ATTACK_RUN(
    "delivery: memory moved", "puts the delivered DIMM into another slot", "delivery.part_moved", "warning",
    [] {
        return after(
            [](EvidenceBuilder& builder) { builder.known.delivery->parts.front().place = "DIMM_B1"; });
    },
    delivered_and_untouched)
ATTACK_RUN(
    "delivery: TPM exchanged", "exchanges the mainboard and keeps the delivery of the one before",
    "delivery.outdated", "warning",
    [] { return after([](EvidenceBuilder& builder) { builder.known.delivery->outdated = true; }); },
    delivered_and_untouched)

ATTACK_RUN(
    "platform certificate: of another EK", "endorses a host with the certificate of the machine beside it",
    "platform_certificate.holder_is_another", "refused: refused",
    [] {
        World world;
        world.admit("rack-8",
                    PlatformWorld::made({}, shared_key(Key::rsa2048), shared_key(Key::p384), nullptr));
        return world.endorses({world.base()}, "rack-8");
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: right serial, wrong issuer",
    "names the EK's serial number under another TPM maker", "platform_certificate.holder_is_another",
    "refused: refused",
    [] {
        World world;
        auto spec = world.maker.base();
        const auto serial = world.maker.certificate(spec).holder->serial;
        spec.holder = PlatformSpec::holder_of(der_name("Another CA"), der_of(der::tag::kInteger, {serial}));
        return world.endorses({world.made(spec)});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: forged", "signs a certificate with a key of its own in the maker's name",
    "platform_certificate.signature_invalid", "refused: refused",
    [] {
        World world;
        return world.endorses({world.maker.base().signed_by(fresh_key(Key::p256).get())});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: a part edited", "changes a serial number in the maker's certificate",
    "platform_certificate.signature_invalid", "refused: refused",
    [] {
        World world;
        auto bytes = world.base();
        const auto at = as_text(bytes).find("03A1B2C3");
        bytes.at(at) = std::byte{'9'};
        return world.endorses({bytes});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: expired", "gives a certificate whose validity has ended",
    "platform_certificate.expired", "refused: refused",
    [] {
        World world;
        auto spec = world.maker.base();
        spec.not_after = "20250101000000Z";
        return world.endorses({world.made(spec)});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: maker not known", "gives a certificate of a maker whose root nobody configured",
    "platform_certificate.roots_not_given", "refused: refused",
    [] {
        World world;
        world.service.platform_roots.clear();
        return world.endorses({world.base()});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: signed by a CA without the right",
    "signs with a certificate for TLS of the same maker", "platform_certificate.issuer_may_not_sign",
    "refused: refused",
    [] {
        World world;
        world.maker.issuer =
            PlatformWorld::made(PlatformWorld::issuer_spec().set("extendedKeyUsage", "serverAuth"),
                                world.maker.issuer_key, world.maker.root_key, &world.maker.root);
        return world.endorses({world.base()});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: critical extension",
    "puts a critical extension into the certificate that nobody knows",
    "platform_certificate.critical_extension_unknown", "refused: refused",
    [] {
        World world;
        auto spec = world.maker.base();
        spec.more_extensions = {{"1.2.3.4", true}};
        return world.endorses({world.made(spec)});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: delta of another base", "gives the delta of another machine of the same maker",
    "platform_certificate.delta.of_another_base", "refused: refused",
    [] {
        World world;
        auto delta = PlatformSpec::delta(0, {World::dimm("NEW1", 0)});
        delta.holder = PlatformSpec::holder_of(der_name(delta.issuer), 0x52);
        return world.endorses({world.base(), world.made(delta)});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: delta without base", "gives a delta alone", "platform_certificate.base_not_given",
    "refused: refused",
    [] {
        World world;
        return world.endorses({world.made(PlatformSpec::delta(0, {World::dimm("NEW1", 0)}))});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: delta older than its base", "gives a delta of before the base",
    "platform_certificate.delta.older_than_base", "refused: refused",
    [] {
        World world;
        auto delta = PlatformSpec::delta(0, {World::dimm("NEW1", 0)});
        delta.not_before = "20230101000000Z";
        return world.endorses({world.base(), world.made(delta)});
    },
    World::honest)
ATTACK_RUN(
    "platform certificate: removed part hidden by a second delta",
    "hides with a second delta that the first one removed a part",
    "platform_certificate.delta.adds_what_was_removed", "refused: refused",
    [] {
        World world;
        return world.endorses({world.base(), world.made(PlatformSpec::delta(0, {World::dimm("03A1B2C3", 2)})),
                               world.made(PlatformSpec::delta(1, {World::dimm("03A1B2C3", 0)}))});
    },
    [] {
        World world;
        return world.endorses({world.base(), world.made(PlatformSpec::delta(0, {World::dimm("03A1B2C3", 2)})),
                               world.made(PlatformSpec::delta(1, {World::dimm("NEW1", 0)}))});
    })

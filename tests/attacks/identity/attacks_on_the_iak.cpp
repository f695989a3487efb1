// The second road of identity: an IAK or IDevID that the device's maker vouches for certifies the AK. Each
// row breaks one thing of an enrolment with an IAK that is let in.
#include "tests/attacks/api_attack.h"
#include "tests/support/certificates/iak_builder.h"
#include "verifier/service/store/hosts/hosts.h"

using namespace assay;
using namespace assay::test;

namespace {

using Role = tcg::TpmKeyRole;

/// A host with an IAK whose maker's root is pinned, and what it sends. The honest certification is made from
/// `application` and the secret; a row changes what is shown, what is certified, or who signs.
struct World {
    TestService service;
    SoftwareTpm tpm;
    tcg::EvpKey iak_key = fresh_key(Key::p256);
    tcg::EvpKey other_key = fresh_key(Key::p256);
    EkPathBuilder path = iak_path(iak_key.get());
    tcg::TpmPublic iak = iak_public(iak_key.get());
    Application application{tpm, "rack-7"};
    Role role = Role::iak;
    EVP_PKEY* signer = iak_key.get();
    std::function<void(tcg::Certification&)> certified = [](tcg::Certification&) {};
    std::function<Bytes(const Bytes&)> attest = [](const Bytes& honest) { return honest; };
    std::function<void(nlohmann::json&)> sent = [](nlohmann::json&) {};
    Bytes last_secret;

    World() { service.tpm_trust = trust_of({path.make().root.der()}); }

    [[nodiscard]] std::string prefix() const { return role == Role::iak ? "iak" : "idevid"; }
    [[nodiscard]] store::DeviceKey& key() { return role == Role::iak ? application.iak : application.idevid; }

    void show(const EkPathBuilder::Made& made) {
        key() = {encode_tpm_public(iak), {made.leaf.der(), made.intermediate.der()}};
    }
    void prove(const Bytes& secret, nlohmann::json& activation) {
        last_secret = secret;
        auto certification = valid_certification(iak, application.ak, secret, role);
        certified(certification);
        const auto bytes = attest(encode_certification(certification));
        const auto signature = sign(signer, bytes, tcg::Scheme::ecdsa);
        activation[prefix() + "_attest"] = to_base64url(bytes);
        activation[prefix() + "_signature"] = to_base64url(encode_signature(signature));
        sent(activation);
    }
    /// The ids of the reasons stand for a refusal too.
    Outcome enrols() {
        if (application.token.empty()) application.token = token_for(service, application.host);
        const auto response =
            ask(service, application, answered_by(tpm),
                [this](const Bytes& secret, nlohmann::json& activation) { prove(secret, activation); });
        auto outcome = outcome_of(service, response);
        if (outcome.passes) return outcome;
        const auto detail = json_of(response).at("detail").get<std::string>();
        for (std::size_t i = 0; i < tcg::kEkReasons.size(); ++i) {
            const auto id = tcg::reason_id(role, static_cast<tcg::EkReasonKind>(i));
            if (detail.find(id + ":") != std::string::npos) outcome.reasons.push_back(id);
        }
        return outcome;
    }
};

using Change = std::function<void(World&)>;

/// Shows the path as `change` left it, and enrols.
std::function<Outcome()> enrolling(Change change) {
    return [change = std::move(change)] {
        World world;
        world.show(world.path.make());
        change(world);
        return world.enrols();
    };
}

/// `change` is made to what the CA is asked for, before it issues.
std::function<Outcome()> issued(Change change) {
    return [change = std::move(change)] {
        World world;
        change(world);
        world.show(world.path.make());
        return world.enrols();
    };
}

Outcome honest() {
    return enrolling([](World&) {})();
}

Outcome with_idevid(World& world) {
    using A = tcg::ObjectAttributes;
    world.role = Role::idevid;
    world.iak.attributes = A(world.iak.attributes.bits() & ~A::kRestricted);
    world.path.leaf.set("certificatePolicies", "2.23.133.11.1.1,2.23.133.11.1.2");
    world.show(world.path.make());
    return world.enrols();
}

Outcome honest_idevid() {
    World world;
    return with_idevid(world);
}

}  // namespace

ATTACK_RUN("iak: certifies another AK", "has the IAK certify another key than the AK that enrols",
           "iak.certify_name", "refused: refused", enrolling([](World& world) {
               world.certified = [](tcg::Certification& certification) {
                   const auto other = encode_tpm_public(ak_public(shared_key(Key::p256)));
                   certification.name = tcg::compute_name(other).value();
               };
           }),
           honest)

ATTACK_RUN("iak: replayed certification", "sends what the IAK certified in an earlier enrolment",
           "iak.certify_challenge", "refused: refused", enrolling([](World& world) {
               world.enrols();
               world.application.token.clear();
               const auto old = tcg::certify_qualifying_data(Role::iak, world.last_secret);
               world.certified = [old](tcg::Certification& certification) {
                   certification.extra_data = to_bytes(old.view());
               };
           }),
           [] {
               World world;
               world.show(world.path.make());
               world.enrols();
               world.application.token.clear();
               return world.enrols();
           })

ATTACK_RUN("iak: the quote's extraData", "has the IAK certify the secret without the domain",
           "iak.certify_challenge", "refused: refused", enrolling([](World& world) {
               world.certified = [&world](tcg::Certification& certification) {
                   certification.extra_data = to_bytes(sha256(world.last_secret).view());
               };
           }),
           honest)

ATTACK_RUN("iak: signed by another key", "signs the certification with a key of its own",
           "iak.certify_signature_invalid", "refused: refused",
           enrolling([](World& world) { world.signer = world.other_key.get(); }), honest)

ATTACK_RUN("iak: an unrestricted key", "shows a key that signs whatever it is given as the IAK",
           "iak.not_restricted", "refused: refused", enrolling([](World& world) {
               using A = tcg::ObjectAttributes;
               world.iak.attributes = A(world.iak.attributes.bits() & ~A::kRestricted);
               world.show(world.path.make());
           }),
           honest)

ATTACK_RUN("iak: an unrestricted key in disguise",
           "says that its certified key is restricted, whose TPM signs its real name", "iak.certify_signer",
           "refused: refused", enrolling([](World& world) {
               using A = tcg::ObjectAttributes;
               auto real = world.iak;
               real.attributes = A(real.attributes.bits() & ~A::kRestricted);
               world.certified = [real](tcg::Certification& certification) {
                   certification.qualified_signer =
                       tcg::endorsement_qualified_name(encode_tpm_public(real)).value();
               };
           }),
           honest)

ATTACK_RUN("iak: an IDevID's certificate", "shows a certificate that does not say restricted",
           "iak.restricted_not_verified", "refused: refused", issued([](World& world) {
               world.path.leaf.set("certificatePolicies", "2.23.133.11.1.1,2.23.133.11.1.2");
           }),
           honest)

ATTACK_RUN("iak: a certificate for another use", "shows a certificate of the same CA for encryption",
           "iak.key_usage", "refused: refused",
           issued([](World& world) { world.path.leaf.set("keyUsage", "critical,keyEncipherment"); }), honest)

ATTACK_RUN("iak: a rogue CA of the same names", "makes root and intermediate with the maker's names",
           "iak.no_issuer", "refused: refused", enrolling([](World& world) {
               auto rogue = world.path;
               rogue.root_key = shared_key(Key::p521);
               rogue.intermediate_key = shared_key(Key::p384);
               world.show(rogue.make());
           }),
           honest)

ATTACK_RUN("iak: a rogue CA that brings its root", "sends the rogue root beside the path", "iak.self_signed",
           "refused: refused", enrolling([](World& world) {
               auto rogue = world.path;
               rogue.root_key = shared_key(Key::p521);
               rogue.intermediate_key = shared_key(Key::p384);
               const auto made = rogue.make();
               world.show(made);
               world.application.iak.certificates.push_back(made.root.der());
           }),
           honest)

ATTACK_RUN("iak: signed in the CA's name", "has another key sign in the intermediate's name",
           "iak.signature_invalid", "refused: refused", enrolling([](World& world) {
               const auto made = world.path.make();
               world.application.iak.certificates.front() = make_certificate(
                   world.path.leaf, world.iak_key.get(), shared_key(Key::p384), &made.intermediate);
           }),
           honest)

ATTACK_RUN("iak: expired", "shows a certificate that has expired", "iak.expired", "refused: refused",
           issued([](World& world) { world.path.leaf.not_after = kStart - 1; }),
           issued([](World& world) { world.path.leaf.not_after = kStart + 3600; }))

ATTACK_RUN("iak: of tomorrow", "shows a certificate that is not valid yet", "iak.not_yet_valid",
           "refused: refused", issued([](World& world) { world.path.leaf.not_before = kStart + 3600; }),
           issued([](World& world) { world.path.leaf.not_before = kStart - 3600; }))

ATTACK_RUN("iak: certificate of another IAK", "shows the certificate of another device's IAK",
           "iak.key_differs", "refused: refused", enrolling([](World& world) {
               auto other = world.path;
               other.leaf_key = world.other_key.get();
               const auto made = other.make();
               world.application.iak.certificates = {made.leaf.der(), made.intermediate.der()};
           }),
           honest)

ATTACK_RUN("iak: another device's certificate and public area",
           "shows certificate and public area of another device, and signs with its own key",
           "iak.certify_signature_invalid", "refused: refused", enrolling([](World& world) {
               auto other = world.path;
               other.leaf_key = world.other_key.get();
               world.iak = iak_public(world.other_key.get());
               world.show(other.make());
           }),
           honest)

ATTACK_RUN("iak: a quote for a certification", "has the IAK quote over the same extraData",
           "iak.certify_malformed", "refused: refused", enrolling([](World& world) {
               world.attest = [&world](const Bytes&) {
                   auto quote = valid_quote();
                   quote.extra_data =
                       to_bytes(tcg::certify_qualifying_data(Role::iak, world.last_secret).view());
                   return encode_quote(quote);
               };
           }),
           honest)

ATTACK_RUN("iak: another magic", "signs a certification that no TPM made", "iak.certify_malformed",
           "refused: refused", enrolling([](World& world) {
               world.attest = [](const Bytes& made) {
                   Bytes other = made;
                   other.front() = std::byte{0xfe};
                   return other;
               };
           }),
           honest)

ATTACK_RUN("iak: an octet more", "appends an octet to the certification before it is signed",
           "iak.certify_malformed", "refused: refused", enrolling([](World& world) {
               world.attest = [](const Bytes& made) {
                   Bytes longer = made;
                   longer.push_back(std::byte{0});
                   return longer;
               };
           }),
           honest)

ATTACK_RUN("iak: changed after signing", "changes a byte of what the IAK signed",
           "iak.certify_signature_invalid", "refused: refused", enrolling([](World& world) {
               world.sent = [&world](nlohmann::json& activation) {
                   auto certification =
                       valid_certification(world.iak, world.application.ak, world.last_secret);
                   certification.firmware_version ^= 1;
                   activation["iak_attest"] = to_base64url(encode_certification(certification));
               };
           }),
           honest)

ATTACK_RUN("iak: no certification", "shows a neighbour's IAK certificate and never proves it",
           "iak.certify_missing", "refused: refused", enrolling([](World& world) {
               world.sent = [](nlohmann::json& activation) {
                   activation.erase("iak_attest");
                   activation.erase("iak_signature");
               };
           }),
           honest)

ATTACK_RUN(
    "iak: a certification of nothing shown", "sends a certification without any certificate",
    "iak.certify_malformed", "refused: refused", [] { return World().enrols(); }, honest)

ATTACK_RUN("iak: certificate without a key", "shows a certificate and keeps the public area",
           "iak.public_malformed", "refused: refused",
           enrolling([](World& world) { world.application.iak.public_area.clear(); }), honest)

ATTACK_RUN("iak: key without a certificate", "shows a public area that nobody vouches for", "iak.malformed",
           "refused: refused", enrolling([](World& world) { world.application.iak.certificates.clear(); }),
           honest)

ATTACK_RUN(
    "iak: bought by another's IAK certificate",
    "shows the IAK certificate that the purchase list names, without its key", "iak.certify_missing",
    "refused: refused",
    [] {
        World world;
        world.show(world.path.make());
        const auto& named = world.application.iak.certificates.front();
        require(buy(world.service, {"rack-7," + sha256(named).hex() + ",SN-1"}).status == 200, "bought");
        world.application.token = "";
        const auto response = ask(world.service, world.application, answered_by(world.tpm));
        auto outcome = outcome_of(world.service, response);
        const auto detail = json_of(response).at("detail").get<std::string>();
        if (detail.find("iak.certify_missing:") != std::string::npos)
            outcome.reasons.push_back("iak.certify_missing");
        return outcome;
    },
    [] {
        World world;
        world.show(world.path.make());
        const auto& named = world.application.iak.certificates.front();
        require(buy(world.service, {"rack-7," + sha256(named).hex() + ",SN-1"}).status == 200, "bought");
        const auto response =
            ask(world.service, world.application, answered_by(world.tpm),
                [&](const Bytes& secret, nlohmann::json& activation) { world.prove(secret, activation); });
        return outcome_of(world.service, response);
    })

ATTACK_RUN(
    "idevid: not verified as fixed", "shows an IDevID that may have been duplicated",
    "idevid.fixed_not_verified", "refused: refused",
    [] {
        World world;
        world.role = Role::idevid;
        world.path.leaf.set("certificatePolicies", "2.23.133.11.1.1");
        world.show(world.path.make());
        return world.enrols();
    },
    honest_idevid)

ATTACK_RUN(
    "idevid: the IAK's answer", "sends for the IDevID what was signed in the IAK's domain",
    "idevid.certify_challenge", "refused: refused",
    [] {
        World world;
        world.certified = [&world](tcg::Certification& certification) {
            certification.extra_data =
                to_bytes(tcg::certify_qualifying_data(Role::iak, world.last_secret).view());
        };
        return with_idevid(world);
    },
    honest_idevid)

ATTACK(
    "iak: a certificate that has expired since",
    "lives on by a device's certificate that has expired, without one of the TPM's maker",
    "identity.ek_certificate_missing", [](EvidenceBuilder&) {},
    [](EvidenceBuilder&, AppraisalCase& made) {
        EkPathBuilder path = iak_path();
        path.leaf.not_after = kNow - 1;
        const auto issued = path.make();
        made.roots.push_back(issued.root.der());
        made.bundle.known_host.ek_certificates.clear();
        made.bundle.known_host.iak_certificates = {issued.leaf.der(), issued.intermediate.der()};
    })

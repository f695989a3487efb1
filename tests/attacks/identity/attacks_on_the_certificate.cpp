// EK certificates: each row breaks one thing of a path root, intermediate, EK that is trusted. What is said
// must be the id of that thing, in the finding.
#include "tests/attacks/identity/certificate_attack.h"

using namespace assay;
using namespace assay::test;

namespace {

using Path = EkPathBuilder;
using Change = PathChange;
using Tamper = PathTamper;

void as_made(const Path::Made&, AppraisalCase&) {}

Outcome honest() {
    return shows_path([](Path&) {}, as_made);
}

std::function<Outcome()> with(Change change) {
    return [change = std::move(change)] { return shows_path(change, as_made); };
}

std::function<Outcome()> sending(Tamper tamper) {
    return [tamper = std::move(tamper)] { return shows_path([](Path&) {}, tamper); };
}

Bytes& leaf_of(AppraisalCase& host) {
    return host.bundle.known_host.ek_certificates.front();
}

}  // namespace

ATTACK_RUN("certificate: self-signed", "signs its own EK certificate", "ek.self_signed", "contraindicated",
           sending([](const Path::Made&, AppraisalCase& host) {
               Path path;
               path.leaf.subject = path.leaf.issuer = "Self";
               path.leaf.set("subjectKeyIdentifier", "hash").set("authorityKeyIdentifier", "");
               host.bundle.known_host.ek_certificates = {
                   make_certificate(path.leaf, path.leaf_key, path.leaf_key, nullptr)};
           }),
           honest)

ATTACK_RUN("certificate: a rogue path of the same names",
           "makes root and intermediate with the maker's names and sends both", "ek.self_signed",
           "contraindicated", sending([](const Path::Made&, AppraisalCase& host) {
               Path rogue;
               rogue.root_key = shared_key(Key::p521);
               rogue.intermediate_key = shared_key(Key::p384);
               const auto forged = rogue.make();
               host.bundle.known_host.ek_certificates = {forged.leaf.der(), forged.intermediate.der(),
                                                         forged.root.der()};
           }),
           honest)

ATTACK_RUN("certificate: signed by another key of the CA's name", "signs in the intermediate's name",
           "ek.signature_invalid", "contraindicated",
           sending([](const Path::Made& made, AppraisalCase& host) {
               Path path;
               leaf_of(host) =
                   make_certificate(path.leaf, path.leaf_key, shared_key(Key::p384), &made.intermediate);
           }),
           honest)

ATTACK_RUN("certificate: expired", "shows a certificate that has expired", "ek.expired", "contraindicated",
           with([](Path& path) { path.leaf.not_after = kNow - 1; }),
           with([](Path& path) { path.leaf.not_after = kNow + 3600; }))

ATTACK_RUN("certificate: of tomorrow", "shows a certificate that is not valid yet", "ek.not_yet_valid",
           "contraindicated", with([](Path& path) { path.leaf.not_before = kNow + 3600; }),
           with([](Path& path) { path.leaf.not_before = kNow - 3600; }))

ATTACK_RUN("certificate: expired intermediate", "uses a CA key that was given up when its time was over",
           "ek.expired", "contraindicated", with([](Path& path) { path.intermediate.not_after = kNow - 1; }),
           with([](Path& path) { path.intermediate.not_after = kNow + 3600; }))

ATTACK_RUN("certificate: no EK usage", "shows a certificate of the same CA for another use", "ek.eku_missing",
           "contraindicated", with([](Path& path) { path.leaf.set("extendedKeyUsage", ""); }), honest)

ATTACK_RUN("certificate: an attestation key's usage", "shows an attestation key's certificate for an EK's",
           "ek.eku_missing", "contraindicated",
           with([](Path& path) { path.leaf.set("extendedKeyUsage", "2.23.133.8.3"); }),
           with([](Path& path) { path.leaf.set("extendedKeyUsage", "2.23.133.8.3,2.23.133.8.1"); }))

ATTACK_RUN("certificate: for signatures alone", "shows a certificate whose key cannot take a credential",
           "ek.key_usage", "contraindicated",
           with([](Path& path) { path.leaf.set("keyUsage", "critical,digitalSignature"); }),
           with([](Path& path) { path.leaf.set("keyUsage", "critical,keyAgreement"); }))

ATTACK_RUN("certificate: an EK as CA", "issues a certificate with an EK certificate as CA",
           "ek.issuer_not_a_ca", "contraindicated",
           with([](Path& path) { path.intermediate.set("basicConstraints", "critical,CA:FALSE"); }), honest)

ATTACK_RUN("certificate: a CA that may not sign", "issues with a key that may sign lists alone",
           "ek.issuer_may_not_sign", "contraindicated",
           with([](Path& path) { path.intermediate.set("keyUsage", "critical,cRLSign"); }),
           with([](Path& path) { path.intermediate.set("keyUsage", "critical,keyCertSign"); }))

ATTACK_RUN("certificate: path too long", "puts a CA of its own under one that may have none below it",
           "ek.path_too_long", "contraindicated",
           with([](Path& path) { path.root.set("basicConstraints", "critical,CA:TRUE,pathlen:0"); }),
           with([](Path& path) { path.root.set("basicConstraints", "critical,CA:TRUE,pathlen:1"); }))

ATTACK_RUN("certificate: unknown critical extension", "shows a certificate with a condition nobody reads",
           "ek.unknown_critical_extension", "contraindicated",
           with([](Path& path) { path.leaf.extensions.emplace_back("1.2.3.4.5", "critical,DER:0500"); }),
           with([](Path& path) { path.leaf.extensions.emplace_back("1.2.3.4.5", "DER:0500"); }))

ATTACK_RUN("certificate: SHA-1", "forges by a collision of SHA-1", "ek.signature_weak", "contraindicated",
           with([](Path& path) { path.leaf.hash = "SHA1"; }),
           with([](Path& path) { path.leaf.hash = "SHA384"; }))

ATTACK_RUN("certificate: RSA-1024", "shows a key that can be factored", "ek.key_too_small", "contraindicated",
           with([](Path& path) { path.leaf_key = shared_key(Key::rsa1024); }),
           with([](Path& path) { path.leaf_key = shared_key(Key::rsa3072); }))

ATTACK_RUN("certificate: two makers in the SAN", "names a second maker behind an empty one",
           "ek.san_ambiguous", "contraindicated",
           with([](Path& path) { path.leaf.tpm = "0.2.23.133.2.1=\n1.2.23.133.2.1=id:4E544300\n"; }),
           with([](Path& path) { path.leaf.tpm = "0.2.23.133.2.1=id:4E544300\n0.2.23.133.2.2=M\n"; }))

ATTACK_RUN("certificate: names nothing", "shows a certificate without a subject and a SAN",
           "ek.names_nothing", "contraindicated",
           with([](Path& path) { path.leaf.set("subjectAltName", ""); }),
           with([](Path& path) { path.leaf.set("subjectAltName", "").subject = "TPM 1"; }))

ATTACK_RUN("certificate: of another key", "shows the good certificate of another TPM's key",
           "identity.ek_certificate_mismatch", "contraindicated",
           sending([](const Path::Made&, AppraisalCase& host) {
               host.bundle.known_host.ek_public = encode_tpm_public(ek_public(shared_key(Key::rsa3072)));
           }),
           honest)

ATTACK_RUN("certificate: cut", "sends the certificate without its last byte", "ek.malformed",
           "contraindicated",
           sending([](const Path::Made&, AppraisalCase& host) { leaf_of(host).pop_back(); }), honest)

ATTACK_RUN("certificate: data behind it", "hides data behind the certificate", "ek.malformed",
           "contraindicated", sending([](const Path::Made&, AppraisalCase& host) {
               leaf_of(host).resize(leaf_of(host).size() + 64, std::byte{0x11});
           }),
           sending([](const Path::Made&, AppraisalCase& host) {
               leaf_of(host).resize(leaf_of(host).size() + 64, std::byte{0xff});
           }))

ATTACK_RUN("certificate: one stray byte behind it", "adds one byte", "ek.malformed", "contraindicated",
           sending([](const Path::Made&, AppraisalCase& host) { leaf_of(host).push_back(std::byte{0x30}); }),
           sending([](const Path::Made&, AppraisalCase& host) { leaf_of(host).push_back(std::byte{0x00}); }))

ATTACK_RUN("certificate: marked for OAEP and signed by nobody",
           "marks its key id-RSAES-OAEP, whose signature OpenSSL cannot check", "ek.signature_invalid",
           "contraindicated", sending([](const Path::Made& made, AppraisalCase& host) {
               Path path;
               path.leaf.oaep_key = true;
               leaf_of(host) =
                   make_certificate(path.leaf, path.leaf_key, shared_key(Key::p384), &made.intermediate);
           }),
           with([](Path& path) { path.leaf.oaep_key = true; }))

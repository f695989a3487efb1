// Somebody brings a reference integrity manifest whose values would approve what the maker never made.
#include "tests/attacks/attack.h"
#include "tests/support/builders/corim_builder.h"
#include "tests/support/builders/rim_builder.h"
#include "verifier/judge/rim/read_rim.h"

using namespace assay;
using namespace assay::test;

namespace {

constexpr const char* kRefused = "refused: refused";

// A maker's manifest of either kind, and one who changes it on its way. The builders are the maker's.
struct Manifest {
    RimSigners signers;
    SwidBuilder swid;
    CorimBuilder corim;
    std::int64_t at = kRimTime;
    std::optional<RimSigners::Made> certificates;

    Manifest() { corim.algorithm = -257; }

    const RimSigners::Made& made() {
        if (!certificates) certificates = signers.make();
        return *certificates;
    }
    [[nodiscard]] Bytes tag() {
        swid.certificates = {made().signer.der()};
        return to_bytes(swid.sign(signers.signer_key));
    }
    [[nodiscard]] Bytes sealed() {
        corim.certificates = {made().signer.der()};
        return corim.sign(signers.signer_key);
    }
    [[nodiscard]] Result<rim::Rim> read(const Bytes& bytes, const Bytes& support) {
        const auto& root = made().root;
        const std::vector<rim::NamedFile> given{{"example.rimel", support}};
        const bool is_tag = rim::format_of(bytes) == rim::RimFormat::pc_client;
        return rim::read_rim({"manifest", bytes}, std::span(given).first(is_tag ? 1 : 0),
                             {.certificates = std::span(&root, 1), .keys = {}, .at_unix_time = at});
    }
};

// Passed: it was read as the maker's. Refused: with the phrase that says why, and the code.
Outcome outcome(const Result<rim::Rim>& read, const char* phrase) {
    if (read) return {.passes = read->signer.has_value(), .said = "read", .reasons = {}};
    auto out = refused(read.error());
    if (read.error().context.find(phrase) != std::string::npos) out.reasons.emplace_back(phrase);
    return out;
}

Outcome brought(Manifest& manifest, const Bytes& bytes, const char* phrase) {
    return outcome(manifest.read(bytes, manifest.swid.support), phrase);
}

Outcome honest_tag() {
    Manifest manifest;
    return brought(manifest, manifest.tag(), "");
}
Outcome honest_corim() {
    Manifest manifest;
    return brought(manifest, manifest.sealed(), "");
}

Outcome edited(const char* from, const char* to, const char* phrase) {
    Manifest manifest;
    return brought(manifest, to_bytes(replaced(std::string(as_text(manifest.tag())), from, to)), phrase);
}

Outcome made(void (*prepare)(Manifest&), const char* phrase) {
    Manifest manifest;
    prepare(manifest);
    return brought(manifest, manifest.tag(), phrase);
}

Outcome own_root() {
    Manifest manifest;
    RimSigners attacker;
    attacker.root_key = shared_key(Key::p256);
    const auto own = attacker.make();
    manifest.swid.certificates = {own.signer.der(), own.root.der()};
    return brought(manifest, to_bytes(manifest.swid.sign(attacker.signer_key)), "not trusted");
}

Outcome wrapped() {
    Manifest manifest;
    const auto tag = std::string(as_text(manifest.tag()));
    const auto inner = tag.substr(tag.find("<SoftwareIdentity"));
    manifest.swid.model = "Anything";
    return brought(manifest,
                   to_bytes(replaced(manifest.swid.unsigned_xml(), "</Payload>", "</Payload>" + inner)),
                   "not a child of the document's root");
}

Outcome signature_taken_off() {
    Manifest manifest;
    manifest.swid.model = "Anything";
    return brought(manifest, to_bytes(manifest.swid.unsigned_xml()), "is not signed");
}

Outcome support_exchanged() {
    Manifest manifest;
    const auto tag = manifest.tag();
    auto log = EventLogBuilder::typical();
    log.find(4, tcg::EV_EFI_BOOT_SERVICES_APPLICATION).measured = to_bytes("another image");
    return outcome(manifest.read(tag, log.bytes()), "the manifest's rim/example.rimel has");
}

// Every bit counts, or changes nothing of what is read.
Outcome each_byte_changed(const Bytes& honest, Manifest& manifest) {
    const auto expected = manifest.read(honest, manifest.swid.support).value();
    for (std::size_t i = 0; i < honest.size(); ++i) {
        auto bytes = honest;
        bytes[i] ^= std::byte{1};
        auto read = manifest.read(bytes, manifest.swid.support);
        if (!read) continue;
        read->file = expected.file;
        for (std::size_t at = 0; at < read->values.size(); ++at)
            read->values[at].place = expected.values.at(at).place;
        if (read->values != expected.values || read->model != expected.model ||
            read->tag_version != expected.tag_version || read->signer != expected.signer ||
            read->not_after != expected.not_after)
            return {.passes = true, .said = "read", .reasons = {}};
    }
    return {.passes = false, .said = kRefused, .reasons = {"every byte"}};
}

Outcome older_after_newer(std::uint64_t last) {
    Manifest manifest;
    const auto read = manifest.read(manifest.tag(), manifest.swid.support).value();
    const auto newer = rim::check_not_older(read, read.tag_id, last);
    if (newer) return {.passes = true, .said = "read", .reasons = {}};
    return refused(newer.error());
}

Outcome corim_changed(std::string_view at) {
    Manifest manifest;
    auto bytes = manifest.sealed();
    bytes[as_text(bytes).find(at)] ^= std::byte{1};
    return brought(manifest, bytes, "changed after it was signed");
}

Outcome corim_made(void (*prepare)(Manifest&), const char* phrase) {
    Manifest manifest;
    prepare(manifest);
    return brought(manifest, manifest.sealed(), phrase);
}

Outcome corim_signature_taken_off() {
    Manifest manifest;
    return brought(manifest, manifest.corim.unsigned_corim(), "not signed");
}

}  // namespace

ATTACK_RUN(
    "manifest: digest edited", "changes which support RIM a signed tag names", "was changed after", kRefused,
    [] { return edited("example.rimel", "evil.rimel", "was changed after"); }, honest_tag)
ATTACK_RUN(
    "manifest: model edited", "has a signed tag speak of another model", "was changed after", kRefused,
    [] { return edited("platformModel=\"R750", "platformModel=\"R760", "was changed after"); }, honest_tag)
ATTACK_RUN(
    "manifest: any byte edited", "changes one bit of each byte in turn", "every byte", kRefused,
    [] {
        Manifest manifest;
        return each_byte_changed(manifest.tag(), manifest);
    },
    honest_tag)
ATTACK_RUN("manifest: own root",
           "signs with a certificate of its own, under a root of the maker's name, and brings both",
           "not trusted", kRefused, own_root, honest_tag)
ATTACK_RUN("manifest: signature taken off", "brings a tag that nobody signed", "is not signed",
           "refused: not_found", signature_taken_off, honest_tag)
ATTACK_RUN("manifest: wrapped", "puts the signed tag into one of its own",
           "not a child of the document's root", kRefused, wrapped, honest_tag)
ATTACK_RUN(
    "manifest: a part signed", "has the maker's signature over the payload alone", "not one element",
    kRefused,
    [] { return made([](Manifest& manifest) { manifest.swid.uri = "#payload"; }, "not one element"); },
    honest_tag)
ATTACK_RUN(
    "manifest: second signature", "adds a Signature that is its own", "a second Signature", kRefused,
    [] {
        return edited("</Payload>", "</Payload><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
                      "a second Signature");
    },
    honest_tag)
ATTACK_RUN(
    "manifest: SHA-1", "uses an old signature over SHA-1", "is not accepted", kRefused,
    [] {
        return made(
            [](Manifest& manifest) {
                manifest.swid.signature_method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
            },
            "is not accepted");
    },
    honest_tag)
ATTACK_RUN(
    "manifest: document type", "declares entities that expand, or load files", "document type declaration",
    kRefused,
    [] {
        return edited("<SoftwareIdentity",
                      "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]><SoftwareIdentity",
                      "document type declaration");
    },
    honest_tag)
ATTACK_RUN(
    "manifest: expired signer", "uses a signer's key after its certificate expired", "has expired", kRefused,
    [] {
        return made([](Manifest& manifest) { manifest.signers.signer.not_after = kRimTime - 1; },
                    "has expired");
    },
    honest_tag)
ATTACK_RUN("manifest: support RIM exchanged", "brings an event log of its own beside a signed tag",
           "the manifest's rim/example.rimel has", kRefused, support_exchanged, honest_tag)
ATTACK_RUN(
    "manifest: older after newer", "brings an older manifest, rightly signed, after a newer one", "refused",
    kRefused, [] { return older_after_newer(3); }, [] { return older_after_newer(1); })
ATTACK_RUN(
    "manifest: CoRIM value edited", "changes a digest of a signed CoRIM", "changed after it was signed",
    kRefused, [] { return corim_changed("\xab\xab"); }, honest_corim)
ATTACK_RUN(
    "manifest: CoRIM any byte edited", "changes one bit of each byte in turn", "every byte", kRefused,
    [] {
        Manifest manifest;
        return each_byte_changed(manifest.sealed(), manifest);
    },
    honest_corim)
ATTACK_RUN("manifest: CoRIM signature taken off", "brings the payload of a signed CoRIM alone", "not signed",
           kRefused, corim_signature_taken_off, honest_corim)
ATTACK_RUN(
    "manifest: CoRIM algorithm unprotected", "names the algorithm where nobody signs it",
    "not in the protected header", kRefused,
    [] {
        return corim_made([](Manifest& manifest) { manifest.corim.algorithm_is_protected = false; },
                          "not in the protected header");
    },
    honest_corim)
ATTACK_RUN(
    "manifest: CoRIM out of its time", "brings a CoRIM after the signer's time for it", "valid until",
    kRefused,
    [] { return corim_made([](Manifest& manifest) { manifest.at = kRimTime + 501; }, "valid until"); },
    honest_corim)

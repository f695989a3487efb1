#include "evidence/certificate/platform/judge_platform_certificate.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <openssl/x509.h>

#include "evidence/base/text.h"
#include "evidence/certificate/certificate_key.h"
#include "evidence/certificate/platform/platform_judgement.h"

namespace assay::tcg {

using namespace platform_judgement;

namespace {

constexpr auto kRefuses = PlatformEffect::refuses;
constexpr auto kOpen = PlatformEffect::leaves_open;
constexpr auto kRemark = PlatformEffect::remark;

constexpr std::array<PlatformReasonKind, kKinds> kReasons{{
    {"platform_certificate.malformed", kRefuses, "not a well-formed platform certificate"},
    {"platform_certificate.critical_extension_unknown", kRefuses,
     "a critical extension that is not processed"},
    {"platform_certificate.signature_algorithm_not_allowed", kRefuses,
     "not signed by RSASSA or ECDSA with SHA-256, SHA-384 or SHA-512"},
    {"platform_certificate.issuer_not_given", kOpen,
     "no certificate of the issuer was given: the signature cannot be verified"},
    {"platform_certificate.signature_invalid", kRefuses, "not the named issuer's signature of these bytes"},
    {"platform_certificate.issuer_may_not_sign", kRefuses,
     "the issuer's certificate is not for signing platform certificates"},
    {"platform_certificate.issuer_not_trusted", kRefuses, "the issuer does not lead to a given root"},
    {"platform_certificate.roots_not_given", kOpen, "no roots were given: anybody can be the issuer"},
    {"platform_certificate.not_yet_valid", kRefuses, "its validity has not begun"},
    {"platform_certificate.expired", kRefuses, "its validity has ended"},
    {"platform_certificate.base_not_given", kOpen, "a delta without the base that it changes"},
    {"platform_certificate.two_bases", kRefuses, "more than one base certificate"},
    {"platform_certificate.given_twice", kRefuses, "one issuer and serial on two certificates"},
    {"platform_certificate.base_has_status", kRefuses,
     "a base certificate says of a component that it was added, modified or removed"},
    {"platform_certificate.ek_not_given", kOpen,
     "no EK certificate was given: it may be another machine's certificate"},
    {"platform_certificate.holder_is_another", kRefuses, "its holder is not the EK certificate"},
    {"platform_certificate.holder_digest_not_known", kRefuses,
     "its holder is a digest by an algorithm or of an object that is not processed"},
    {"platform_certificate.holder_names_nothing", kRefuses,
     "its holder is neither a certificate's issuer and serial nor a digest"},
    {"platform_certificate.components_elsewhere", kOpen,
     "its components are at an address that is not fetched"},
    {"platform_certificate.delta.of_another_base", kRefuses,
     "its holder is neither the base certificate nor an earlier delta of it"},
    {"platform_certificate.delta.of_another_platform", kRefuses,
     "its platform is not the base certificate's"},
    {"platform_certificate.delta.older_than_base", kRefuses, "its validity begins before the base's"},
    {"platform_certificate.delta.without_status", kRefuses,
     "a component of a delta is neither added, modified nor removed"},
    {"platform_certificate.delta.adds_what_is_there", kRefuses, "it adds a component that is there"},
    {"platform_certificate.delta.adds_what_was_removed", kRefuses,
     "it adds a component that an earlier delta removed"},
    {"platform_certificate.delta.changes_what_is_not_there", kRefuses,
     "it modifies or removes a component that is not there"},
    {"platform_certificate.delta.is_ambiguous", kRefuses,
     "it modifies or removes one of several components that it does not tell apart"},
    {"platform_certificate.no_components", kRemark, "it lists no component"},
    {"platform_certificate.revocation_not_checked", kRemark,
     "it names where revocation is published; nothing is fetched"},
    {kQuirkPemLongLines, kRemark, "PEM in lines longer than 76 characters"},
    {kQuirkBareName, kRemark, "the subjectAltName holds a bare name in place of a GeneralName"},
    {kQuirkNestedSpecification, kRemark, "the credential specification is in one SEQUENCE more"},
    {kQuirkDirectoryAttributes, kRemark, "attributes as an extension, as in profile 1.0; they are not read"},
}};

using Name = CHandle<X509_NAME, X509_NAME_free>;

Name parsed_name(ByteView der) {
    const unsigned char* next = as_uchar(der);
    return Name(d2i_X509_NAME(nullptr, &next, static_cast<long>(der.size())));
}

IssuerSerial issuer_serial(const Certificate& certificate) {
    IssuerSerial made;
    made.issuer = written_der(
        [&](unsigned char** out) { return i2d_X509_NAME(X509_get_issuer_name(certificate.x509()), out); });
    made.issuer_text = certificate.issuer();
    const Bytes serial = written_der([&](unsigned char** out) {
        return i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate.x509()), out);
    });
    if (serial.size() > 2) made.serial.assign(serial.begin() + 2, serial.end());  // short: at most 127 octets
    made.serial_text = certificate.serial();
    return made;
}

std::optional<HashAlgorithm> hash_of(std::string_view oid) {
    if (oid == "2.16.840.1.101.3.4.2.1") return HashAlgorithm::sha256;
    if (oid == "2.16.840.1.101.3.4.2.2") return HashAlgorithm::sha384;
    if (oid == "2.16.840.1.101.3.4.2.3") return HashAlgorithm::sha512;
    return std::nullopt;
}

/// Of what RFC 5755, 7.3 says for each type: the certificate's DER, or the DER of its key.
bool digest_equals(const ObjectDigest& digest, HashAlgorithm algorithm, const Certificate& ek) {
    Bytes object = ek.der();
    if (digest.type == ObjectDigest::Type::public_key) {
        object = written_der(
            [&](unsigned char** out) { return i2d_X509_PUBKEY(X509_get_X509_PUBKEY(ek.x509()), out); });
    }
    return equal(hash(algorithm, {object}).view(), digest.digest);
}

void judge_holder(const PlatformCertificate& base, const Certificate* ek, PlatformVerdict& verdict) {
    const auto name = name_of(base);
    if (!base.holder && !base.holder_digest) return says(verdict, holder_names_nothing, name);
    if (ek == nullptr) return says(verdict, ek_not_given, name);
    if (base.holder) {
        const auto other = issuer_serial(*ek);
        if (!same_name(*base.holder, other)) {
            says(verdict, holder_is_another,
                 name + ": holder " + base.holder->issuer_text + " serial " + base.holder->serial_text +
                     ", EK certificate " + other.issuer_text + " serial " + other.serial_text);
        } else {
            verdict.checked.push_back("holder: issuer and serial are the EK certificate's");
        }
    }
    if (!base.holder_digest) return;
    const auto algorithm = hash_of(base.holder_digest->algorithm);
    if (!algorithm || base.holder_digest->type == ObjectDigest::Type::other) {
        return says(verdict, holder_digest_not_known, name + ": " + base.holder_digest->algorithm);
    }
    if (!digest_equals(*base.holder_digest, *algorithm, *ek)) {
        return says(verdict, holder_is_another, name + ": another digest");
    }
    verdict.checked.push_back("holder: the digest is the EK certificate's");
}

void judge_alone(const PlatformCertificate& certificate, const PlatformQuestion& question,
                 PlatformVerdict& verdict) {
    const auto name = name_of(certificate);
    for (const auto& type : certificate.unknown_critical_extensions) {
        says(verdict, critical_extension_unknown, fmt::format("{}: {}", name, type));
    }
    judge_signature(certificate, question, verdict);
    if (question.at < certificate.not_before) {
        says(verdict, not_yet_valid, name + ": from " + utc_text(certificate.not_before));
    }
    if (question.at > certificate.not_after) {
        says(verdict, expired, name + ": to " + utc_text(certificate.not_after));
    }
    if (certificate.components.empty()) {
        says(verdict, certificate.components_uri ? components_elsewhere : no_components,
             name + (certificate.components_uri ? ": " + *certificate.components_uri : ""));
    }
    if (certificate.names_revocation) says(verdict, revocation_not_checked, name);
    for (const auto quirk : certificate.quirks) {
        for (std::size_t kind = quirk_pem_long_lines; kind < kKinds; ++kind) {
            if (kReasons.at(kind).id == quirk) says(verdict, static_cast<Kind>(kind), name);
        }
    }
}

void judge_repeats(std::span<const PlatformCertificate> certificates, PlatformVerdict& verdict) {
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (same_name(certificates[i].issuer, certificates[j].issuer)) {
                says(verdict, given_twice, name_of(certificates[i]));
            }
        }
    }
}

}  // namespace

namespace platform_judgement {

void says(PlatformVerdict& verdict, Kind kind, const std::string& more) {
    const auto& reason = kReasons.at(kind);
    verdict.reasons.push_back(
        {reason.id, reason.effect,
         more.empty() ? std::string(reason.what) : std::string(reason.what) + ": " + more});
}

std::string name_of(const PlatformCertificate& certificate) {
    return std::string(certificate.type == PlatformCertificate::Type::delta ? "delta " : "base ") +
           certificate.issuer.serial_text;
}

bool same_name(ByteView a, ByteView b) {
    if (equal(a, b)) return true;
    const Name left = parsed_name(a);
    const Name right = parsed_name(b);
    const bool same = left && right && X509_NAME_cmp(left.get(), right.get()) == 0;
    openssl_error();
    return same;
}

bool same_name(const IssuerSerial& a, const IssuerSerial& b) {
    return a.serial == b.serial && same_name(a.issuer, b.issuer);
}

}  // namespace platform_judgement

std::span<const PlatformReasonKind> platform_reasons() {
    return kReasons;
}

bool PlatformVerdict::trusted() const {
    return !checked.empty() && std::ranges::all_of(reasons, [](const PlatformReason& reason) {
        return reason.effect == PlatformEffect::remark;
    });
}

bool PlatformVerdict::has(std::string_view id) const {
    return std::ranges::any_of(reasons, [&](const PlatformReason& reason) { return reason.id == id; });
}

PlatformVerdict judge_platform_certificates(const PlatformQuestion& question) {
    PlatformVerdict verdict;
    const PlatformCertificate* base = nullptr;
    std::vector<const PlatformCertificate*> deltas;
    for (const auto& certificate : question.certificates) {
        judge_alone(certificate, question, verdict);
        if (certificate.type == PlatformCertificate::Type::delta) {
            deltas.push_back(&certificate);
        } else if (base == nullptr) {
            base = &certificate;
        } else {
            says(verdict, two_bases, name_of(*base) + " and " + name_of(certificate));
        }
    }
    judge_repeats(question.certificates, verdict);
    if (base == nullptr) {
        says(verdict, base_not_given);
        return verdict;
    }
    judge_holder(*base, question.ek, verdict);
    apply_deltas(*base, std::move(deltas), verdict);
    return verdict;
}

}  // namespace assay::tcg

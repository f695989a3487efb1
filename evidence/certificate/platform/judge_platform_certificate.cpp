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
    if (!base.holder && !base.holder_digest) return verdict.add(holder_names_nothing, name);
    if (ek == nullptr) return verdict.add(ek_not_given, name);
    if (base.holder) {
        const auto other = issuer_serial(*ek);
        if (!same_name(*base.holder, other)) {
            verdict.add(holder_is_another, name + ": holder " + base.holder->issuer_text + " serial " +
                                               base.holder->serial_text + ", EK certificate " +
                                               other.issuer_text + " serial " + other.serial_text);
        } else {
            verdict.holds("holder: issuer and serial are the EK certificate's");
        }
    }
    if (!base.holder_digest) return;
    const auto algorithm = hash_of(base.holder_digest->algorithm);
    if (!algorithm || base.holder_digest->type == ObjectDigest::Type::other) {
        return verdict.add(holder_digest_not_known, name + ": " + base.holder_digest->algorithm);
    }
    if (!digest_equals(*base.holder_digest, *algorithm, *ek)) {
        return verdict.add(holder_is_another, name + ": another digest");
    }
    verdict.holds("holder: the digest is the EK certificate's");
}

void judge_alone(const PlatformCertificate& certificate, const PlatformQuestion& question,
                 PlatformVerdict& verdict) {
    const auto name = name_of(certificate);
    for (const auto& type : certificate.unknown_critical_extensions) {
        verdict.add(critical_extension_unknown, fmt::format("{}: {}", name, type));
    }
    judge_signature(certificate, question, verdict);
    if (question.at < certificate.not_before) {
        verdict.add(not_yet_valid, name + ": from " + utc_text(certificate.not_before));
    }
    if (question.at > certificate.not_after) {
        verdict.add(expired, name + ": to " + utc_text(certificate.not_after));
    }
    if (certificate.components.empty()) {
        verdict.add(certificate.components_uri ? components_elsewhere : no_components,
                    name + (certificate.components_uri ? ": " + *certificate.components_uri : ""));
    }
    if (certificate.names_revocation) verdict.add(revocation_not_checked, name);
    for (const auto quirk : certificate.quirks) verdict.add(quirk, name);
}

void judge_repeats(std::span<const PlatformCertificate> certificates, PlatformVerdict& verdict) {
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (same_name(certificates[i].issuer, certificates[j].issuer)) {
                verdict.add(given_twice, name_of(certificates[i]));
            }
        }
    }
}

}  // namespace

namespace platform_judgement {

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
            verdict.add(two_bases, name_of(*base) + " and " + name_of(certificate));
        }
    }
    judge_repeats(question.certificates, verdict);
    if (base == nullptr) {
        verdict.add(base_not_given);
        return verdict;
    }
    judge_holder(*base, question.ek, verdict);
    apply_deltas(*base, std::move(deltas), verdict);
    return verdict;
}

}  // namespace assay::tcg

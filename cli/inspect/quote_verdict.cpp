#include "cli/inspect/quote_verdict.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/tpm/key/signature.h"
#include "evidence/tpm/quote.h"

namespace assay::cli {
namespace {

using Verdict = InspectVerdict::Verdict;
using tcg::Scheme;

enum Kind : std::size_t {
    bad_magic,
    not_a_quote,
    trailing_bytes,
    malformed,
    selects_no_pcr,
    signature_not_given,
    signature_malformed,
    signature_invalid,
    scheme_not_allowed,
    hash_not_allowed,
    key_not_given,
    key_too_small,
    key_not_allowed,
    nonce_not_given,
    nonce_mismatch,
    pcrs_not_given,
    pcr_missing,
    pcr_not_selected,
    pcr_digest_mismatch,
    // Remarks and quirks from here on: what real TPMs and their tools do, and what the reader should know.
    key_attributes_unknown,
    nonce_empty,
    clock_unsafe,
    quirk_bare_rsa_signature,
    quirk_digest_by_scheme_hash,
    quirk_sha1_bank,
};

constexpr auto kInvalid = Verdict::invalid;
constexpr auto kOpen = Verdict::undecided;
constexpr auto kNote = Verdict::valid;

constexpr std::array<QuoteReason, quirk_sha1_bank + 1> kReasons{{
    {"quote.bad_magic", kInvalid, "the magic is not TPM_GENERATED_VALUE: no TPM made this"},
    {"quote.not_a_quote", kInvalid, "another type of attestation"},
    {"quote.trailing_bytes", kInvalid, "bytes behind the quote"},
    {"quote.malformed", kInvalid, "not a well-formed TPMS_ATTEST"},
    {"quote.selects_no_pcr", kInvalid, "no PCR is selected: the quote says nothing about the machine"},
    {"quote.signature_not_given", kOpen, "no signature was given: anybody can have written this quote"},
    {"quote.signature_malformed", kInvalid, "not a well-formed TPMT_SIGNATURE"},
    {"quote.signature_invalid", kInvalid, "not this key's signature of these bytes"},
    {"quote.scheme_not_allowed", kInvalid,
     "another signature scheme than the key's, or none that is accepted"},
    {"quote.hash_not_allowed", kInvalid, "a signature hash that is not SHA-256, SHA-384 or SHA-512"},
    {"quote.key_not_given", kOpen, "no key was given: the signature cannot be verified"},
    {"quote.key_too_small", kInvalid, "an RSA key under 2048 bits"},
    {"quote.key_not_allowed", kInvalid, "not a restricted signing key made in a TPM"},
    {"quote.nonce_not_given", kOpen, "no nonce was given: the quote may be of any time"},
    {"quote.nonce_mismatch", kInvalid, "extraData is not the nonce"},
    {"quote.pcrs_not_given", kOpen, "no PCR values were given: nothing is known but their digest"},
    {"quote.pcr_missing", kOpen, "a selected PCR has no value among those that were given"},
    {"quote.pcr_not_selected", kOpen, "a PCR was given that this quote does not cover"},
    {"quote.pcr_digest_mismatch", kInvalid, "the PCR values are not the quoted ones"},
    {"quote.key_attributes_unknown", kNote,
     "the key is a PEM file, which has no attributes: a key that is not restricted signs quotes that no TPM "
     "made"},
    {"quote.nonce_empty", kNote,
     "the nonce has no bytes: whoever asks without one learns nothing about when"},
    {"quote.clock_unsafe", kNote, "the TPM's clock may repeat values (safe is 0)"},
    {"quote.quirk.bare_rsa_signature", kNote,
     "the signature is the bare RSASSA value, taken to be over SHA-256; a TPM makes a TPMT_SIGNATURE"},
    {"quote.quirk.digest_by_scheme_hash", kNote,
     "pcrDigest is made with the hash of the signing scheme, which is not the bank's"},
    {"quote.quirk.sha1_bank", kNote,
     "PCRs of the SHA-1 bank: who can make collisions can choose what they mean"},
}};

std::string scheme_name(Scheme scheme) {
    switch (scheme) {
        case Scheme::rsassa:
            return "RSASSA";
        case Scheme::rsapss:
            return "RSAPSS";
        case Scheme::ecdsa:
            return "ECDSA";
        default:
            return fmt::format("scheme {:#06x}", static_cast<unsigned>(scheme));
    }
}

std::string key_kind(const tcg::TpmPublic& key) {
    if (const auto* rsa = std::get_if<tcg::RsaPublic>(&key.key)) return fmt::format("RSA {}", rsa->key_bits);
    switch (std::get<tcg::EccPublic>(key.key).curve) {
        case tcg::EccCurve::p256:
            return "ECC P-256";
        case tcg::EccCurve::p384:
            return "ECC P-384";
        case tcg::EccCurve::p521:
            return "ECC P-521";
    }
    return "ECC";
}

/// Judges one question, part by part; each part adds what it found, none ends the others.
class QuoteJudge {
  public:
    explicit QuoteJudge(const QuoteQuestion& question) : in_(question) {}

    InspectVerdict run() {
        structure();
        if (in_.key) key(*in_.key);
        signature();
        if (is_quote_) {
            nonce();
            pcrs();
        }
        return std::move(out_);
    }

  private:
    void says(Kind kind, const std::string& more = "") {
        const auto& reason = kReasons.at(kind);
        out_.add(reason.id, reason.effect,
                 more.empty() ? std::string(reason.what) : fmt::format("{}: {}", reason.what, more));
    }

    void structure() {
        const auto read = tcg::read_attest(in_.attest);
        quote_ = read.fields;
        const auto type = tcg::attest_type_name(read.type);
        if (read.magic != tcg::kTpmGenerated) says(bad_magic, fmt::format("{:08x}", read.magic));
        if (read.type != tcg::kAttestQuote)
            says(not_a_quote, fmt::format("type {:#06x}, {}", read.type, type));
        if (read.stopped) says(malformed, describe(*read.stopped));
        if (read.left_over > 0) says(trailing_bytes, fmt::format("{} of them", read.left_over));
        out_.details["type"] = type;
        if (read.stopped) return;
        is_quote_ = read.type == tcg::kAttestQuote;
        const auto& clock = quote_.clock_info;
        out_.details["qualified_signer"] = to_hex(quote_.qualified_signer);
        out_.details["extra_data"] = to_hex(quote_.extra_data);
        out_.details["clock"] = {{"clock_ms", clock.clock_ms},
                                 {"reset_count", clock.reset_count},
                                 {"restart_count", clock.restart_count},
                                 {"safe", clock.safe}};
        out_.details["firmware_version"] = fmt::format("{:016x}", quote_.firmware_version);
        if (!clock.safe) says(clock_unsafe);
        if (!is_quote_) return;
        out_.details["selection"] = to_text(quote_.selection);
        out_.details["pcr_digest"] = to_hex(quote_.pcr_digest);
        if (quote_.selection.selects_nothing()) says(selects_no_pcr);
        if (quote_.selection.mask(HashAlgorithm::sha1) != 0) says(quirk_sha1_bank);
    }

    void key(const tcg::PublicKeyFile& file) {
        out_.details["key"] = {{"kind", key_kind(file.key)}, {"form", file.form}};
        if (file.is_public_area) {
            for (const auto& violation : restricted_signing_key_violations(file.key)) {
                if (!violation.starts_with("RSA key of")) says(key_not_allowed, violation);
            }
        } else {
            says(key_attributes_unknown);
        }
        const auto* rsa = std::get_if<tcg::RsaPublic>(&file.key.key);
        if (rsa != nullptr && rsa->key_bits < 2048)
            says(key_too_small, fmt::format("{} bits", rsa->key_bits));
        if (rsa != nullptr && rsa->exponent < 65537 && !file.is_public_area)
            says(key_not_allowed, fmt::format("RSA exponent {}", rsa->exponent));
    }

    // A TPMT_SIGNATURE, or the bare value of an RSA key's size. Says what is wrong with it.
    std::optional<tcg::Signature> read_signature(ByteView bytes) {
        if (in_.key && in_.key->key.type() == tcg::KeyType::rsa &&
            bytes.size() == std::get<tcg::RsaPublic>(in_.key->key.key).modulus.size()) {
            says(quirk_bare_rsa_signature);
            return tcg::Signature{Scheme::rsassa, HashAlgorithm::sha256, to_bytes(bytes), {}, {}};
        }
        auto parsed = tcg::parse_signature(bytes);
        if (parsed) return std::move(*parsed);
        constexpr std::size_t kHash = 2;  // where it stands, behind the scheme
        const bool hash = parsed.error().offset == kHash;
        const bool unsupported = parsed.error().code == ErrorCode::unsupported;
        says(!unsupported ? signature_malformed
             : hash       ? hash_not_allowed
                          : scheme_not_allowed,
             describe(parsed.error()));
        return std::nullopt;
    }

    void signature() {
        if (!in_.signature) says(signature_not_given);
        if (!in_.key) says(key_not_given);
        if (!in_.signature) return;
        const auto signature = read_signature(*in_.signature);
        if (!signature) return;
        hash_ = signature->hash;
        const auto name = fmt::format("{} with {}", scheme_name(signature->scheme), to_string(*hash_));
        out_.details["signature"] = {{"scheme", scheme_name(signature->scheme)}, {"hash", to_string(*hash_)}};
        const bool weak = *hash_ == HashAlgorithm::sha1;
        if (weak) says(hash_not_allowed, name);
        if (!in_.key) return;
        const bool ecc = in_.key->key.type() == tcg::KeyType::ecc;
        const bool fits = ecc == (signature->scheme == Scheme::ecdsa);
        if (!fits)
            says(scheme_not_allowed, fmt::format("{} of a key that is {}", name, key_kind(in_.key->key)));
        const auto key = tcg::VerifyKey::from(in_.key->key);
        if (!key && !out_.has(kReasons.at(key_too_small).id)) says(key_not_allowed, describe(key.error()));
        if (!key || weak || !fits) return;
        const auto verdict = key->verify(in_.attest, *signature);
        if (verdict == tcg::SignatureVerdict::valid)
            out_.holds("signature: " + name + ", " + key_kind(in_.key->key));
        else if (verdict == tcg::SignatureVerdict::scheme_not_the_keys)
            says(scheme_not_allowed, fmt::format("{}, which the key's public area does not allow", name));
        else
            says(signature_invalid, fmt::format("{} ({})", name, tcg::to_string(verdict)));
    }

    void nonce() {
        if (!in_.nonce) return says(nonce_not_given);
        if (*in_.nonce != quote_.extra_data) {
            return says(nonce_mismatch, fmt::format("{} was asked with, {} is signed",
                                                    shown_bytes(*in_.nonce), shown_bytes(quote_.extra_data)));
        }
        if (in_.nonce->empty()) return says(nonce_empty);
        out_.holds("nonce: extraData is the nonce");
    }

    void pcrs() {
        if (!in_.pcrs) return says(pcrs_not_given);
        std::string missing, beside;
        for (const auto& bank : quote_.selection.banks()) {
            for (unsigned pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
                if (quote_.selection.contains(bank.algorithm, pcr) &&
                    in_.pcrs->find(bank.algorithm, pcr) == nullptr)
                    missing += fmt::format(" {}:{}", to_string(bank.algorithm), pcr);
            }
        }
        for (const auto& [algorithm, bank] : in_.pcrs->banks()) {
            for (unsigned pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
                if (bank.at(pcr) && !quote_.selection.contains(algorithm, pcr))
                    beside += fmt::format(" {}:{}", to_string(algorithm), pcr);
            }
        }
        if (!missing.empty()) says(pcr_missing, missing.substr(1));
        if (!beside.empty()) says(pcr_not_selected, beside.substr(1));
        if (!missing.empty() || !hash_) return;
        const auto digest = tcg::pcr_digest(quote_.selection, *in_.pcrs, *hash_);
        if (!digest || !equal(digest->view(), quote_.pcr_digest)) {
            return says(pcr_digest_mismatch,
                        fmt::format("they give {}, {} is signed", digest ? digest->hex() : "nothing",
                                    shown_bytes(quote_.pcr_digest)));
        }
        out_.holds(fmt::format("PCR values: their digest by {} is the quoted one", to_string(*hash_)));
        for (const auto& bank : quote_.selection.banks()) {
            if (bank.algorithm != *hash_ && bank.mask != 0) {
                says(quirk_digest_by_scheme_hash,
                     fmt::format("{} of the {} bank", to_string(*hash_), to_string(bank.algorithm)));
            }
        }
    }

    static std::string shown_bytes(ByteView bytes) {
        return bytes.empty() ? "nothing" : to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 64)));
    }

    const QuoteQuestion& in_;
    InspectVerdict out_;
    tcg::Quote quote_;
    bool is_quote_ = false;              // read whole, and of that type: its own fields mean something
    std::optional<HashAlgorithm> hash_;  // the signature's
};

}  // namespace

InspectVerdict judge_quote(const QuoteQuestion& question) {
    return QuoteJudge(question).run();
}

std::span<const QuoteReason> quote_reasons() {
    return kReasons;
}

}  // namespace assay::cli

#include "cli/inspect/quote_verdict.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/tpm/judge_quote.h"

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

/// Says of one quote what was judged, part by part; none ends the others.
class QuoteReport {
  public:
    explicit QuoteReport(const QuoteParts& parts) : in_(parts) {
        if (in_.signature) signature_ = read_signature(*in_.signature);
        if (in_.key) key_ = tcg::VerifyKey::from(in_.key->key);
        tcg::QuoteQuestion question{.attest = in_.attest, .signature = signature()};
        if (key_ && *key_)
            question.verify = [this](ByteView attest, const tcg::Signature& signature) {
                return (*key_)->verify(attest, signature);
            };
        if (in_.nonce) question.extra_data = *in_.nonce;
        if (in_.pcrs) question.pcrs = &*in_.pcrs;
        judged_ = tcg::judge_quote(question);
    }

    InspectVerdict run() {
        say_structure();
        if (in_.key) say_key(*in_.key);
        say_signature();
        if (judged_.is_quote()) {
            say_nonce();
            say_pcrs();
        }
        return std::move(out_);
    }

  private:
    void says(Kind kind, const std::string& more = "") {
        const auto& reason = kReasons.at(kind);
        out_.add(reason.id, reason.effect,
                 more.empty() ? std::string(reason.what) : fmt::format("{}: {}", reason.what, more));
    }

    [[nodiscard]] const tcg::Signature* signature() const {
        return signature_ && *signature_ ? &**signature_ : nullptr;
    }
    [[nodiscard]] const tcg::Quote& quote() const { return judged_.reading.fields; }

    void say_structure() {
        const auto& read = judged_.reading;
        const auto type = tcg::attest_type_name(read.type);
        if (read.magic != tcg::kTpmGenerated) says(bad_magic, fmt::format("{:08x}", read.magic));
        if (read.type != tcg::kAttestQuote)
            says(not_a_quote, fmt::format("type {:#06x}, {}", read.type, type));
        if (read.stopped) says(malformed, describe(*read.stopped));
        if (read.left_over > 0) says(trailing_bytes, fmt::format("{} of them", read.left_over));
        out_.details["type"] = type;
        if (read.stopped) return;
        const auto& clock = quote().clock_info;
        out_.details["qualified_signer"] = to_hex(quote().qualified_signer);
        out_.details["extra_data"] = to_hex(quote().extra_data);
        out_.details["clock"] = {{"clock_ms", clock.clock_ms},
                                 {"reset_count", clock.reset_count},
                                 {"restart_count", clock.restart_count},
                                 {"safe", clock.safe}};
        out_.details["firmware_version"] = fmt::format("{:016x}", quote().firmware_version);
        if (!clock.safe) says(clock_unsafe);
        if (!judged_.is_quote()) return;
        out_.details["selection"] = to_text(quote().selection);
        out_.details["pcr_digest"] = to_hex(quote().pcr_digest);
        if (quote().selection.selects_nothing()) says(selects_no_pcr);
        if (quote().selection.mask(HashAlgorithm::sha1) != 0) says(quirk_sha1_bank);
    }

    void say_key(const tcg::PublicKeyFile& file) {
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

    // A TPMT_SIGNATURE, or the bare value of an RSA key's size.
    Result<tcg::Signature> read_signature(ByteView bytes) {
        bare_ = in_.key && in_.key->key.type() == tcg::KeyType::rsa &&
                bytes.size() == std::get<tcg::RsaPublic>(in_.key->key.key).modulus.size();
        if (!bare_) return tcg::parse_signature(bytes);
        return tcg::Signature{Scheme::rsassa, HashAlgorithm::sha256, to_bytes(bytes), {}, {}};
    }

    void say_unreadable(const Error& error) {
        constexpr std::size_t kHash = 2;  // where it stands, behind the scheme
        const bool unsupported = error.code == ErrorCode::unsupported;
        says(!unsupported            ? signature_malformed
             : error.offset == kHash ? hash_not_allowed
                                     : scheme_not_allowed,
             describe(error));
    }

    void say_signature() {
        if (!in_.signature) says(signature_not_given);
        if (!in_.key) says(key_not_given);
        if (!in_.signature) return;
        if (bare_) says(quirk_bare_rsa_signature);
        if (!*signature_) return say_unreadable(signature_->error());
        const auto [scheme, hash] = std::pair(signature()->scheme, signature()->hash);
        const auto name = fmt::format("{} with {}", scheme_name(scheme), to_string(hash));
        out_.details["signature"] = {{"scheme", scheme_name(scheme)}, {"hash", to_string(hash)}};
        const bool weak = hash == HashAlgorithm::sha1;
        if (weak) says(hash_not_allowed, name);
        if (!in_.key) return;
        const bool ecc = in_.key->key.type() == tcg::KeyType::ecc;
        const bool fits = ecc == (scheme == Scheme::ecdsa);
        if (!fits)
            says(scheme_not_allowed, fmt::format("{} of a key that is {}", name, key_kind(in_.key->key)));
        if (!*key_ && !out_.has(kReasons.at(key_too_small).id))
            says(key_not_allowed, describe(key_->error()));
        if (!judged_.signature || weak || !fits) return;
        if (*judged_.signature == tcg::SignatureVerdict::valid)
            out_.holds("signature: " + name + ", " + key_kind(in_.key->key));
        else if (*judged_.signature == tcg::SignatureVerdict::scheme_not_the_keys)
            says(scheme_not_allowed, fmt::format("{}, which the key's public area does not allow", name));
        else
            says(signature_invalid, fmt::format("{} ({})", name, tcg::to_string(*judged_.signature)));
    }

    void say_nonce() {
        if (!in_.nonce) return says(nonce_not_given);
        if (!judged_.over_extra_data) {
            return says(nonce_mismatch,
                        fmt::format("{} was asked with, {} is signed", shown_bytes(*in_.nonce),
                                    shown_bytes(quote().extra_data)));
        }
        if (in_.nonce->empty()) return says(nonce_empty);
        out_.holds("nonce: extraData is the nonce");
    }

    void say_pcrs() {
        if (!judged_.pcrs) return says(pcrs_not_given);
        const auto& pcrs = *judged_.pcrs;
        if (!pcrs.missing.empty()) says(pcr_missing, named(pcrs.missing));
        if (!pcrs.beside.empty()) says(pcr_not_selected, named(pcrs.beside));
        if (!pcrs.missing.empty() || signature() == nullptr) return;
        if (!pcrs.match) {
            return says(pcr_digest_mismatch, fmt::format("they give {}, {} is signed",
                                                         pcrs.digest ? pcrs.digest->hex() : "nothing",
                                                         shown_bytes(quote().pcr_digest)));
        }
        const auto by = signature()->hash;
        out_.holds(fmt::format("PCR values: their digest by {} is the quoted one", to_string(by)));
        for (const auto& bank : quote().selection.banks()) {
            if (bank.algorithm != by && bank.mask != 0) {
                says(quirk_digest_by_scheme_hash,
                     fmt::format("{} of the {} bank", to_string(by), to_string(bank.algorithm)));
            }
        }
    }

    static std::string named(const std::vector<tcg::JudgedPcrs::Place>& places) {
        std::string out;
        for (const auto& [bank, pcr] : places)
            out += fmt::format("{}{}:{}", out.empty() ? "" : " ", to_string(bank), pcr);
        return out;
    }

    static std::string shown_bytes(ByteView bytes) {
        return bytes.empty() ? "nothing" : to_hex(bytes.first(std::min<std::size_t>(bytes.size(), 64)));
    }

    const QuoteParts& in_;
    InspectVerdict out_;
    std::optional<Result<tcg::Signature>> signature_;
    bool bare_ = false;  // the signature is the RSA value alone
    std::optional<Result<tcg::VerifyKey>> key_;
    tcg::JudgedQuote judged_;
};

}  // namespace

InspectVerdict quote_verdict(const QuoteParts& parts) {
    return QuoteReport(parts).run();
}

std::span<const QuoteReason> quote_reasons() {
    return kReasons;
}

}  // namespace assay::cli

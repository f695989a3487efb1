#include "cli/inspect/quote_verdict.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/tpm/key/signature.h"
#include "evidence/tpm/quote.h"

namespace assay::cli {
namespace {

using tcg::Scheme;

enum Kind : std::uint8_t {
#define REASON(name, id, effect, sentence) name,
#include "cli/inspect/quote_reasons.inc"
#undef REASON
};
constexpr std::array kReasons{
#define REASON(name, id, effect, sentence) ReasonRow{id, Effect::effect, sentence},
#include "cli/inspect/quote_reasons.inc"
#undef REASON
};
constexpr const auto& reason_rows(Kind /*kind*/) {
    return kReasons;
}

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
    void says(Kind kind, const std::string& more = "") { out_.add(Reason{kind, more}); }

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

std::span<const ReasonRow> quote_reasons() {
    return kReasons;
}

}  // namespace assay::cli

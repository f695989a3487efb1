#include "cli/inspect/quote_verdict.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/tpm/judge_quote.h"

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
    void says(Kind kind, const std::string& more = "") { out_.add(Reason{kind, more}); }

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

std::span<const ReasonRow> quote_reasons() {
    return kReasons;
}

}  // namespace assay::cli

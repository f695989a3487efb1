#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "evidence/tpm/key/signature.h"
#include "evidence/tpm/quote.h"

namespace assay::tcg {

/// What a quote's PCRs are said to hold, beside what it is about.
struct JudgedPcrs {
    struct Place {
        HashAlgorithm bank = HashAlgorithm::sha256;
        unsigned pcr = 0;
        bool operator==(const Place&) const = default;
    };
    std::vector<Place> missing;    ///< selected, and without a value; in the selection's order
    std::vector<Place> beside;     ///< with a value, and not selected: nothing vouches for it
    std::optional<Digest> digest;  ///< what the values give; absent where one is missing, or the hash is
    bool match = false;            ///< that digest is the quoted one
};
/// `scheme_hash`: the hash of the signature's scheme, by which a quote's digest is made (TPM 2.0 Part
/// 3, 18.4).
JudgedPcrs judge_pcrs(const Quote& quote, std::optional<HashAlgorithm> scheme_hash, const PcrValues& values);

/// A quote, and what is known of it from elsewhere. Borrows all; what is absent is not judged.
struct QuoteQuestion {
    ByteView attest;                       ///< TPMS_ATTEST
    const Signature* signature = nullptr;  ///< as `parse_signature` gave it
    /// Whether the key that should have signed did: VerifyKey::verify, or one that keeps its answers.
    std::function<SignatureVerdict(ByteView attest, const Signature& signature)> verify = {};
    std::optional<ByteView> extra_data = {};  ///< what it was asked with: a nonce, or the binding of one
    const PcrValues* pcrs = nullptr;          ///< what the PCRs are said to hold
};

/// What is so and what is not. Each part is judged whatever the others say; who asked decides what it means.
struct JudgedQuote {
    AttestReading reading;                      ///< every fault of the structure at once
    std::optional<Error> fault;                 ///< the first of them, as `parse_quote` gives it
    std::optional<SignatureVerdict> signature;  ///< absent without signature or `verify`
    bool over_extra_data = false;               ///< it carries these very bytes
    std::optional<JudgedPcrs> pcrs;             ///< absent without values

    /// Its own fields mean something: read to their end, and of a quote.
    [[nodiscard]] bool is_quote() const { return !reading.stopped && reading.type == kAttestQuote; }
};

/// Judges a quote: structure, signature, extra data, PCR values. Nothing is believed of a key here. Pure.
JudgedQuote judge_quote(const QuoteQuestion& question);

}  // namespace assay::tcg

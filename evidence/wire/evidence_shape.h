#pragma once

#include "evidence/wire/evidence.h"
#include "evidence/wire/names.h"

/// The shape of Evidence, for the documents that hold one.
namespace assay::wire {

/// A map from section name to bytes. In C++ it is ordered by name, on the wire by key_less.
struct Sections {
    using Map = std::map<std::string, Bytes, std::less<>>;
    void encode(cbor::Writer& out, const Map& sections) const;
    void decode(cbor::Reader& in, std::string_view what, Map& sections) const;
};

// An empty value is that of a journal that rests.
inline constexpr auto kJournalProof =
    record(field("value_attest", &JournalProof::value_attest, Blob{0, limits::kQuote}),
           field("counter_attest", &JournalProof::counter_attest, Blob{1, limits::kQuote}),
           field("value_signature", &JournalProof::value_signature, Blob{0, limits::kSignature}),
           field("counter_signature", &JournalProof::counter_signature, Blob{1, limits::kSignature}));

inline constexpr auto kEvidence =
    record(Version{}, field("nonce", &Evidence::nonce, Blob{kNonceSize, kNonceSize}),
           field("quote", &Evidence::quote, Blob{1, limits::kQuote}),
           field("manifest", &Evidence::manifest, Blob{1, limits::kManifest}),
           field("sections", &Evidence::sections, Sections{}),
           field("signature", &Evidence::signature, Blob{1, limits::kSignature}),
           field("journal_proof", &Evidence::journal_proof, Maybe{kJournalProof}));

}  // namespace assay::wire

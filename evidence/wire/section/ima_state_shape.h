#pragma once

#include "evidence/wire/names.h"
#include "evidence/wire/section/ima_state.h"

/// The shapes of ImaState, for the documents that hold one, and of ImaPart.
namespace assay::wire {

/// A digest of SHA-256, SHA-384 or SHA-512: its size tells which.
struct StrongDigest {
    void encode(cbor::Writer& out, const Digest& value) const { out.bytes(value.view()); }
    void decode(cbor::Reader& in, std::string_view what, Digest& value) const {
        const auto start = in.input().offset();
        const auto bytes = Blob{0, Digest::kMaxSize}.view_of(in, what);
        for (const auto each : {HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512}) {
            if (auto digest = Digest::from_bytes(each, bytes); in.ok() && digest) value = *digest;
        }
        if (in.ok() && value.view().size() != bytes.size())
            in.input().fail_at(start, ErrorCode::malformed, "expected a digest of 32, 48 or 64 bytes");
    }
};

inline constexpr auto kImaNote =
    record(field("path", &ImaNote::path, Text{}), field("entry", &ImaNote::entry, Unsigned{}),
           field("found", &ImaNote::found, Text{}), field("offset", &ImaNote::offset, Unsigned{}),
           field("expected", &ImaNote::expected, Text{}));
inline constexpr auto kImaNotes = record(field("count", &ImaNotes::count, Unsigned{}),
                                         field("first", &ImaNotes::first, List{kImaNote, limits::kImaNotes}));
inline constexpr auto kImaFiles = record(
    field("rules", &ImaFiles::rules, DigestOf{}), field("ignored", &ImaFiles::ignored, Unsigned{}),
    field("approved", &ImaFiles::approved, Unsigned{}), field("unlisted", &ImaFiles::unlisted, kImaNotes),
    field("unapproved", &ImaFiles::unapproved, kImaNotes));
inline constexpr auto kImaState = record(
    field("files", &ImaState::files, Maybe{kImaFiles}), field("value", &ImaState::value, StrongDigest{}),
    field("edited", &ImaState::edited, kImaNotes), field("offset", &ImaState::offset, Unsigned{}),
    field("boot_id", &ImaState::boot_id, kBootId), field("entries", &ImaState::entries, Unsigned{}),
    field("aggregate", &ImaState::aggregate, Blob{0, Digest::kMaxSize}),
    field("violations", &ImaState::violations, kImaNotes),
    field("reset_count", &ImaState::reset_count, Unsigned{}),
    field("aggregate_hash", &ImaState::aggregate_hash, Text{}));
inline constexpr auto kImaLogPart = record(
    field("list", &ImaPart::list, Blob{0, limits::kSection}), field("state", &ImaPart::state, DigestOf{}),
    field("offset", &ImaPart::offset, Unsigned{}), field("entries", &ImaPart::entries, Unsigned{}));

}  // namespace assay::wire

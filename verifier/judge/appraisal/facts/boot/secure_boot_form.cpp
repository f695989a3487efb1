#include "evidence/codec/fields.h"
#include "verifier/judge/appraisal/facts/boot/secure_boot_facts.h"

namespace assay::judge {
namespace {

using namespace secure_boot_bounds;
using wire::field;

constexpr std::size_t kMostBytes = 1U << 20U;
// A text is at most so many bytes, and the cut may add three dots.
constexpr wire::Text kShort{kText + 3};
constexpr std::size_t kAllCertificates = 3 * kCertificates;

constexpr auto kCertificate = wire::record(
    field("i", &BootCertificate::issuer, kShort), field("n", &BootCertificate::not_after, wire::Integer{}),
    field("s", &BootCertificate::subject, kShort), field("x", &BootCertificate::sha256, wire::DigestOf{}));
constexpr auto kKeys = wire::record(
    field("c", &BootKeys::certificates, wire::List{wire::DigestOf{}, kCertificates}),
    field("h", &BootKeys::hashes, wire::Unsigned{}), field("m", &BootKeys::measured, wire::Flag{}),
    field("o", &BootKeys::others, wire::Unsigned{}), field("w", &BootKeys::whole, wire::Flag{}));
constexpr auto kAuthority =
    wire::record(field("k", &BootAuthority::kind, kShort), field("v", &BootAuthority::variable, kShort),
                 field("x", &BootAuthority::sha256, wire::DigestOf{}));
constexpr auto kImage = wire::record(
    field("a", &BootImage::authority, wire::Maybe{wire::Unsigned{kCertificates}}),
    field("d", &BootImage::digest, wire::Blob{1, Digest::kMaxSize}),
    field("p", &BootImage::pcr, wire::Unsigned{tcg::kPcrCount}), field("w", &BootImage::what, kShort));
constexpr wire::Named kKnown{std::array{BootKnown::quoted, BootKnown::no_log, BootKnown::not_vouched}};
constexpr auto kFacts = wire::record(
    field("a", &SecureBootFacts::authorities, wire::List{kAuthority, kCertificates}),
    field("b", &SecureBootFacts::bank, kShort),
    field("c", &SecureBootFacts::certificates, wire::List{kCertificate, kAllCertificates}),
    field("d", &SecureBootFacts::db, kKeys), field("e", &SecureBootFacts::enabled, wire::Maybe{wire::Flag{}}),
    field("f", &SecureBootFacts::drivers_whole, wire::Flag{}),
    field("g", &SecureBootFacts::applications_whole, wire::Flag{}),
    field("h", &SecureBootFacts::authorities_whole, wire::Flag{}),
    field("i", &SecureBootFacts::images, wire::List{kImage, kImages}),
    field("k", &SecureBootFacts::kek, kKeys), field("n", &SecureBootFacts::known, kKnown),
    field("r", &SecureBootFacts::dbx, wire::DigestOf{}),
    field("s", &SecureBootFacts::dbx_entries, wire::Unsigned{}),
    field("t", &SecureBootFacts::dbx_measured, wire::Flag{}), wire::Version{},
    field("w", &SecureBootFacts::why, wire::Text{}));
constexpr auto kRevokedEntries =
    wire::record(field("c", &RevokedEntries::certificates, wire::List{wire::DigestOf{}, kRevoked}),
                 field("i", &RevokedEntries::images, wire::List{wire::DigestOf{}, kRevoked}),
                 field("w", &RevokedEntries::whole, wire::Flag{}));

}  // namespace

std::string_view to_string(BootKnown known) {
    switch (known) {
        case BootKnown::quoted:
            return "quoted";
        case BootKnown::no_log:
            return "no-log";
        case BootKnown::not_vouched:
            break;
    }
    return "not-vouched";
}

Bytes encode_secure_boot_facts(const SecureBootFacts& facts) {
    return wire::encode_document(kFacts, facts);
}
Result<SecureBootFacts> decode_secure_boot_facts(ByteView bytes) {
    return wire::decode_document<SecureBootFacts>(kFacts, bytes, "Secure Boot facts", kMostBytes);
}
Bytes encode_revoked_entries(const RevokedEntries& entries) {
    return wire::encode_document(kRevokedEntries, entries);
}
Result<RevokedEntries> decode_revoked_entries(ByteView bytes) {
    return wire::decode_document<RevokedEntries>(kRevokedEntries, bytes, "revoked entries", kMostBytes);
}

}  // namespace assay::judge

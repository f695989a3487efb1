#include "evidence/wire/evidence.h"

#include <algorithm>

#include "evidence/base/limits.h"
#include "evidence/wire/evidence_shape.h"

namespace assay {
namespace {

using wire::field;

constexpr auto kEntry =
    wire::record(field("name", &ManifestEntry::name, wire::kSectionName),
                 field("digest", &ManifestEntry::digest, wire::DigestOf{}),
                 field("length", &ManifestEntry::length, wire::Unsigned{limits::kSection}));

/// Entries ascend by name: so each is there once, and one set of entries has one encoding.
struct Entries {
    void encode(cbor::Writer& out, const std::vector<ManifestEntry>& entries) const {
        auto sorted = entries;
        std::ranges::sort(sorted, {}, &ManifestEntry::name);
        kList.encode(out, sorted);
    }
    void decode(cbor::Reader& in, std::string_view what, std::vector<ManifestEntry>& entries) const {
        kList.decode(in, what, entries);
        if (in.ok() && std::ranges::adjacent_find(entries, std::greater_equal{}, &ManifestEntry::name) !=
                           entries.end()) {
            in.input().fail_here(ErrorCode::malformed, "entries: a name twice or out of order");
        }
    }
    static constexpr wire::List kList{kEntry, limits::kSections};
};

constexpr auto kManifest = wire::record(wire::Version{}, field("host", &Manifest::host, wire::kHostNameText),
                                        field("boot_id", &Manifest::boot_id, wire::kBootId),
                                        field("entries", &Manifest::entries, Entries{}));

}  // namespace

const ManifestEntry* Manifest::find(std::string_view name) const {
    const auto found = std::ranges::find(entries, name, &ManifestEntry::name);
    return found == entries.end() ? nullptr : &*found;
}

Bytes encode_manifest(const Manifest& manifest) {
    return wire::encode_document(kManifest, manifest);
}

Result<Manifest> decode_manifest(ByteView bytes) {
    return wire::decode_document<Manifest>(kManifest, bytes, "manifest", limits::kManifest);
}

Bytes encode_evidence(const Evidence& evidence) {
    return wire::encode_document(wire::kEvidence, evidence);
}

Result<Evidence> decode_evidence(ByteView bytes) {
    return wire::decode_document<Evidence>(wire::kEvidence, bytes, "evidence", limits::kEvidenceBody);
}

Digest evidence_binding(ByteView nonce, ByteView manifest) {
    return hash(HashAlgorithm::sha256, {as_view(kEvidenceDomain), nonce, sha256(manifest).view()});
}

Bytes manifest_of(std::string_view host, std::string_view boot_id,
                  const std::map<std::string, Bytes, std::less<>>& sections) {
    Manifest manifest{std::string(host), std::string(boot_id), {}};
    for (const auto& [name, bytes] : sections)
        manifest.entries.push_back({name, bytes.size(), sha256(bytes)});
    return encode_manifest(manifest);
}

}  // namespace assay

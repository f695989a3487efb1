#include "verifier/judge/appraisal/facts/ima/ima_approval.h"

#include <algorithm>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "verifier/judge/appraisal/checks/check.h"

namespace assay::judge {
namespace {

std::string content_of(const tcg::ImaFields& entry) {
    // A digest of an unknown algorithm may be of any size.
    const auto digest = entry.file_hash.first(std::min(entry.file_hash.size(), Digest::kMaxSize));
    return fmt::format("{}:{}", shown(entry.file_hash_name), to_hex(digest));
}

std::optional<Digest> sha256_of(const tcg::ImaFields& entry) {
    // The fs-verity digest of a file is none of its content, and names no content in a list.
    if (entry.is_verity || entry.file_hash_algorithm != HashAlgorithm::sha256) return std::nullopt;
    const auto digest = Digest::from_bytes(HashAlgorithm::sha256, entry.file_hash);
    return digest ? std::optional(*digest) : std::nullopt;
}

std::string list_of(const std::vector<Digest>& digests) {
    const auto first = "sha256:" + digests.front().hex();
    return digests.size() == 1 ? first : fmt::format("{} or one of {} others", first, digests.size() - 1);
}

}  // namespace

void add_note(ImaNotes& notes, const tcg::ParsedImaEntry& entry, std::string path, std::string expected,
              std::string found) {
    ++notes.count;
    if (notes.first.size() == limits::kImaNotes) return;
    notes.first.push_back(
        {entry.index, entry.offset, std::move(path), std::move(expected), std::move(found)});
}

std::optional<Digest> ima_rules(const Policy& policy) {
    return policy.ima ? std::optional(policy.ima->digest) : std::nullopt;
}

ImaApproval::ImaApproval(const Policy& policy) : rules_(policy.ima ? &*policy.ima : nullptr) {
    if (rules_ == nullptr) return;
    for (const auto& each : rules_->signers) {
        // The policy was refused where this is no key.
        if (auto key = tcg::ImaSigner::from_public_key(each.public_key))
            signers_.push_back({each.name, std::move(*key)});
    }
}

void ImaApproval::judge(const tcg::ParsedImaEntry& entry, ImaFiles& files) const {
    // Nothing covers the data of a violation: its path is the host's word.
    if (entry.is_violation())
        return add_note(files.unlisted, entry, "entry", "an approved file",
                        "a violation: no content is known");
    const auto fields = tcg::ima_fields(entry);
    if (!fields)
        return add_note(files.unlisted, entry, "entry", "an approved file", shown(describe(fields.error())));
    if (entry.index == 0 && fields->path == "boot_aggregate") return;  // no file; judged with the boot PCRs
    const auto is_prefix = [&](const auto& rule) { return fields->path.starts_with(rule.prefix); };
    if (std::ranges::any_of(rules_->ignored, is_prefix)) {
        ++files.ignored;
        return;
    }
    if (const auto listed = rules_->files.find(fields->path); listed != rules_->files.end()) {
        const auto digest = sha256_of(*fields);
        if (digest && std::ranges::binary_search(listed->second, *digest)) {
            ++files.approved;
            return;
        }
        return add_note(files.unapproved, entry, shown(fields->path), list_of(listed->second),
                        content_of(*fields));
    }
    if (approves(*fields)) {
        ++files.approved;
        return;
    }
    add_note(files.unlisted, entry, shown(fields->path), "an approved file", content_of(*fields));
}

std::optional<std::string> ImaApproval::approves(const tcg::ImaFields& entry) const {
    const auto digest = sha256_of(entry);
    if (digest && std::ranges::binary_search(rules_->digests, *digest)) return "its digest is listed";
    return signed_by(entry);
}

std::optional<std::string> ImaApproval::signed_by(const tcg::ImaFields& entry) const {
    if (entry.signature.empty() || signers_.empty()) return std::nullopt;
    // SHA-1 makes no file that nobody else could make.
    if (!entry.file_hash_algorithm || *entry.file_hash_algorithm == HashAlgorithm::sha1) return std::nullopt;
    const auto signature = tcg::parse_ima_signature(entry.signature);
    if (!signature || signature->hash != entry.file_hash_algorithm) return std::nullopt;
    if (entry.is_verity != (signature->kind == tcg::ImaSignature::Kind::verity)) return std::nullopt;
    for (const auto& signer : signers_) {
        if (signer.key.key_id() == signature->key_id && signer.key.verifies(*signature, entry.file_hash))
            return fmt::format("signed by {}", signer.name);
    }
    return std::nullopt;
}

}  // namespace assay::judge

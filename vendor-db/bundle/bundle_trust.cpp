#include "vendor-db/bundle/bundle_trust.h"

#include <algorithm>

#include "evidence/base/limits.h"
#include "evidence/base/text.h"

namespace assay::vendors {
namespace {

const BundleKey* find(const std::vector<BundleKey>& keys, const Digest& id) {
    const auto found = std::ranges::find(keys, id, &BundleKey::id);
    return found == keys.end() ? nullptr : &*found;
}

std::string count(std::size_t number) {
    return std::to_string(number);
}

/// Signatures come ascending by key, so that two of one key are neighbours.
void judge_signatures(const Bundle& bundle, const BundleTrust& trust, BundleJudgement& out) {
    const BundleSignature* before = nullptr;
    for (const auto& each : bundle.signatures) {
        const bool again = before != nullptr && before->key == each.key;
        before = &each;
        const auto id = each.key.hex();
        if (again)
            out.add(BundleReason::same_signer_twice, "key " + id + " has two signatures; take one out");
        if (const auto* retired = find(trust.retired(), each.key); retired != nullptr) {
            out.add(BundleReason::retired_key,
                    "the signature by " + retired->name + " does not count: its key is retired");
            continue;
        }
        const auto* key = find(trust.keys(), each.key);
        if (key == nullptr) {
            out.add(BundleReason::unknown_key, "a signature by a key that is not configured: " + id);
        } else if (!verifies(each, *key, bundle.content)) {
            out.add(BundleReason::edited,
                    "the signature by " + key->name +
                        " is not over this content: it was edited after it was signed; get "
                        "the bundle anew from its builder");
        } else if (!again) {
            out.holds("signature by " + key->name);
        }
    }
    if (out.checked.size() < trust.signatures()) {
        out.add(BundleReason::too_few_signatures,
                count(out.checked.size()) + " of the " + count(trust.keys().size()) +
                    " configured keys have signed, " + count(trust.signatures()) +
                    " must; have it signed by more of them");
    }
}

void judge_time(const BundleContent& content, std::int64_t now, BundleJudgement& out) {
    if (now < content.issued)
        out.add(BundleReason::not_yet_issued, "issued at " + utc_text(content.issued) + ", and now is " +
                                                  utc_text(now) + "; set this machine's clock, or wait");
    if (now >= content.expires)
        out.add(BundleReason::expired, "expired at " + utc_text(content.expires) + ", and now is " +
                                           utc_text(now) + "; roll out a newer bundle");
}

void judge_version(const BundleContent& content, const Digest& digest, const LastBundle& last,
                   BundleJudgement& out) {
    if (content.version < last.version) {
        out.add(BundleReason::rolled_back,
                "version " + std::to_string(content.version) + ", and version " +
                    std::to_string(last.version) +
                    " was loaded before; build the older content anew under a higher version");
    } else if (content.version == last.version && digest != last.digest) {
        out.add(BundleReason::version_reused,
                "version " + std::to_string(content.version) + " was loaded before with another content, " +
                    last.digest.hex() + "; build this one under a higher version");
    }
}

}  // namespace

Result<BundleTrust> BundleTrust::of(std::vector<BundleKey> keys, std::vector<BundleKey> retired,
                                    std::size_t signatures) {
    if (keys.size() + retired.size() > limits::kBundleSignatures)
        return fail(ErrorCode::usage,
                    "more than 32 keys for vendor bundles; remove those that are long retired");
    std::vector<const BundleKey*> all;
    for (const auto* list : {&keys, &retired}) {
        for (const auto& key : *list) {
            for (const auto* other : all) {
                if (other->id != key.id) continue;
                return fail(ErrorCode::usage, "the key in " + key.name + " is also in " + other->name +
                                                  ": one signer must not count as two; remove one of them");
            }
            all.push_back(&key);
        }
    }
    if (signatures == 0 || signatures > keys.size()) {
        return fail(ErrorCode::usage, "expected " + count(signatures) + " signatures of " +
                                          count(keys.size()) +
                                          " keys; ask for at least one, and for no more than there are keys");
    }
    BundleTrust trust;
    trust.keys_ = std::move(keys);
    trust.retired_ = std::move(retired);
    trust.signatures_ = signatures;
    return trust;
}

Result<BundleJudgement> judge_bundle(ByteView file, const BundleTrust& trust, std::int64_t now,
                                     const std::optional<LastBundle>& last) {
    const auto bundle = TRY(decode_bundle(file));
    BundleJudgement out;
    judge_signatures(bundle, trust, out);
    if (const auto product = bundle_product(bundle.content); product && *product != kBundleProduct) {
        out.add(BundleReason::wrong_product, "signed for '" + printable(shortened(*product, 64)) +
                                                 "', which is no vendor bundle; give the vendor bundle");
        return out;
    }
    auto decoded = decode_bundle_content(bundle.content);
    if (!decoded && out.effect() == Effect::invalid) return out;  // an edited content need not decode
    auto content = TRY(std::move(decoded));
    const auto digest = bundle.digest();
    judge_time(content, now, out);
    if (last) judge_version(content, digest, *last, out);
    if (!out.trusted()) return out;
    out.holds("version " + std::to_string(content.version) + " is in date");
    out.bundle = VerifiedBundle(std::move(content), digest);
    return out;
}

}  // namespace assay::vendors

#include "verifier/judge/appraisal/policy/policy_ima.h"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"
#include "evidence/codec/toml_file.h"
#include "evidence/ima/ima_signature.h"

namespace assay::judge {
namespace {

constexpr std::size_t kPublicKey = 2048;  // SubjectPublicKeyInfo, bytes

Result<std::vector<Digest>> digests_in(const TomlReader& in, std::string_view key, bool optional) {
    std::vector<Digest> out;
    for (const auto& text : optional ? TRY(in.optional_texts(key)) : TRY(in.texts(key))) {
        const auto bytes = from_hex(text, digest_size(HashAlgorithm::sha256));
        const auto digest =
            bytes ? Digest::from_bytes(HashAlgorithm::sha256, *bytes) : fail(ErrorCode::malformed, "");
        if (!digest)
            return in.refuse(
                key, fmt::format("{}: expected a SHA-256 of 64 hex digits, got '{}'", key, printable(text)));
        out.push_back(*digest);
    }
    std::ranges::sort(out);
    return out;
}

// Base64 as tools write it: with + / and padding.
Result<Bytes> from_base64(std::string text) {
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    while (text.ends_with('=')) text.pop_back();
    return from_base64url(text, kPublicKey);
}

Result<ImaPolicy::Signer> signer(const TomlReader& in) {
    TRY_VOID(in.only({"name", "public_key"}));
    auto name = TRY(in.text("name"));
    ImaPolicy::Signer out{std::move(name), {}};
    const auto key = from_base64(TRY(in.text("public_key")));
    if (!key || !tcg::ImaSigner::from_public_key(*key)) {
        return in.refuse("public_key",
                         "public_key: expected the Base64 of a public key in DER; print it with: openssl "
                         "pkey -pubin -in KEY "
                         "-outform DER | base64 -w0");
    }
    out.public_key = *key;
    return out;
}

Result<Tier> tier_of(const TomlReader& in, std::string_view text) {
    if (text == "warning") return Tier::warning;
    if (text == "contraindicated") return Tier::contraindicated;
    if (text == "allow") return Tier::affirming;
    return in.refuse(
        "unlisted",
        fmt::format("unlisted: expected one of warning, contraindicated, allow, got '{}'", printable(text)));
}

/// Over everything that decides about an entry, in an order that does not depend on the file's.
Digest digest_of(const ImaPolicy& policy) {
    Hasher out(HashAlgorithm::sha256);
    out.update("assay-ima-rules-v1");
    const auto text = [&out](std::string_view part) { out.update(sha256(as_view(part)).view()); };
    const auto all = [&](const std::vector<Digest>& list) {
        text(std::to_string(list.size()));
        for (const auto& each : list) out.update(each.view());
    };
    text(to_string(policy.unlisted));
    all(policy.digests);
    text(std::to_string(policy.files.size()));
    for (const auto& [path, list] : policy.files) {
        text(path);
        all(list);
    }
    text(std::to_string(policy.signers.size()));
    for (const auto& each : policy.signers) {
        text(each.name);
        out.update(sha256(each.public_key).view());
    }
    for (const auto& each : policy.ignored) {
        text(each.prefix);
        text(each.reason);
    }
    return out.finish();
}

}  // namespace

Result<ImaPolicy> ImaPolicy::read(const TomlReader& in) {
    TRY_VOID(in.only({"digests", "files", "signers", "ignore", "unlisted"}));
    ImaPolicy out;
    out.digests = TRY(digests_in(in, "digests", true));
    for (const auto& each : TRY(in.tables("files"))) {
        TRY_VOID(each.only({"path", "sha256"}));
        const auto path = TRY(each.text("path"));
        if (!out.files.emplace(path, TRY(digests_in(each, "sha256", false))).second)
            return each.refuse("path", "path: twice; list all its digests in one table");
    }
    for (const auto& each : TRY(in.tables("signers"))) out.signers.push_back(TRY(signer(each)));
    for (const auto& each : TRY(in.tables("ignore"))) {
        TRY_VOID(each.only({"prefix", "reason"}));
        auto prefix = TRY(each.text("prefix"));
        auto reason = TRY(each.text("reason"));
        out.ignored.push_back({std::move(prefix), std::move(reason)});
    }
    // Their order decides about nothing: so it is none of the rules.
    std::ranges::sort(out.signers, {},
                      [](const Signer& each) { return std::tie(each.name, each.public_key); });
    std::ranges::sort(out.ignored, {},
                      [](const Ignored& each) { return std::tie(each.prefix, each.reason); });
    if (const auto unlisted = TRY(in.optional_text("unlisted"))) out.unlisted = TRY(tier_of(in, *unlisted));
    out.digest = digest_of(out);
    return out;
}

}  // namespace assay::judge

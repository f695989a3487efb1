#include "vendor-db/bundle/bundle.h"

#include <algorithm>
#include <limits>

#include "evidence/base/limits.h"
#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "evidence/codec/cbor.h"

namespace assay::vendors {
namespace {

constexpr std::size_t kFileName = 255;
constexpr std::size_t kEd25519Signature = 64;
constexpr std::uint64_t kHighestVersion = std::numeric_limits<std::int64_t>::max();  // what databases hold

using Files = std::vector<SourceFile>;

bool by_name(const SourceFile& a, const SourceFile& b) {
    return a.name < b.name;
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= kFileName && printable(name) == name;
}

Result<> put_in_order(Files& files) {
    std::ranges::sort(files, by_name);
    for (const auto& file : files) {
        if (!is_name(file.name))
            return fail(ErrorCode::usage,
                        "'" + printable(shortened(file.name, kFileName)) +
                            "': a file's name has 1 to 255 printable characters; rename it");
        if (!is_utf8(file.text)) return fail(ErrorCode::usage, file.name + ": not UTF-8; convert it");
    }
    const auto twice = std::ranges::adjacent_find(files, {}, &SourceFile::name);
    if (twice != files.end()) return fail(ErrorCode::usage, twice->name + " is given twice; give it once");
    if (files.size() > limits::kVendorFiles)
        return fail(ErrorCode::limit, "more than 20,000 files of one kind");
    return {};
}

cbor::Encoded encoded(const Files& files) {
    std::vector<cbor::Encoded> items;
    items.reserve(files.size());
    for (const auto& file : files)
        items.push_back(cbor::map({{"name", cbor::text(file.name)}, {"text", cbor::text(file.text)}}));
    return cbor::array(items);
}

SourceFile decode_file(cbor::Reader& in) {
    SourceFile file;
    std::size_t seen = 0;
    in.map("file", [&](std::string_view key) {
        ++seen;
        if (key == "name")
            file.name = in.text(key, kFileName);
        else if (key == "text")
            file.text = in.text(key, limits::kTextFile);
        else
            in.unknown(key);
    });
    if (in.ok() && (seen != 2 || !is_name(file.name)))
        in.input().fail_here(ErrorCode::malformed,
                             "file: expected a name of printable characters and a text");
    return file;
}

void decode_files(cbor::Reader& in, std::string_view what, Files& files) {
    in.array(what, limits::kVendorFiles, [&] {
        auto file = decode_file(in);
        if (in.ok() && !files.empty() && !by_name(files.back(), file))
            in.input().fail_here(ErrorCode::malformed, "files: not ascending by name");
        files.push_back(std::move(file));
    });
}

/// A key that may be absent: an empty list would be a second form of the same content.
void decode_optional_files(cbor::Reader& in, std::string_view what, std::size_t& seen, Files& files) {
    --seen;
    decode_files(in, what, files);
    if (in.ok() && files.empty())
        in.input().fail_here(ErrorCode::malformed, std::string(what) + ": an empty list is left out");
}

BundleSignature decode_signature(cbor::Reader& in) {
    BundleSignature out;
    std::size_t seen = 0;
    in.map("signature", [&](std::string_view key) {
        ++seen;
        if (key == "key") {
            const auto digest = Digest::from_bytes(HashAlgorithm::sha256, in.bytes(key, Digest::kMaxSize));
            if (digest)
                out.key = *digest;
            else
                in.input().fail_here(ErrorCode::malformed, "key: expected 32 bytes");
        } else if (key == "signature") {
            out.signature = to_bytes(in.bytes(key, kEd25519Signature));
        } else {
            in.unknown(key);
        }
    });
    if (in.ok() && (seen != 2 || out.signature.size() != kEd25519Signature))
        in.input().fail_here(ErrorCode::malformed,
                             "signature: expected a key of 32 and a signature of 64 bytes");
    return out;
}

void decode_version_of_format(cbor::Reader& in, std::string_view key) {
    if (in.unsigned_integer(key) != 1 && in.ok())
        in.input().fail_here(ErrorCode::unsupported, "v: only 1 is known here; a newer Assay made it");
}

void check(cbor::Reader& in, const BundleContent& content, std::string_view product) {
    const auto say = [&](std::string_view what) { in.input().fail_here(ErrorCode::malformed, what); };
    if (!in.ok()) return;
    if (product != kBundleProduct) return say("product: not a vendor bundle");
    if (content.version == 0) return say("version: expected 1 or more");
    if (content.expires <= content.issued) say("expires: not after issued");
}

}  // namespace

Edition edition_of(const BundleContent& content, const Digest& digest) {
    return {content.version, content.issued, content.expires, digest};
}

Result<Bytes> encode_bundle_content(BundleContent content) {
    if (content.version == 0 || content.version > kHighestVersion)
        return fail(ErrorCode::usage, "version: expected a number from 1 to 2^63-1");
    if (content.expires <= content.issued)
        return fail(ErrorCode::usage, "the bundle would expire before it is issued; choose a later date");
    auto& sources = content.sources;
    for (auto* files : {&sources.vendors, &sources.lists, &sources.decisions, &sources.firmware,
                        &sources.baselines, &sources.references})
        TRY_VOID(put_in_order(*files));
    std::vector<std::pair<std::string_view, cbor::Encoded>> fields{
        {"v", cbor::unsigned_integer(1)},
        {"lists", encoded(sources.lists)},
        {"issued", cbor::integer(content.issued)},
        {"expires", cbor::integer(content.expires)},
        {"product", cbor::text(kBundleProduct)},
        {"vendors", encoded(sources.vendors)},
        {"version", cbor::unsigned_integer(content.version)},
        {"firmware", encoded(sources.firmware)},
        {"decisions", encoded(sources.decisions)}};
    // Absent where there is none: bundles of before there were such files keep their bytes.
    if (!sources.baselines.empty()) fields.emplace_back("baselines", encoded(sources.baselines));
    if (!sources.references.empty()) fields.emplace_back("references", encoded(sources.references));
    auto out = cbor::map(std::move(fields));
    if (out.size() > limits::kVendorBundle) return fail(ErrorCode::limit, "the bundle has more than 32 MiB");
    return out;
}

Result<BundleContent> decode_bundle_content(ByteView bytes) {
    if (bytes.size() > limits::kVendorBundle)
        return fail(ErrorCode::limit, "vendor bundle: more than 32 MiB");
    return cbor::parse_document(bytes, "vendor bundle content", [](cbor::Reader& in) {
        BundleContent content;
        std::string_view product;
        std::size_t seen = 0;
        in.map("content", [&](std::string_view key) {
            ++seen;
            if (key == "v")
                decode_version_of_format(in, key);
            else if (key == "lists")
                decode_files(in, key, content.sources.lists);
            else if (key == "issued")
                content.issued = in.integer(key);
            else if (key == "expires")
                content.expires = in.integer(key);
            else if (key == "product")
                product = in.text(key);
            else if (key == "vendors")
                decode_files(in, key, content.sources.vendors);
            else if (key == "version")
                content.version = in.unsigned_integer(key, kHighestVersion);
            else if (key == "firmware")
                decode_files(in, key, content.sources.firmware);
            else if (key == "baselines")
                decode_optional_files(in, key, seen, content.sources.baselines);
            else if (key == "references")
                decode_optional_files(in, key, seen, content.sources.references);
            else if (key == "decisions")
                decode_files(in, key, content.sources.decisions);
            else
                in.unknown(key);
        });
        constexpr std::size_t kKeys = 9;  // `baselines` and `references` aside
        if (in.ok() && seen != kKeys) in.input().fail_here(ErrorCode::malformed, "content: a key is missing");
        check(in, content, product);
        return content;
    });
}

Result<std::string> bundle_product(ByteView content) {
    return cbor::parse_document(content, "bundle content", [](cbor::Reader& in) {
        std::string product;
        in.map("content", [&](std::string_view key) {
            if (key == "product")
                product = in.text(key);
            else
                in.skip();
        });
        return product;
    });
}

Bytes encode_bundle(Bundle bundle) {
    sort_stably(bundle.signatures, {}, &BundleSignature::key);
    std::vector<cbor::Encoded> signatures;
    signatures.reserve(bundle.signatures.size());
    for (const auto& each : bundle.signatures) {
        signatures.push_back(
            cbor::map({{"key", cbor::bytes(each.key.view())}, {"signature", cbor::bytes(each.signature)}}));
    }
    return cbor::map({{"v", cbor::unsigned_integer(1)},
                      {"content", cbor::bytes(bundle.content)},
                      {"signatures", cbor::array(signatures)}});
}

Result<Bundle> decode_bundle(ByteView bytes) {
    return cbor::parse_document(bytes, "vendor bundle", [](cbor::Reader& in) {
        Bundle bundle;
        std::size_t seen = 0;
        in.map("bundle", [&](std::string_view key) {
            ++seen;
            if (key == "v") {
                decode_version_of_format(in, key);
            } else if (key == "content") {
                bundle.content = to_bytes(in.bytes(key, limits::kVendorBundle));
            } else if (key == "signatures") {
                in.array(key, limits::kBundleSignatures, [&] {
                    auto each = decode_signature(in);
                    if (in.ok() && !bundle.signatures.empty() && each.key < bundle.signatures.back().key)
                        in.input().fail_here(ErrorCode::malformed, "signatures: not ascending by key");
                    bundle.signatures.push_back(std::move(each));
                });
            } else {
                in.unknown(key);
            }
        });
        constexpr std::size_t kKeys = 3;
        if (in.ok() && seen != kKeys) in.input().fail_here(ErrorCode::malformed, "bundle: a key is missing");
        return bundle;
    });
}

}  // namespace assay::vendors

#include "verifier/judge/appraisal/policy/proposal.h"

#include "evidence/base/limits.h"
#include "evidence/codec/cbor.h"
#include "vendor-db/bundle/bundle.h"

namespace assay::judge {
namespace {

using Files = std::vector<vendors::SourceFile>;

constexpr std::size_t kFiles = 1000;

cbor::Encoded encoded(const Files& files) {
    std::vector<cbor::Encoded> items;
    items.reserve(files.size());
    for (const auto& file : files)
        items.push_back(cbor::map({{"name", cbor::text(file.name)}, {"text", cbor::text(file.text)}}));
    return cbor::array(items);
}

Files decoded(cbor::Reader& in, std::string_view what) {
    Files files;
    in.array(what, kFiles, [&] {
        vendors::SourceFile file;
        std::size_t keys = 0;
        in.map("file", [&](std::string_view key) {
            ++keys;
            if (key == "name")
                file.name = in.text(key);
            else if (key == "text")
                file.text = in.text(key, limits::kTextFile);
            else
                in.unknown(key);
        });
        if (in.ok() && keys != 2) in.input().fail_here(ErrorCode::malformed, "file: expected name and text");
        files.push_back(std::move(file));
    });
    return files;
}

}  // namespace

Bytes encode_proposal(const Proposal& proposal) {
    return cbor::map({{"v", cbor::unsigned_integer(1)},
                      {"bundle", cbor::bytes(proposal.bundle)},
                      {"policies", encoded(proposal.policies)},
                      {"references", encoded(proposal.references)}});
}

Result<Proposal> decode_proposal(ByteView bytes) {
    return cbor::parse_document(bytes, "proposal", [](cbor::Reader& in) {
        Proposal out;
        std::size_t keys = 0;  // none comes twice
        in.map("proposal", [&](std::string_view key) {
            ++keys;
            if (key == "v") {
                if (in.unsigned_integer(key) != 1 && in.ok())
                    in.input().fail_here(ErrorCode::unsupported,
                                         "v: only 1 is known here; a newer Assay made it");
            } else if (key == "bundle") {
                out.bundle = to_bytes(in.bytes(key, limits::kVendorBundle));
            } else if (key == "policies") {
                out.policies = decoded(in, key);
            } else if (key == "references") {
                out.references = decoded(in, key);
            } else {
                in.unknown(key);
            }
        });
        if (in.ok() && keys != 4)
            in.input().fail_here(ErrorCode::malformed,
                                 "proposal: expected v, bundle, policies and references");
        return out;
    });
}

}  // namespace assay::judge

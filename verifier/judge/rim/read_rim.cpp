#include "verifier/judge/rim/read_rim.h"

#include "evidence/base/text.h"
#include "verifier/judge/rim/corim.h"
#include "verifier/judge/rim/corim_kin.h"
#include "verifier/judge/rim/digest_list.h"
#include "verifier/judge/rim/pc_client_rim.h"
#include "verifier/judge/rim/swid_tag.h"

namespace assay::rim {
namespace {

// What belongs to CoRIM's family and is none, told as what it is.
Result<> refuse_kin(const NamedFile& file) {
    if (auto kin = corim_kin_of_file(file.content)) return fail(ErrorCode::unsupported, std::move(*kin));
    return {};
}

Result<Rim> read(const NamedFile& file, std::span<const NamedFile> support, const RimTrust& trust) {
    switch (format_of(file.content)) {
        case RimFormat::pc_client:
            return read_pc_client_rim(file.content, support, trust);
        case RimFormat::corim:
            return read_corim(file.content, trust);
        case RimFormat::digest_list:
            TRY_VOID(refuse_kin(file));
            return read_digest_list(file.content, file.name);
    }
    return fail(ErrorCode::internal, "no such format");
}

}  // namespace

RimFormat format_of(ByteView bytes) {
    auto text = as_text(bytes);
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (trimmed(text).starts_with('<')) return RimFormat::pc_client;
    // No text begins so: tag 18, tags 500 to 502, an array of four.
    for (const std::string_view begin : {"\xd2", "\x84", "\xd9\x01\xf4", "\xd9\x01\xf5", "\xd9\x01\xf6"}) {
        if (text.starts_with(begin)) return RimFormat::corim;
    }
    return RimFormat::digest_list;
}

Result<TagIdentity> identity_of(const NamedFile& file) {
    const auto read = [&]() -> Result<TagIdentity> {
        switch (format_of(file.content)) {
            case RimFormat::pc_client: {
                const auto tag = TRY(read_swid_tag(TRY(xml::parse(file.content))));
                return TagIdentity{tag.tag_id, tag.tag_version};
            }
            case RimFormat::corim: {
                const auto rim = TRY(read_corim_unverified(file.content));
                return TagIdentity{rim.tag_id, rim.tag_version};
            }
            case RimFormat::digest_list:
                TRY_VOID(refuse_kin(file));
                break;
        }
        return fail(ErrorCode::unsupported, "a list of digests has no version to compare");
    };
    return with_context(read(), printable(file.name));
}

Result<Rim> read_rim(const NamedFile& file, std::span<const NamedFile> support, const RimTrust& trust) {
    return with_context(read(file, support, trust), printable(file.name));
}

}  // namespace assay::rim

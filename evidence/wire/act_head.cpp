#include "evidence/wire/act_head.h"

#include <charconv>

#include <fmt/core.h>

#include "evidence/base/hex.h"

namespace assay {

std::string to_text(const ActHead& head) {
    return fmt::format("{}.{}", head.number, to_base64url(head.head.view()));
}

Result<ActHead> act_head_from(std::string_view text) {
    ActHead out;
    const auto dot = std::min(text.find('.'), text.size());
    const auto* end = text.data() + dot;
    const auto [stop, error] = std::from_chars(text.data(), end, out.number);
    const auto bytes = from_base64url(text.substr(std::min(dot + 1, text.size())), kSha256Digits / 2);
    const auto head = bytes ? Digest::from_bytes(HashAlgorithm::sha256, *bytes)
                            : Result<Digest>(std::unexpected(bytes.error()));
    if (error != std::errc() || stop != end || out.number < 1 || !head)
        return fail(ErrorCode::malformed, "expected an act's number, a dot, and base64url of 32 bytes");
    out.head = *head;
    if (to_text(out) != text)
        return fail(ErrorCode::malformed, "expected the number of an act in its shortest form");
    return out;
}

}  // namespace assay

// Input: what a client sends. Where a request ends, and whether it is one, does not depend on the pieces that
// it comes in; its target is split into plain text.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "evidence/base/text.h"
#include "tests/fuzz/round_trip.h"
#include "verifier/service/server/request_parser.h"

using namespace assay;

namespace {

constexpr std::size_t kHead = 8192;

struct Read {
    bool has_head = false, is_whole = false, is_refused = false;
    std::string method, target, content_type;
    std::size_t used = 0;
    bool operator==(const Read&) const = default;
};

Read read(std::string_view input, std::size_t piece) {
    server::RequestParser parser(kHead);
    Read out;
    std::size_t offered = 0;
    while (!parser.is_whole() && !parser.refusal()) {
        const bool had_head = parser.has_head();
        const auto used = parser.take(input.substr(out.used, offered - out.used));
        if (used > offered - out.used) std::abort();
        out.used += used;
        if (used != 0 || parser.has_head() != had_head || parser.is_whole() || parser.refusal()) continue;
        if (offered == input.size()) break;
        offered = std::min(offered + piece, input.size());
    }
    out.has_head = parser.has_head();
    out.is_whole = parser.is_whole();
    out.is_refused = parser.refusal().has_value();
    if (out.is_refused && (parser.refusal()->status < 400 || parser.reason().empty())) std::abort();
    if (out.is_refused) out.used = 0;  // how much of what is refused was looked at is nobody's business
    out.method = parser.method();
    out.target = parser.target();
    out.content_type = parser.content_type();
    return out;
}

bool is_plain(std::string_view text) {
    return is_utf8(text) && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = as_text(fuzz::view_of(data, size));
    const auto whole = read(input, input.size() + 1);
    const auto pieces = read(input, 1);
    // What is no request may be refused at once or wait for an end that does not come; it is none either way.
    if (whole.is_whole != pieces.is_whole) std::abort();
    if (whole.is_whole && whole != pieces) std::abort();
    api::Request request;
    if (!api::set_target(request, whole.has_head ? std::string_view(whole.target) : input)) return 0;
    for (const auto& [name, value] : request.query) {
        if (!is_plain(name) || !is_plain(value)) std::abort();
    }
    return 0;
}

#include "evidence/base/blanks.h"

#include <array>
#include <cstdint>

#include <fmt/core.h>

#include "evidence/base/text.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

struct WideBlank {
    std::string_view utf8;
    std::uint32_t code_point;
};
// Unicode 15, general category Zs, but for the blank itself.
constexpr std::array kWideBlanks = {WideBlank{"\xc2\xa0"sv, 0xa0},       WideBlank{"\xe1\x9a\x80"sv, 0x1680},
                                    WideBlank{"\xe2\x80\x80"sv, 0x2000}, WideBlank{"\xe2\x80\x81"sv, 0x2001},
                                    WideBlank{"\xe2\x80\x82"sv, 0x2002}, WideBlank{"\xe2\x80\x83"sv, 0x2003},
                                    WideBlank{"\xe2\x80\x84"sv, 0x2004}, WideBlank{"\xe2\x80\x85"sv, 0x2005},
                                    WideBlank{"\xe2\x80\x86"sv, 0x2006}, WideBlank{"\xe2\x80\x87"sv, 0x2007},
                                    WideBlank{"\xe2\x80\x88"sv, 0x2008}, WideBlank{"\xe2\x80\x89"sv, 0x2009},
                                    WideBlank{"\xe2\x80\x8a"sv, 0x200a}, WideBlank{"\xe2\x80\xaf"sv, 0x202f},
                                    WideBlank{"\xe2\x81\x9f"sv, 0x205f}, WideBlank{"\xe3\x80\x80"sv, 0x3000}};

template <typename Write>
std::string replaced_blanks(std::string_view text, Write write) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        std::size_t size = 1;
        if ((text.front() & 0x80) != 0) {
            for (const auto& blank : kWideBlanks)
                if (text.starts_with(blank.utf8)) {
                    size = blank.utf8.size();
                    out += write(blank.code_point);
                }
        }
        if (size == 1) out += text.front();
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace

std::string with_ascii_blanks(std::string_view text) {
    return replaced_blanks(text, [](std::uint32_t) { return std::string(" "); });
}

std::string printable_with_blanks(std::string_view text) {
    return replaced_blanks(printable(text), [](std::uint32_t c) { return fmt::format("\\u{{{:04x}}}", c); });
}

}  // namespace assay

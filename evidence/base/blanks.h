#pragma once

#include <string>
#include <string_view>

/// White space of Unicode that looks like a blank and is none (general category Zs): U+00A0, U+202F, ...
namespace assay {

/// As ASCII blanks; everything else stays as it is.
std::string with_ascii_blanks(std::string_view text);

/// As printable() of evidence/base/text.h, and such white space as \u{NNNN} too: where somebody looks for
/// what is wrong in a text.
std::string printable_with_blanks(std::string_view text);

}  // namespace assay

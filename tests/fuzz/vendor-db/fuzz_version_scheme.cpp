// Input: a scheme's number, then two versions with a newline between. Comparing is antisymmetric, each equals
// itself, and a parse is of at most 64 bytes.
#include <algorithm>
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vendor-db/model/version_scheme.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace assay::vendors;
    if (size == 0) return 0;
    const auto scheme = static_cast<VersionScheme>(data[0] % 4);
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto end = text.find('\n');
    const auto a = parse_version(scheme, text.substr(0, end));
    if (!a) return 0;
    if (a->fields.empty() || std::min(end, text.size()) > 64) std::abort();
    if (compare(*a, *a) != std::partial_ordering::equivalent) std::abort();
    if (end == std::string_view::npos) return 0;
    const auto b = parse_version(scheme, text.substr(end + 1));
    if (!b) return 0;
    const auto order = compare(*a, *b);
    if ((order < 0) != (compare(*b, *a) > 0) || (order == 0) != (compare(*b, *a) == 0)) std::abort();
    return 0;
}

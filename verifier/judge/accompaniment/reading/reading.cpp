#include "verifier/judge/accompaniment/reading/reading.h"

#include "evidence/base/digest.h"

namespace assay::accompaniment::reading {

std::string digest_of(std::string_view text) {
    return sha256(as_view(text)).hex();
}

std::optional<Millis> maybe_instant(JsonReader& in, std::string_view key) {
    if (!in.has(key)) return {};
    const auto at = parse_instant(in.peek(key));
    if (at) return *at;
    in.wrong(key, "a time with its offset, as \"2026-03-02T14:07:00Z\"");
    return {};
}

Millis instant(JsonReader& in, std::string_view key) {
    return in.need(key) ? maybe_instant(in, key).value_or(0) : 0;
}

}  // namespace assay::accompaniment::reading

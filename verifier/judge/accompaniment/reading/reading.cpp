#include "verifier/judge/accompaniment/reading/reading.h"

#include "evidence/base/digest.h"
#include "evidence/codec/spreadsheet.h"

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

bool verifiers(JsonReader& in, std::string_view key, Source source) {
    if (!in.has(key)) return false;
    if (source == Source::case_file) return true;
    in.wrong(key, "no such member: when something was received, and by whose hand, only the verifier says");
    return false;
}

Millis received_at(JsonReader& in, Source source) {
    return verifiers(in, "received_at", source) ? instant(in, "received_at") : kAtItsOwnTime;
}

Receipt receipt(JsonReader& in, Source source) {
    const auto at = received_at(in, source);
    return {.at = at, .hand = verifiers(in, "hand", source) ? in.text("hand") : std::string()};
}

Known known(JsonReader& in, Source source) {
    constexpr std::size_t kHands = 16;
    Known out{.receipt = receipt(in, source)};
    if (verifiers(in, "hands", source)) out.hands = in.texts_or_none("hands", kHands);
    if (!verifiers(in, "until", source)) return out;
    out.until = instant(in, "until");
    if (out.until <= out.receipt.at) in.wrong("until", "a time after \"received_at\"");
    return out;
}

void no_spreadsheet_number(JsonReader& in, std::string_view key, std::string_view text, Source source) {
    if (source != Source::import) return;
    if (const auto good = not_a_spreadsheet_number(text); !good) in.refuse(key, good.error());
}

Millis instant(JsonReader& in, std::string_view key) {
    return in.need(key) ? maybe_instant(in, key).value_or(0) : 0;
}

}  // namespace assay::accompaniment::reading

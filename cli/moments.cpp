#include "cli/moments.h"

#include "cli/context.h"
#include "evidence/base/text.h"
#include "verifier/judge/accompaniment/time.h"

namespace assay::cli {

std::int64_t milliseconds_of(const JsonReader& object, std::string_view key) {
    const auto instant = accompaniment::parse_instant(object.text_at(key));
    return instant ? *instant : number_of(object, std::string(key) + "_ms");
}

std::string moment_of(const JsonReader& object, std::string_view key) {
    const auto milliseconds = milliseconds_of(object, key);
    return milliseconds == 0 ? "-" : utc_text(milliseconds / 1000);
}

std::int64_t seconds_of(const JsonReader& object, std::string_view key) {
    const auto instant = accompaniment::parse_instant(object.text_at(key));
    return instant ? *instant / 1000 : number_of(object, key);
}

std::string stored_cell(JsonReader& object, std::string_view key) {
    const auto text = object.peek(key);
    return text.empty() ? "-" : kept_printable(text);
}

}  // namespace assay::cli

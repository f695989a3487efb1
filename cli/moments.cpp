#include "cli/moments.h"

#include <nlohmann/json.hpp>

#include "cli/context.h"
#include "evidence/base/text.h"

namespace assay::cli {

std::string moment_of(const nlohmann::json& object, std::string_view key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) return "-";
    const auto milliseconds = found->get<std::int64_t>();
    return milliseconds == 0 ? "-" : utc_text(milliseconds / 1000);
}

std::string stored_cell(const nlohmann::json& object, std::string_view key) {
    const auto text = text_of(object, key);
    return text.empty() ? "-" : kept_printable(text);
}

}  // namespace assay::cli

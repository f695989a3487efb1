#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evidence/codec/json_reader.h"

/// What a person's mapping names by a dotted path in an export that others made: docs/formats/feeds.md,
/// "Values in JSON". Whatever stands there is read or refused, so that nothing is left out for its form.
namespace assay {

struct MappedTexts {
    std::vector<std::string> texts;
    bool list = false;  ///< it was a list, and each text an item of it
};

/// The texts at `path` (empty: nothing). A member whose name is the path itself comes before one that it
/// leads to. What is not there, null or an empty text is no text; a number or a flag is its text; an object
/// is its member "value"; on a list, the rest of the path is taken of each item. Refused: an object without
/// "value", a list in a list, an item that says nothing, and a text or number where the path goes on.
Result<MappedTexts> mapped_texts(const JsonReader& in, std::string_view path);

/// The same for what is one text or none; a list is refused.
Result<std::string> mapped_text(const JsonReader& in, std::string_view path);

}  // namespace assay

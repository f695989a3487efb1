#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <libxml/tree.h>

#include "evidence/base/bytes.h"
#include "evidence/base/c_handle.h"
#include "evidence/base/result.h"

/// Hostile XML by libxml2, without what makes XML dangerous.
namespace assay::rim::xml {

inline constexpr int kDepth = 32;             ///< elements in each other
inline constexpr int kElements = 20'000;      ///< of one document
inline constexpr int kAttributes = 128;       ///< of one element, with its namespaces
inline constexpr std::size_t kText = 65'536;  ///< one attribute or text that is asked for, bytes

using Document = CHandle<xmlDoc, xmlFreeDoc>;

/// Parses a whole document in UTF-8. `malformed` with the line for what is not well formed; `refused` for
/// XML 1.1, a document type declaration (so there are no entities but XML's own five, no default attributes
/// and no ids), a processing instruction, and an encoding other than UTF-8; `limit` for too much of anything.
/// Nothing is loaded from anywhere.
Result<Document> parse(ByteView bytes);

bool is(const xmlNode* node, std::string_view ns, std::string_view name);
std::string_view name_of(const xmlNode* node);
/// The namespace's URI; empty without one.
std::string_view namespace_of(const xmlNode* node);
std::string_view namespace_of(const xmlAttr* attribute);

/// Its elements, in order: no text, no comments.
std::vector<xmlNode*> elements(const xmlNode* parent);
/// Those of one name.
std::vector<xmlNode*> elements(const xmlNode* parent, std::string_view ns, std::string_view name);

/// The attribute's value, or the text directly in the element; `limit` where longer than kText.
Result<std::string> text_of(const xmlAttr* attribute);
Result<std::string> text_in(const xmlNode* element);
/// The value of the attribute without a namespace; empty where it is absent.
Result<std::string> attribute(const xmlNode* element, std::string_view name);

/// "line 12".
std::string place(const xmlNode* node);
std::unexpected<Error> fail_at(const xmlNode* node, ErrorCode code, std::string_view what);

}  // namespace assay::rim::xml

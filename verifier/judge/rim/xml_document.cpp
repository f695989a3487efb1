#include "verifier/judge/rim/xml_document.h"

#include <fmt/core.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "evidence/base/text.h"
#include "verifier/judge/rim/rim.h"

namespace assay::rim::xml {
namespace {

using Parser = CHandle<xmlParserCtxt, xmlFreeParserCtxt>;

// What is counted while libxml2 builds the tree, so that a limit stands before the allocation.
struct Watch {
    int depth = 0;
    int elements = 0;
    int nodes = 0;
    const char* refusal = nullptr;
    ErrorCode code = ErrorCode::refused;
    int line = 0;
};

void stop(xmlParserCtxt* parser, ErrorCode code, const char* why) {
    auto* watch = static_cast<Watch*>(parser->_private);
    if (watch->refusal == nullptr) {
        watch->refusal = why;
        watch->code = code;
        watch->line = xmlSAX2GetLineNumber(parser);
    }
    xmlStopParser(parser);
}

void start_element(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri,
                   int namespaces, const xmlChar** namespace_list, int attributes, int defaulted,
                   const xmlChar** list) {
    auto* parser = static_cast<xmlParserCtxt*>(context);
    auto* watch = static_cast<Watch*>(parser->_private);
    if (++watch->depth > kDepth) return stop(parser, ErrorCode::limit, "elements nested too deep");
    if (++watch->elements > kElements) return stop(parser, ErrorCode::limit, "too many elements");
    if (attributes + namespaces > kAttributes)
        return stop(parser, ErrorCode::limit, "too many attributes of one element");
    xmlSAX2StartElementNs(context, name, prefix, uri, namespaces, namespace_list, attributes, defaulted,
                          list);
}

void end_element(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri) {
    auto* parser = static_cast<xmlParserCtxt*>(context);
    --static_cast<Watch*>(parser->_private)->depth;
    xmlSAX2EndElementNs(context, name, prefix, uri);
}

void comment(void* context, const xmlChar* text) {
    auto* parser = static_cast<xmlParserCtxt*>(context);
    if (++static_cast<Watch*>(parser->_private)->nodes > kElements)
        return stop(parser, ErrorCode::limit, "too many comments");
    xmlSAX2Comment(context, text);
}

void document_type(void* context, const xmlChar* /*name*/, const xmlChar* /*external*/,
                   const xmlChar* /*system*/) {
    stop(static_cast<xmlParserCtxt*>(context), ErrorCode::refused,
         "a document type declaration: with it a document can define what its text means, and load files");
}

void instruction(void* context, const xmlChar* /*target*/, const xmlChar* /*data*/) {
    stop(static_cast<xmlParserCtxt*>(context), ErrorCode::refused, "a processing instruction");
}

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

Result<std::string> collected(const xmlNode* first, int line) {
    std::string out;
    for (const auto* each = first; each != nullptr; each = each->next) {
        if (each->type != XML_TEXT_NODE && each->type != XML_CDATA_SECTION_NODE) continue;
        const auto text = view(each->content);
        if (text.size() > kText - out.size())
            return fail(ErrorCode::limit, fmt::format("line {}: a text longer than {} bytes", line, kText));
        out += text;
    }
    return out;
}

// Looked at before libxml2 does, which would begin to convert, and say on stderr where it cannot.
bool declares_other_encoding(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (!text.starts_with("<?xml")) return false;
    const auto declaration = text.substr(0, text.find("?>"));
    const auto at = declaration.find("encoding");
    if (at == std::string_view::npos) return false;
    auto value = trimmed(declaration.substr(at + 8));
    if (value.starts_with('=')) value = trimmed(value.substr(1));
    if (value.size() < 7) return true;
    const auto name = value.substr(1, 5);
    return value[0] != value[6] || (name != "UTF-8" && name != "utf-8");
}

std::string why_malformed(const xmlParserCtxt* parser) {
    const auto& error = parser->lastError;
    if (error.message == nullptr) return "not XML";
    return fmt::format("line {}: {}", error.line, printable(trimmed(error.message)));
}

}  // namespace

Result<Document> parse(ByteView bytes) {
    if (bytes.size() > limits::kRimFile)
        return fail(ErrorCode::limit,
                    fmt::format("{} bytes of XML, more than {}", bytes.size(), limits::kRimFile));
    if (bytes.empty()) return fail(ErrorCode::truncated, "no XML: the file is empty");
    // UTF-16 and its like are full of zero bytes.
    if (!is_utf8(as_text(bytes)) || as_text(bytes).find('\0') != std::string_view::npos)
        return fail(ErrorCode::refused, "text that is not UTF-8");
    if (declares_other_encoding(as_text(bytes)))
        return fail(ErrorCode::refused, "line 1: an encoding other than UTF-8");
    xmlInitParser();
    const Parser parser(xmlNewParserCtxt());
    if (!parser || parser->sax == nullptr) return fail(ErrorCode::internal, "libxml2 made no parser");
    Watch watch;
    parser->_private = &watch;
    parser->sax->startElementNs = start_element;
    parser->sax->endElementNs = end_element;
    parser->sax->internalSubset = document_type;
    parser->sax->externalSubset = document_type;
    parser->sax->processingInstruction = instruction;
    parser->sax->comment = comment;
    parser->linenumbers = 1;
    Document document(xmlCtxtReadMemory(parser.get(), reinterpret_cast<const char*>(bytes.data()),
                                        static_cast<int>(bytes.size()), nullptr, nullptr,
                                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
    if (watch.refusal != nullptr)
        return fail(watch.code, fmt::format("line {}: {}", watch.line, watch.refusal));
    if (!document || parser->wellFormed == 0) return fail(ErrorCode::malformed, why_malformed(parser.get()));
    if (parser->nsWellFormed == 0) return fail(ErrorCode::malformed, why_malformed(parser.get()));
    if (view(document->version) != "1.0") return fail(ErrorCode::refused, "line 1: another XML than 1.0");
    if (document->intSubset != nullptr || document->extSubset != nullptr)
        return fail(ErrorCode::refused, "a document type declaration");
    return document;
}

bool is(const xmlNode* node, std::string_view ns, std::string_view name) {
    return node->type == XML_ELEMENT_NODE && name_of(node) == name && namespace_of(node) == ns;
}

std::string_view name_of(const xmlNode* node) {
    return view(node->name);
}
std::string_view namespace_of(const xmlNode* node) {
    return node->ns == nullptr ? std::string_view() : view(node->ns->href);
}
std::string_view namespace_of(const xmlAttr* attribute) {
    return attribute->ns == nullptr ? std::string_view() : view(attribute->ns->href);
}

std::vector<xmlNode*> elements(const xmlNode* parent) {
    std::vector<xmlNode*> out;
    for (auto* each = parent->children; each != nullptr; each = each->next) {
        if (each->type == XML_ELEMENT_NODE) out.push_back(each);
    }
    return out;
}

std::vector<xmlNode*> elements(const xmlNode* parent, std::string_view ns, std::string_view name) {
    auto out = elements(parent);
    std::erase_if(out, [&](const xmlNode* each) { return !is(each, ns, name); });
    return out;
}

Result<std::string> text_of(const xmlAttr* attribute) {
    return collected(attribute->children, static_cast<int>(xmlGetLineNo(attribute->parent)));
}
Result<std::string> text_in(const xmlNode* element) {
    return collected(element->children, static_cast<int>(xmlGetLineNo(element)));
}

Result<std::string> attribute(const xmlNode* element, std::string_view name) {
    for (const auto* each = element->properties; each != nullptr; each = each->next) {
        if (each->ns == nullptr && view(each->name) == name) return text_of(each);
    }
    return std::string();
}

std::string place(const xmlNode* node) {
    return fmt::format("line {}", xmlGetLineNo(node));
}

std::unexpected<Error> fail_at(const xmlNode* node, ErrorCode code, std::string_view what) {
    return fail(code, fmt::format("{}: {}", place(node), what));
}

}  // namespace assay::rim::xml

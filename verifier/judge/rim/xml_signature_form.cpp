// The one form of signature that is accepted. What a reader takes from the document must be what was signed:
// so the reference is to the whole document, and the transforms are those that cannot leave anything out.
#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "verifier/judge/rim/xml_signature.h"

namespace assay::rim {
namespace {

using xml::elements;
using xml::fail_at;

constexpr std::array kCanonical{
    std::string_view("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
    std::string_view("http://www.w3.org/2006/12/xml-c14n11"),
    std::string_view("http://www.w3.org/2001/10/xml-exc-c14n#"),
};
constexpr std::array kDigests{
    std::string_view("http://www.w3.org/2001/04/xmlenc#sha256"),
    std::string_view("http://www.w3.org/2001/04/xmldsig-more#sha384"),
    std::string_view("http://www.w3.org/2001/04/xmlenc#sha512"),
};
constexpr std::array kSignatures{
    std::string_view("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
    std::string_view("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"),
    std::string_view("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
    std::string_view("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
    std::string_view("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
    std::string_view("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"),
};
constexpr std::string_view kEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
constexpr std::size_t kReferences = 4;

void find_signatures(xmlNode* node, std::vector<xmlNode*>& found) {
    if (xml::is(node, kDsig, "Signature")) found.push_back(node);
    for (auto* each : elements(node)) find_signatures(each, found);
}

Result<xmlNode*> one(const xmlNode* parent, std::string_view name) {
    const auto found = elements(parent, kDsig, name);
    if (found.size() != 1)
        return fail_at(
            parent, ErrorCode::refused,
            fmt::format("{} has {} elements {}, not one", xml::name_of(parent), found.size(), name));
    return found.front();
}

template <std::size_t N>
Result<> approved(const xmlNode* method, const std::array<std::string_view, N>& list) {
    const auto algorithm = TRY(xml::attribute(method, "Algorithm"));
    if (std::ranges::find(list, algorithm) != list.end()) return {};
    return fail_at(
        method, ErrorCode::refused,
        fmt::format("{} '{}' is not accepted; have the manifest signed with RSA or ECDSA and SHA-256 "
                    "or stronger",
                    xml::name_of(method), printable(algorithm)));
}

// Enveloped first, then at most one canonicalization.
Result<> check_transforms(const xmlNode* reference) {
    const auto transforms = elements(TRY(one(reference, "Transforms")));
    if (transforms.empty() || transforms.size() > 2)
        return fail_at(reference, ErrorCode::refused, "one or two transforms are accepted");
    for (std::size_t i = 0; i < transforms.size(); ++i) {
        const auto* each = transforms[i];
        if (!xml::is(each, kDsig, "Transform") || !elements(each).empty())
            return fail_at(each, ErrorCode::refused, "a transform with parameters is not accepted");
        const auto algorithm = TRY(xml::attribute(each, "Algorithm"));
        const bool fits =
            i == 0 ? algorithm == kEnveloped : std::ranges::find(kCanonical, algorithm) != kCanonical.end();
        if (!fits)
            return fail_at(each, ErrorCode::refused,
                           fmt::format("transform '{}' is not accepted: it may leave out what is read",
                                       printable(algorithm)));
    }
    return {};
}

// Whatever a library may take for an id: Id, ID, id, xml:id.
Result<bool> names(const xmlNode* node, const std::string& id) {
    for (const auto* each = node->properties; each != nullptr; each = each->next) {
        if (xmlStrcasecmp(each->name, reinterpret_cast<const xmlChar*>("id")) == 0 &&
            TRY(xml::text_of(each)) == id)
            return true;
    }
    return false;
}

Result<std::size_t> count_named(const xmlNode* node, const std::string& id) {
    std::size_t count = TRY(names(node, id)) ? 1 : 0;
    for (const auto* each : elements(node)) count += TRY(count_named(each, id));
    return count;
}

// A reference to a part of the signature itself, such as its time stamp.
Result<> check_own_reference(const xmlNode* signature, const xmlNode* reference, const std::string& uri) {
    const auto id = uri.substr(1);
    const bool plain = uri.front() == '#' && !id.empty() && std::ranges::all_of(id, [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  (c >= '0' && c <= '9') || c == '_' || c == '-';
                       });
    if (!plain)
        return fail_at(reference, ErrorCode::refused, fmt::format("a reference to '{}'", printable(uri)));
    std::size_t inside = 0;
    for (const auto* object : elements(signature, kDsig, "Object")) inside += TRY(count_named(object, id));
    const auto anywhere = TRY(count_named(xmlDocGetRootElement(signature->doc), id));
    if (inside != 1 || anywhere != 1)
        return fail_at(
            reference, ErrorCode::refused,
            fmt::format("'{}' is not one element of the signature's own Object: a signature over a part "
                        "of the document says nothing of the rest",
                        printable(uri)));
    if (!elements(reference, kDsig, "Transforms").empty())
        return fail_at(reference, ErrorCode::refused,
                       "transforms of a part of the signature are not accepted");
    return {};
}

// Libraries differ in what they take for the attribute URI where there is an x:URI too; so there is none.
Result<> check_names(const xmlNode* node) {
    if (xml::namespace_of(node) != kDsig)
        return fail_at(node, ErrorCode::refused,
                       fmt::format("{} is no element of XML Signature", printable(xml::name_of(node))));
    for (const auto* each = node->properties; each != nullptr; each = each->next) {
        if (each->ns != nullptr)
            return fail_at(node, ErrorCode::refused,
                           "an attribute with a namespace in what is signed of the signature");
    }
    for (const auto* each : elements(node)) TRY_VOID(check_names(each));
    return {};
}

Result<> check_references(const xmlNode* signature, const xmlNode* signed_info) {
    const auto references = elements(signed_info, kDsig, "Reference");
    if (references.empty() || references.size() > kReferences)
        return fail_at(signed_info, ErrorCode::refused, fmt::format("{} references", references.size()));
    std::size_t whole = 0;
    for (const auto* each : references) {
        TRY_VOID(approved(TRY(one(each, "DigestMethod")), kDigests));
        if (xmlHasProp(each, reinterpret_cast<const xmlChar*>("URI")) == nullptr)
            return fail_at(each, ErrorCode::refused, "a reference without a URI");
        const auto uri = TRY(xml::attribute(each, "URI"));
        if (uri.empty()) {
            ++whole;
            TRY_VOID(check_transforms(each));
        } else {
            TRY_VOID(check_own_reference(signature, each, uri));
        }
    }
    if (whole == 1) return {};
    return fail_at(signed_info, ErrorCode::refused,
                   whole == 0
                       ? "the signature is not over the whole document (no reference with URI=\"\"): what "
                         "stands outside of it would be anybody's"
                       : "two references to the document");
}

}  // namespace

Result<xmlNode*> signature_of(const xml::Document& document) {
    auto* root = xmlDocGetRootElement(document.get());
    std::vector<xmlNode*> found;
    find_signatures(root, found);
    if (found.empty())
        return fail(ErrorCode::not_found, "the manifest is not signed; ask its maker for the signed one");
    if (found.size() > 1)
        return fail_at(found[1], ErrorCode::refused,
                       "a second Signature: which of them covers what is unclear");
    auto* signature = found.front();
    if (signature->parent != root)
        return fail_at(
            signature, ErrorCode::refused,
            "the Signature is not a child of the document's root: only an enveloped signature over "
            "the whole document is accepted");
    const auto* signed_info = TRY(one(signature, "SignedInfo"));
    TRY_VOID(check_names(signed_info));
    TRY_VOID(one(signature, "SignatureValue"));
    TRY_VOID(approved(TRY(one(signed_info, "CanonicalizationMethod")), kCanonical));
    const auto* method = TRY(one(signed_info, "SignatureMethod"));
    TRY_VOID(approved(method, kSignatures));
    for (const auto* name : {"CanonicalizationMethod", "SignatureMethod"}) {
        if (!elements(TRY(one(signed_info, name))).empty())
            return fail_at(signed_info, ErrorCode::refused, fmt::format("{} with parameters", name));
    }
    for (const auto* object : elements(signature, kDsig, "Object")) {
        if (!elements(object, kDsig, "Manifest").empty())
            return fail_at(object, ErrorCode::refused, "a Manifest of references is not accepted");
    }
    TRY_VOID(check_references(signature, signed_info));
    return signature;
}

}  // namespace assay::rim

#include "verifier/judge/rim/swid_tag.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"

namespace assay::rim {
namespace {

using xml::elements;
using xml::fail_at;

// The model's namespace differs between makers' tools, and the first letter's case too.
constexpr std::string_view kTcg = "https://trustedcomputinggroup.org/";
// Namespaces of hash algorithms: XML Encryption's and RFC 6931's, whichever of the two a tool took for which.
constexpr std::string_view kAlgorithmsOfW3c = "http://www.w3.org/2001/04/";

std::string_view local_name(const xmlAttr* attribute) {
    return reinterpret_cast<const char*>(attribute->name);
}

bool same_but_first_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && !a.empty() && (a[0] | 0x20) == (b[0] | 0x20) && a.substr(1) == b.substr(1);
}

Result<std::string> printed(const xmlNode* node, std::string_view name) {
    return printable(trimmed(TRY(xml::attribute(node, name))));
}

Result<std::string> tcg_attribute(const xmlNode* node, std::string_view name) {
    for (const auto* each = node->properties; each != nullptr; each = each->next) {
        if (xml::namespace_of(each).starts_with(kTcg) && same_but_first_case(local_name(each), name))
            return printable(trimmed(TRY(xml::text_of(each))));
    }
    return std::string();
}

Result<std::uint64_t> number(const xmlNode* node, std::string_view name, const std::string& text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stop != end)
        return fail_at(node, ErrorCode::malformed,
                       fmt::format("{} is '{}', not a number", name, printable(shortened(text, 64))));
    return value;
}

Result<bool> flag(const xmlNode* node, std::string_view name) {
    const auto text = TRY(xml::attribute(node, name));
    if (text.empty() || text == "false" || text == "0") return false;
    if (text == "true" || text == "1") return true;
    return fail_at(node, ErrorCode::malformed, fmt::format("{} is neither true nor false", name));
}

std::optional<HashAlgorithm> algorithm_of(std::string_view ns) {
    if (!ns.starts_with(kAlgorithmsOfW3c)) return std::nullopt;
    const auto name = ns.substr(ns.find('#') + 1);
    const auto known = hash_algorithm_from_name(name);
    return known && *known != HashAlgorithm::sha1 ? std::optional(*known) : std::nullopt;
}

Result<Digest> digest_of(const xmlAttr* attribute, HashAlgorithm algorithm) {
    const auto text = std::string(trimmed(TRY(xml::text_of(attribute))));
    const auto bytes = from_hex(text, Digest::kMaxSize);
    const auto digest =
        bytes ? Digest::from_bytes(algorithm, *bytes) : Result<Digest>(std::unexpected(bytes.error()));
    if (!digest)
        return fail_at(attribute->parent, ErrorCode::malformed,
                       fmt::format("a hash that is not {} hex digits of {}", 2 * digest_size(algorithm),
                                   to_string(algorithm)));
    return *digest;
}

// Attributes hash (of a File) or Hash0, Hash1, ... (of a Resource), whose namespace is the algorithm.
Result<TaggedDigests> digests_of(const xmlNode* node) {
    TaggedDigests out;
    for (const auto* each = node->properties; each != nullptr; each = each->next) {
        const auto ns = xml::namespace_of(each);
        const bool is_hash =
            ns.find("#sha") != std::string_view::npos || ns.find("#md5") != std::string_view::npos;
        if (!is_hash || !same_but_first_case(local_name(each).substr(0, 4), "hash")) continue;
        const auto algorithm = algorithm_of(ns);
        if (algorithm)
            out.digests.push_back(TRY(digest_of(each, *algorithm)));
        else
            ++out.others;
    }
    return out;
}

Result<> read_file(const xmlNode* node, const std::string& folder, SwidTag& tag) {
    if (tag.files.size() == limits::kValues) return fail_at(node, ErrorCode::limit, "too many files");
    SwidFile file;
    file.path = folder;
    file.path += TRY(printed(node, "name"));
    file.hashes = TRY(digests_of(node));
    file.place = xml::place(node);
    const auto size = TRY(xml::attribute(node, "size"));
    if (!size.empty()) file.size = TRY(number(node, "size", size));
    tag.files.push_back(std::move(file));
    return {};
}

Result<> read_measurement(const xmlNode* node, SwidTag& tag) {
    if (TRY(xml::attribute(node, "type")) != "Measurement") {
        tag.not_used.push_back(fmt::format("a Resource at {}", xml::place(node)));
        return {};
    }
    if (tag.measurements.size() == limits::kValues)
        return fail_at(node, ErrorCode::limit, "too many measurements");
    SwidMeasurement made;
    made.name = TRY(printed(node, "name"));
    made.index = TRY(printed(node, "index"));
    const auto active = TRY(xml::attribute(node, "active"));
    made.active = active.empty() || active == "True" || active == "true";
    made.alternatives = TRY(digests_of(node)).digests;
    made.place = xml::place(node);
    tag.measurements.push_back(std::move(made));
    return {};
}

// Tools write the children of Payload in the tag's namespace, or forget to.
bool named(const xmlNode* node, std::string_view name) {
    return xml::name_of(node) == name &&
           (xml::namespace_of(node) == kSwid || xml::namespace_of(node).empty());
}

Result<> read_payload(const xmlNode* parent, const std::string& folder, SwidTag& tag) {
    for (const auto* each : elements(parent)) {
        if (named(each, "Directory")) {
            const auto name = TRY(printed(each, "name"));
            TRY_VOID(read_payload(each, name.empty() ? folder : folder + name + "/", tag));
        } else if (named(each, "File")) {
            TRY_VOID(read_file(each, folder, tag));
        } else if (named(each, "Resource")) {
            TRY_VOID(read_measurement(each, tag));
        } else {
            tag.not_used.push_back(
                fmt::format("{} in the payload at {}", printable(xml::name_of(each)), xml::place(each)));
        }
    }
    return {};
}

Result<> read_meta(const xmlNode* node, SwidTag& tag) {
    tag.maker = TRY(tcg_attribute(node, "platformManufacturerStr"));
    tag.model = TRY(tcg_attribute(node, "platformModel"));
    tag.platform_version = TRY(tcg_attribute(node, "platformVersion"));
    tag.firmware_maker = TRY(tcg_attribute(node, "firmwareManufacturerStr"));
    if (tag.firmware_maker.empty()) tag.firmware_maker = TRY(tcg_attribute(node, "firmwareManufacturer"));
    tag.firmware_model = TRY(tcg_attribute(node, "firmwareModel"));
    tag.firmware_version = TRY(tcg_attribute(node, "firmwareVersion"));
    if (tag.firmware_version.empty()) tag.firmware_version = TRY(printed(node, "colloquialVersion"));
    tag.binding_spec = TRY(tcg_attribute(node, "bindingSpec"));
    tag.binding_spec_version = TRY(tcg_attribute(node, "bindingSpecVersion"));
    return {};
}

Result<> read_children(const xmlNode* root, SwidTag& tag) {
    int metas = 0;
    int payloads = 0;
    for (const auto* each : elements(root)) {
        if (xml::name_of(each) == "Signature") continue;  // it does not cover itself
        if (named(each, "Meta")) {
            if (++metas > 1) return fail_at(each, ErrorCode::malformed, "a second Meta");
            TRY_VOID(read_meta(each, tag));
        } else if (named(each, "Payload")) {
            if (++payloads > 1) return fail_at(each, ErrorCode::malformed, "a second Payload");
            TRY_VOID(read_payload(each, "", tag));
        } else if (named(each, "Entity")) {
            const auto roles = " " + TRY(xml::attribute(each, "role")) + " ";
            if (roles.find(" tagCreator ") != std::string::npos) tag.creator = TRY(printed(each, "name"));
        } else if (!named(each, "Link")) {
            tag.not_used.push_back(fmt::format("{} at {}", printable(xml::name_of(each)), xml::place(each)));
        }
    }
    return {};
}

}  // namespace

Result<SwidTag> read_swid_tag(const xml::Document& document) {
    const auto* root = xmlDocGetRootElement(document.get());
    if (root == nullptr || !xml::is(root, kSwid, "SoftwareIdentity"))
        return fail(ErrorCode::malformed,
                    "the root is not a SoftwareIdentity of ISO/IEC 19770-2:2015: not a SWID tag");
    SwidTag tag;
    tag.tag_id = TRY(printed(root, "tagId"));
    if (tag.tag_id.empty()) return fail_at(root, ErrorCode::malformed, "no tagId");
    tag.name = TRY(printed(root, "name"));
    tag.version = TRY(printed(root, "version"));
    const auto version = TRY(xml::attribute(root, "tagVersion"));
    if (!version.empty()) tag.tag_version = TRY(number(root, "tagVersion", version));
    tag.supplemental = TRY(flag(root, "supplemental"));
    tag.patch = TRY(flag(root, "patch"));
    tag.corpus = TRY(flag(root, "corpus"));
    TRY_VOID(read_children(root, tag));
    return tag;
}

}  // namespace assay::rim

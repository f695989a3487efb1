#include <algorithm>

#include "evidence/certificate/platform/platform_certificate_fields.h"

namespace assay::tcg::platform_fields {
namespace {

using namespace der::tag;

constexpr std::size_t kExtensions = 32;
constexpr std::size_t kPolicies = 32;

/// An attribute of the platform's name: the object identifiers of profile 1.0 and of 1.1 and later.
std::string* platform_field(PlatformCertificate::Platform& platform, std::string_view type) {
    if (type == "2.23.133.2.4" || type == "2.23.133.5.1.1") return &platform.manufacturer;
    if (type == "2.23.133.2.5" || type == "2.23.133.5.1.4") return &platform.model;
    if (type == "2.23.133.2.6" || type == "2.23.133.5.1.5") return &platform.version;
    if (type == "2.23.133.2.23" || type == "2.23.133.5.1.6") return &platform.serial;
    return nullptr;
}

/// RDNSequence of the platform's attributes.
Result<void> read_platform(der::Reader name, PlatformCertificate& into) {
    constexpr std::string_view what = "subjectAltName";
    while (!name.empty()) {
        auto set = TRY(name.enter(kSet, what));
        while (!set.empty()) {
            auto attribute = TRY(set.enter(kSequence, what));
            const std::string type = TRY(der::oid(TRY(attribute.take(kOid, what)), what));
            const auto value = TRY(attribute.any(what));
            TRY_VOID(attribute.finish(what));
            if (type == "2.23.133.5.1.2") {  // platformManufacturerId: SEQUENCE { private enterprise number }
                auto inner = TRY(attribute.inside(value, what));
                into.platform.manufacturer_id = TRY(der::oid(TRY(inner.take(kOid, what)), what));
                TRY_VOID(inner.finish(what));
            } else if (auto* field = platform_field(into.platform, type)) {
                if (!field->empty()) return fail(ErrorCode::malformed, "the SAN names " + type + " twice");
                *field = TRY(read_text(value, what));
            }
        }
    }
    return {};
}

Result<void> read_alternative_name(ByteView content, PlatformCertificate& into) {
    constexpr std::string_view what = "subjectAltName";
    auto names = TRY(der::open(content, kSequence, content.size(), what));
    if (names.next_is(kSet)) {  // Intel's first certificates leave out the GeneralName around the name
        into.quirks.push_back(PlatformReasonKind::quirk_bare_name_in_san);
        return read_platform(names, into);
    }
    const ByteView name = TRY(read_directory_name(names, what));
    return read_platform(TRY(der::open(name, kSequence, name.size(), what)), into);
}

Result<void> read_policies(ByteView content, PlatformCertificate& into) {
    constexpr std::string_view what = "certificatePolicies";
    auto list = TRY(der::open(content, kSequence, content.size(), what));
    while (!list.empty()) {
        if (into.policies.size() == kPolicies) return fail(ErrorCode::limit, "more than 32 policies");
        auto policy = TRY(list.enter(kSequence, what));
        into.policies.push_back(TRY(der::oid(TRY(policy.take(kOid, what)), what)));
    }
    return {};
}

Result<void> read_authority_key(ByteView content, PlatformCertificate& into) {
    constexpr std::string_view what = "authorityKeyIdentifier";
    auto fields = TRY(der::open(content, kSequence, content.size(), what));
    if (const auto id = TRY(fields.maybe(primitive(0), what))) into.authority_key_id = to_bytes(id->content);
    return {};
}

/// cRLDistributionPoints, authorityInfoAccess, noRevAvail: where revocation could be asked for.
bool is_about_revocation(std::string_view type) {
    return type == "2.5.29.31" || type == "1.3.6.1.5.5.7.1.1" || type == "2.5.29.56";
}

Result<void> read_extension(const std::string& type, bool critical, ByteView value,
                            PlatformCertificate& into) {
    if (type == "2.5.29.17") return read_alternative_name(value, into);
    if (type == "2.5.29.32") return read_policies(value, into);
    if (type == "2.5.29.35") return read_authority_key(value, into);
    if (is_about_revocation(type)) into.names_revocation = true;
    if (type == "2.5.29.9") into.quirks.push_back(PlatformReasonKind::quirk_subject_directory_attributes);
    if (critical) into.unknown_critical_extensions.push_back(type);
    return {};
}

}  // namespace

Result<void> read_extensions(der::Reader& list, PlatformCertificate& into) {
    std::vector<std::string> seen;
    while (!list.empty()) {
        if (seen.size() == kExtensions) return fail(ErrorCode::limit, "more than 32 extensions");
        auto fields = TRY(list.enter(kSequence, "extension"));
        const std::string type = TRY(der::oid(TRY(fields.take(kOid, "extension")), "extension"));
        if (std::ranges::find(seen, type) != seen.end()) {
            return fail(ErrorCode::malformed, "extension " + type + " is there twice");
        }
        seen.push_back(type);
        bool critical = false;
        if (const auto flag = TRY(fields.maybe(kBoolean, "critical"))) {
            critical = TRY(der::boolean(*flag, "critical"));
        }
        const auto value = TRY(fields.take(kOctetString, "extension " + type));
        TRY_VOID(fields.finish("extension " + type));
        TRY_VOID(with_context(read_extension(type, critical, value.content, into), "extension " + type));
    }
    return {};
}

}  // namespace assay::tcg::platform_fields

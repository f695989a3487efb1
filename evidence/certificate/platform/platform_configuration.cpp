#include "evidence/certificate/platform/platform_certificate_fields.h"

namespace assay::tcg::platform_fields {
namespace {

using namespace der::tag;
using AddressKind = ComponentAddress::Kind;

constexpr std::size_t kAddresses = 64;    // of one component
constexpr std::size_t kProperties = 256;  // of one certificate
constexpr std::size_t kTraits = 256;      // of one component

Result<ComponentStatus> read_status(const der::Element& element) {
    return static_cast<ComponentStatus>(TRY(der::small_number(element, 2, "status")));
}

/// The value of a component class: four octets.
Result<std::uint32_t> read_class_value(der::Reader& in) {
    constexpr std::string_view what = "component class";
    const auto value = TRY(in.take(kOctetString, what));
    if (value.content.size() != 4) {
        return fail(ErrorCode::malformed, "component class: a value that is not of four octets",
                    value.offset);
    }
    std::uint32_t number = 0;
    for (const std::byte octet : value.content) number = number << 8U | std::to_integer<std::uint32_t>(octet);
    return number;
}

/// ComponentClass: registry and value.
Result<void> read_class(der::Reader& in, PlatformComponent& into) {
    constexpr std::string_view what = "component class";
    auto fields = TRY(in.enter(kSequence, what));
    into.registry = TRY(der::oid(TRY(fields.take(kOid, what)), what));
    into.class_value = TRY(read_class_value(fields));
    return fields.finish(what);
}

Result<ComponentAddress> read_address(der::Reader fields) {
    constexpr std::string_view what = "component address";
    const std::string type = TRY(der::oid(TRY(fields.take(kOid, what)), what));
    ComponentAddress address;
    if (type == "2.23.133.17.1") address.kind = AddressKind::ethernet;
    if (type == "2.23.133.17.2") address.kind = AddressKind::wlan;
    if (type == "2.23.133.17.3") address.kind = AddressKind::bluetooth;
    address.text = TRY(read_text(TRY(fields.any(what)), what));
    TRY_VOID(fields.finish(what));
    return address;
}

Result<void> read_addresses(der::Reader list, PlatformComponent& into) {
    while (!list.empty()) {
        if (into.addresses.size() == kAddresses) return fail(ErrorCode::limit, "more than 64 addresses");
        into.addresses.push_back(TRY(read_address(TRY(list.enter(kSequence, "component address")))));
    }
    return {};
}

/// CertificateIdentifier: by a hash over the signature value, by issuer and serial, or both.
/// (Platform Certificate Profile 1.1, 3.1.7)
Result<void> read_reference(der::Reader fields, PlatformComponent& into) {
    constexpr std::string_view what = "component platform certificate";
    // The profile's tags are [0] and [1]; its own examples write two bare SEQUENCEs.
    bool digest = fields.next_is(constructed(0)) || fields.next_is(kSequence);
    if (digest) {
        auto hashed = TRY(fields.enter(fields.next_is(kSequence) ? kSequence : constructed(0), what));
        TRY_VOID(hashed.enter(kSequence, what));  // the hash's AlgorithmIdentifier
        into.certificate_signature_digest = to_bytes(TRY(hashed.take(kOctetString, what)).content);
        TRY_VOID(hashed.finish(what));
    }
    if (fields.empty()) return {};
    auto generic = TRY(fields.enter(fields.next_is(kSequence) ? kSequence : constructed(1), what));
    into.certificate = TRY(read_issuer_serial(generic, what));
    return fields.finish(what);
}

/// URIReference: the address; hash algorithm and value behind it are not read, because nothing is fetched.
Result<std::string> read_uri(der::Reader fields, std::string_view what) {
    std::string uri = TRY(der::ia5(TRY(fields.take(kIa5String, what)), kPlatformText, what));
    if (!fields.empty()) TRY_VOID(fields.enter(kSequence, what));
    if (!fields.empty()) TRY_VOID(der::bit_string(TRY(fields.take(kBitString, what)), what));
    TRY_VOID(fields.finish(what));
    return uri;
}

Result<void> maybe_text(der::Reader& in, unsigned tag, std::optional<std::string>& into,
                        std::string_view what) {
    if (const auto text = TRY(in.maybe(primitive(tag), what)))
        into = TRY(der::utf8(*text, kPlatformText, what));
    return {};
}

/// ComponentIdentifier (configuration 1) and ComponentIdentifierV2, which begins with a class and may end
/// with three more fields.
Result<PlatformComponent> read_identifier(der::Reader fields, bool second) {
    PlatformComponent made;
    if (second) {
        TRY_VOID(read_class(fields, made));
    } else if (fields.next_is(kOctetString)) {  // quirk_bare_class
        made.class_value = TRY(read_class_value(fields));
    }
    made.manufacturer = TRY(read_text(TRY(fields.any("manufacturer")), "component manufacturer"));
    made.model = TRY(read_text(TRY(fields.any("model")), "component model"));
    TRY_VOID(maybe_text(fields, 0, made.serial, "component serial"));
    TRY_VOID(maybe_text(fields, 1, made.revision, "component revision"));
    if (const auto id = TRY(fields.maybe(primitive(2), "component manufacturer id"))) {
        made.manufacturer_id = TRY(der::oid(*id, "component manufacturer id"));
    }
    if (const auto flag = TRY(fields.maybe(primitive(3), "field replaceable"))) {
        made.field_replaceable = TRY(der::boolean(*flag, "field replaceable"));
    }
    if (const auto list = TRY(fields.maybe_enter(constructed(4), "component addresses"))) {
        TRY_VOID(read_addresses(*list, made));
    }
    if (second) {
        if (const auto reference =
                TRY(fields.maybe_enter(constructed(5), "component platform certificate"))) {
            TRY_VOID(read_reference(*reference, made));
        }
        if (const auto uri = TRY(fields.maybe_enter(constructed(6), "component platform certificate URI"))) {
            made.certificate_uri = TRY(read_uri(*uri, "component platform certificate URI"));
        }
        if (const auto status = TRY(fields.maybe(primitive(7), "status"))) {
            made.status = TRY(read_status(*status));
        }
    }
    TRY_VOID(fields.finish("component"));
    return made;
}

/// The value of one trait into the component, by its category (2.23.133.19.2.N).
Result<bool> read_trait_value(const std::string& category, const std::string& registry, der::Reader& in,
                              PlatformComponent& into) {
    const auto text = [&](std::string_view what) -> Result<std::string> {
        return read_text(TRY(in.any(what)), what);
    };
    if (category == "2.23.133.19.2.26") {  // a whole ComponentIdentifierV2
        auto whole = TRY(read_identifier(TRY(in.enter(kSequence, "component")), true));
        whole.unread_traits = std::move(into.unread_traits);
        into = std::move(whole);
    } else if (category == "2.23.133.19.2.7") {
        into.class_value = TRY(read_class_value(in));
        into.registry = registry;
    } else if (category == "2.23.133.19.2.8") {
        into.manufacturer = TRY(text("component manufacturer"));
    } else if (category == "2.23.133.19.2.9") {
        into.model = TRY(text("component model"));
    } else if (category == "2.23.133.19.2.10") {
        into.serial = TRY(text("component serial"));
    } else if (category == "2.23.133.19.2.11") {
        into.status = TRY(read_status(TRY(in.take(kEnumerated, "status"))));
    } else if (category == "2.23.133.19.2.12") {
        into.location = TRY(text("component location"));
    } else if (category == "2.23.133.19.2.13") {
        into.revision = TRY(text("component revision"));
    } else if (category == "2.23.133.19.2.14") {
        into.field_replaceable = TRY(der::boolean(TRY(in.take(kBoolean, "replaceable")), "replaceable"));
    } else {
        return false;
    }
    TRY_VOID(in.finish("trait"));
    return true;
}

/// Traits of one component (Platform Certificate Profile 2.0): identifier, category, registry, two optional
/// descriptions, value.
Result<PlatformComponent> read_traits(der::Reader list) {
    PlatformComponent made;
    std::vector<std::string> seen;
    while (!list.empty()) {
        if (seen.size() == kTraits) return fail(ErrorCode::limit, "more than 256 traits of a component");
        auto trait = TRY(list.enter(kSequence, "trait"));
        TRY_VOID(der::oid(TRY(trait.take(kOid, "trait id")), "trait id"));
        const auto category = TRY(der::oid(TRY(trait.take(kOid, "trait category")), "trait category"));
        const auto registry = TRY(der::oid(TRY(trait.take(kOid, "trait registry")), "trait registry"));
        TRY_VOID(trait.maybe(primitive(0), "trait description"));
        TRY_VOID(trait.maybe(primitive(1), "trait description"));
        for (const auto& earlier : seen) {
            if (earlier == category)
                return fail(ErrorCode::malformed, "trait " + category + " is there twice");
        }
        seen.push_back(category);
        if (!TRY(read_trait_value(category, registry, trait, made))) made.unread_traits.push_back(category);
    }
    return made;
}

Result<PlatformProperty> read_property(der::Reader fields) {
    PlatformProperty made;
    made.name = TRY(read_text(TRY(fields.any("property name")), "property name"));
    made.value = TRY(read_text(TRY(fields.any("property value")), "property value"));
    if (const auto status = TRY(fields.maybe(primitive(0), "property status"))) {
        made.status = TRY(read_status(*status));
    }
    TRY_VOID(fields.finish("property"));
    return made;
}

Result<void> read_properties(der::Reader list, PlatformCertificate& into) {
    while (!list.empty()) {
        if (into.properties.size() == kProperties) return fail(ErrorCode::limit, "more than 256 properties");
        into.properties.push_back(TRY(read_property(TRY(list.enter(kSequence, "property")))));
    }
    return {};
}

}  // namespace

Result<void> read_configuration(der::Reader& values, unsigned version, PlatformCertificate& into) {
    into.configuration_version = version;
    auto fields = TRY(values.enter(kSequence, "platform configuration"));
    unsigned tag = 0;
    bool bare_class = false;
    if (auto list = TRY(fields.maybe_enter(constructed(tag), "components"))) {
        while (!list->empty()) {
            if (into.components.size() == kPlatformComponents) {
                return fail(ErrorCode::limit, "more than 1024 components");
            }
            const auto component = TRY(list->enter(kSequence, "component"));
            if (version == 1 && component.next_is(kOctetString)) bare_class = true;
            auto read = version == 3 ? read_traits(component) : read_identifier(component, version == 2);
            into.components.push_back(
                TRY(with_context(std::move(read), "component " + std::to_string(into.components.size()))));
        }
    }
    if (bare_class) into.quirks.push_back(PlatformReasonKind::quirk_bare_class);
    if (version == 2) {  // only there components may lie elsewhere
        if (const auto uri = TRY(fields.maybe_enter(constructed(++tag), "components URI"))) {
            into.components_uri = TRY(read_uri(*uri, "components URI"));
        }
    }
    if (const auto list = TRY(fields.maybe_enter(constructed(++tag), "properties"))) {
        TRY_VOID(read_properties(*list, into));
    }
    if (const auto uri = TRY(fields.maybe_enter(constructed(++tag), "properties URI"))) {
        into.properties_uri = TRY(read_uri(*uri, "properties URI"));
    }
    return fields.finish("platform configuration");
}

}  // namespace assay::tcg::platform_fields

#include "cli/inspect/platform_certificate_json.h"

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/text.h"

namespace assay::cli {
namespace {

using tcg::PlatformCertificate;

Json name_json(const tcg::IssuerSerial& name) {
    return {{"issuer", name.issuer_text}, {"serial", name.serial_text}};
}

std::string version_text(const PlatformCertificate::Specification& version) {
    return fmt::format("{}.{}.{}", version.major, version.minor, version.revision);
}

void put(Json& out, const char* key, const std::optional<std::string>& text) {
    if (text) out[key] = *text;
}

std::string type_text(tcg::ObjectDigest::Type type) {
    switch (type) {
        case tcg::ObjectDigest::Type::public_key:
            return "public key";
        case tcg::ObjectDigest::Type::certificate:
            return "certificate";
        case tcg::ObjectDigest::Type::other:
            return "other";
    }
    return "other";
}

Json holder_json(const PlatformCertificate& certificate) {
    Json out = Json::object();
    if (certificate.holder) out = name_json(*certificate.holder);
    put(out, "name", certificate.holder_name);
    if (const auto& digest = certificate.holder_digest) {
        out["digest"] = {{"of", type_text(digest->type)},
                         {"algorithm", digest->algorithm},
                         {"value", to_hex(digest->digest)}};
    }
    return out;
}

}  // namespace

Json platform_component_json(const tcg::PlatformComponent& component) {
    Json out{{"manufacturer", component.manufacturer}, {"model", component.model}};
    if (component.class_value) {
        out["class"] = fmt::format("{:08x}", *component.class_value);
        if (!component.registry.empty()) out["registry"] = component.registry;
    }
    put(out, "serial", component.serial);
    put(out, "revision", component.revision);
    put(out, "manufacturer_id", component.manufacturer_id);
    put(out, "location", component.location);
    put(out, "certificate_uri", component.certificate_uri);
    if (component.field_replaceable) out["field_replaceable"] = *component.field_replaceable;
    for (const auto& address : component.addresses) {
        out["addresses"].push_back({{"kind", to_string(address.kind)}, {"address", address.text}});
    }
    if (component.certificate) out["certificate"] = name_json(*component.certificate);
    if (component.certificate_signature_digest) {
        out["certificate_signature_digest"] = to_hex(*component.certificate_signature_digest);
    }
    if (component.status) out["status"] = to_string(*component.status);
    if (!component.unread_traits.empty()) out["unread_traits"] = component.unread_traits;
    return out;
}

Json platform_certificate_json(const PlatformCertificate& certificate) {
    const auto& platform = certificate.platform;
    Json out{{"type", certificate.type == PlatformCertificate::Type::delta ? "delta" : "base"},
             {"issuer", certificate.issuer.issuer_text},
             {"serial", certificate.issuer.serial_text},
             {"holder", holder_json(certificate)},
             {"not_before", utc_text(certificate.not_before)},
             {"not_after", utc_text(certificate.not_after)},
             {"signature_algorithm", certificate.signature_algorithm},
             {"platform",
              {{"manufacturer", platform.manufacturer},
               {"model", platform.model},
               {"version", platform.version},
               {"serial", platform.serial}}},
             {"security_assertions", certificate.security_assertions},
             {"configuration_version", certificate.configuration_version},
             {"policies", certificate.policies},
             {"components", Json::array()}};
    if (certificate.platform_specification) {
        out["platform_specification"] = version_text(*certificate.platform_specification);
    }
    if (certificate.credential_specification) {
        out["credential_specification"] = version_text(*certificate.credential_specification);
    }
    if (!platform.manufacturer_id.empty()) out["platform"]["manufacturer_id"] = platform.manufacturer_id;
    put(out, "components_uri", certificate.components_uri);
    put(out, "properties_uri", certificate.properties_uri);
    if (certificate.authority_key_id) out["authority_key_id"] = to_hex(*certificate.authority_key_id);
    for (const auto& component : certificate.components) {
        out["components"].push_back(platform_component_json(component));
    }
    for (const auto& property : certificate.properties) {
        Json each{{"name", property.name}, {"value", property.value}};
        if (property.status) each["status"] = to_string(*property.status);
        out["properties"].push_back(std::move(each));
    }
    if (!certificate.unread_attributes.empty()) out["unread_attributes"] = certificate.unread_attributes;
    return out;
}

}  // namespace assay::cli

#include "evidence/wire/statement/device_grant.h"

#include <nlohmann/json.hpp>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/codec/json_door.h"
#include "evidence/codec/json_object.h"
#include "evidence/wire/evidence.h"

namespace assay {
namespace {

using nlohmann::json;

constexpr std::size_t kFields = 7;
constexpr std::size_t kRuleFields = 5;
constexpr std::size_t kWord = 256;

Result<std::string> word(const wire::JsonObject& object, std::string_view key) {
    auto text = TRY(object.text(key));
    if (text.size() > kWord)
        return fail(ErrorCode::limit, "assay.grant: " + std::string(key) + ": longer than 256 bytes");
    return text;
}

Result<usb::Rule> rule_of(const json& value) {
    const auto object = TRY(wire::JsonObject::of(value, "assay.grant: device", kRuleFields));
    // One by one: g++ 12 forgets members that a braced list has made when TRY leaves it.
    usb::Rule rule;
    rule.vid = TRY(word(object, "vid"));
    rule.pid = TRY(word(object, "pid"));
    rule.serial = TRY(word(object, "serial"));
    rule.digest = TRY(word(object, "digest"));
    rule.kind = TRY(word(object, "kind"));
    TRY_VOID(with_context(usb::check(rule), "assay.grant: device"));
    return rule;
}

}  // namespace

std::string device_grant_claims(const DeviceGrant& grant) {
    json devices = json::array();
    for (const auto& rule : grant.devices) {
        devices.push_back({{"vid", rule.vid},
                           {"pid", rule.pid},
                           {"serial", rule.serial},
                           {"digest", rule.digest},
                           {"kind", rule.kind}});
    }
    const json claims{{"assay.grant",
                       {{"v", 1},
                        {"host", grant.host},
                        {"nonce", to_base64url(grant.nonce)},
                        {"session", grant.session},
                        {"order", grant.order},
                        {"lifetime_s", grant.lifetime_s},
                        {"devices", devices}}}};
    return claims.dump();
}

Result<DeviceGrant> device_grant_of(std::string_view text) {
    const auto claims = TRY(with_context(parse_json(text), "claims"));
    if (!claims.is_object() || !claims.contains("assay.grant"))
        return fail(ErrorCode::malformed, "the token is no grant: it has no assay.grant");
    const auto object = TRY(wire::JsonObject::of(claims.at("assay.grant"), "assay.grant", kFields));
    if (TRY(object.unsigned_integer("v")) != 1)
        return fail(ErrorCode::unsupported, "assay.grant: of another version");
    DeviceGrant grant;
    grant.host = TRY(word(object, "host"));
    grant.nonce =
        TRY(with_context(from_base64url(TRY(word(object, "nonce")), kNonceSize), "assay.grant: nonce"));
    if (grant.nonce.size() != kNonceSize)
        return fail(ErrorCode::malformed, "assay.grant: nonce: not 32 bytes");
    grant.session = TRY(word(object, "session"));
    grant.order = TRY(word(object, "order"));
    grant.lifetime_s = TRY(object.unsigned_integer("lifetime_s"));
    if (grant.lifetime_s > kMaxGrantLifetime)
        return fail(ErrorCode::malformed, "assay.grant: lifetime_s: longer than an hour");
    const auto* devices = TRY(object.array("devices"));
    if (devices->size() > kMaxGrantDevices)
        return fail(ErrorCode::limit, "assay.grant: more than 64 devices");
    for (const auto& device : *devices) grant.devices.push_back(TRY(rule_of(device)));
    return grant;
}

}  // namespace assay

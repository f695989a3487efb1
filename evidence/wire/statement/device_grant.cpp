#include "evidence/wire/statement/device_grant.h"

#include "evidence/base/hex.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/json_writer.h"
#include "evidence/wire/evidence.h"

namespace assay {
namespace {

constexpr std::size_t kWord = 256;

usb::Rule rule_of(JsonReader& in) {
    usb::Rule rule{.vid = in.text("vid", kWord, 0),
                   .pid = in.text("pid", kWord, 0),
                   .serial = in.text("serial", kWord, 0),
                   .digest = in.text("digest", kWord, 0),
                   .kind = in.text("kind", kWord, 0)};
    if (const auto good = usb::check(rule); !good) in.refuse("", good.error());
    return rule;
}

}  // namespace

std::string device_grant_claims(const DeviceGrant& grant) {
    Json devices = Json::array();
    for (const auto& rule : grant.devices) {
        devices.push_back({{"vid", rule.vid},
                           {"pid", rule.pid},
                           {"serial", rule.serial},
                           {"digest", rule.digest},
                           {"kind", rule.kind}});
    }
    const Json claims{{"assay.grant",
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
    JsonReader claims(text, {.name = "claims", .open = true});
    const auto* granted = claims.need("assay.grant") ? claims.raw("assay.grant") : nullptr;
    TRY_VOID(claims.finish());
    JsonReader in(*granted, {.name = "claims/assay.grant"});
    DeviceGrant grant;
    if (in.count("v") != 1) in.refuse("v", {ErrorCode::unsupported, "of another version", {}});
    grant.host = in.text("host", kWord, 0);
    grant.nonce = in.bytes("nonce", kNonceSize);
    if (grant.nonce.size() != kNonceSize) in.wrong("nonce", "base64url of 32 bytes");
    grant.session = in.text("session", kWord, 0);
    grant.order = in.text("order", kWord, 0);
    grant.lifetime_s = in.count("lifetime_s", kMaxGrantLifetime);
    in.need("devices");
    in.each(
        "devices", [&](JsonReader& device) { grant.devices.push_back(rule_of(device)); }, kMaxGrantDevices);
    return in.finish(std::move(grant));
}

}  // namespace assay

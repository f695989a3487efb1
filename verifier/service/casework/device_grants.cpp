#include "verifier/service/casework/device_grants.h"

#include <algorithm>

#include "evidence/wire/statement/device_grant.h"
#include "verifier/judge/accompaniment/judging/open_sessions.h"
#include "verifier/service/casework/site.h"
#include "verifier/service/store/site/site.h"

namespace assay::api {
namespace {

constexpr std::size_t kMostGrants = 8;
constexpr std::int64_t kLongest_s = 300;  // the escort's next sign of life brings the next one

usb::Rule rule_of(const accompaniment::DeviceRule& rule) {
    return {.vid = rule.vid,
            .pid = rule.pid,
            .serial = rule.serial,
            .digest = rule.digest,
            .kind = rule.kind ? std::string(to_string(*rule.kind)) : std::string()};
}

}  // namespace

Result<std::vector<std::string>> device_grants(Service& service, const store::Host& host,
                                               const std::string& boot_id, const Bytes& nonce) {
    std::vector<std::string> out;
    const auto now_ms = service.now() * 1000;
    if (host.none.directory) return out;
    // Most hosts have no session, and need not be told what a whole site knows.
    const auto some = TRY(store::SiteDocuments(service.store)
                              .list({.kind = "session", .from_ms = now_ms, .to_ms = now_ms, .limit = 1}));
    if (some.empty()) return out;
    const auto knowledge = TRY(site::knowledge_of(service, {now_ms, now_ms}));
    const auto* here = knowledge->directory().host(host.identity.ek_digest);
    if (here == nullptr) return out;
    for (const auto& open : accompaniment::open_sessions(*here, boot_id, *knowledge, now_ms)) {
        if (out.size() == kMostGrants) break;
        DeviceGrant grant{.host = host.known.name,
                          .nonce = nonce,
                          .session = open.session,
                          .order = open.order,
                          .lifetime_s = static_cast<std::uint64_t>(
                              std::clamp<std::int64_t>((open.until - now_ms) / 1000, 1, kLongest_s)),
                          .devices = {}};
        for (const auto& rule : open.devices) {
            if (grant.devices.size() == kMaxGrantDevices) break;
            grant.devices.push_back(rule_of(rule));
        }
        out.push_back(TRY(service.signer.sign(device_grant_claims(grant))));
    }
    return out;
}

}  // namespace assay::api

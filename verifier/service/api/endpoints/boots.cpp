#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/base/rfc3339.h"
#include "evidence/codec/json_writer.h"
#include "evidence/tpm/pcr.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/attestations/attestations.h"

namespace assay::api {
namespace {

constexpr std::size_t kSelection = 128;
// Firmware, option ROMs, boot loader, Secure Boot; and command line, kernel and initrd, where GRUB or
// systemd-stub measures them.
constexpr std::string_view kUsualPcrs = "0,2,4,7,8,9,11,12";

/// Hosts that booted the same.
struct Group {
    std::vector<std::string> hosts;
    Json values;
    std::int64_t since = 0;  // the newest of any: since then all of it is as it is on the first host
};

Result<Response> answer_boots(const Request& request, Service& service) {
    Query query(request);
    const auto text = query.text("pcrs", kSelection).value_or(std::string(kUsualPcrs));
    TRY_VOID(query.finish());
    const auto wanted = tcg::pcr_selection_from_text("sha256:" + text);
    if (!wanted) return fail(ErrorCode::usage, "pcrs: " + describe(wanted.error()) + "; as in 0,2,4,7");
    std::map<std::string, Group> groups;
    for (auto& boot : TRY(store::Results(service.store).boot_values())) {
        std::string key = boot.bank;
        Group one{{boot.host}, Json::object(), 0};
        for (const auto& value : boot.values) {
            if (!wanted->contains(HashAlgorithm::sha256, value.pcr)) continue;
            key += fmt::format(" {}:{}", value.pcr, value.value);
            one.values[std::to_string(value.pcr)] = value.value;
            one.since = std::max(one.since, value.since);
        }
        const auto [found, first] = groups.try_emplace(key, one);
        if (first) continue;
        found->second.hosts.push_back(boot.host);
        found->second.since = std::min(found->second.since, one.since);
    }
    std::vector<const Group*> ordered;
    for (const auto& [key, group] : groups) ordered.push_back(&group);
    std::ranges::sort(ordered, [](const auto* a, const auto* b) {
        return std::pair(b->hosts.size(), a->hosts.front()) < std::pair(a->hosts.size(), b->hosts.front());
    });
    auto answer = Json::array();
    for (const auto* group : ordered)
        answer.push_back(
            {{"hosts", group->hosts}, {"values", group->values}, {"since", rfc3339_or_none(group->since)}});
    return json_response(Json{{"pcrs", text}, {"groups", std::move(answer)}}.dump());
}

}  // namespace

Endpoint list_boots() {
    return {.verb = Verb::get,
            .path = "/v1/boots",
            .role = Role::viewer,
            .summary = "Which hosts booted the same, by their PCRs; the largest group first",
            .handler = answer_boots};
}

}  // namespace assay::api

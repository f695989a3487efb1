#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "evidence/base/stable_sort.h"
#include "verifier/judge/appraisal/facts/parts/components.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"
#include "verifier/service/store/devices/devices.h"

namespace assay::api {
namespace {

using vendors::Resolution;

constexpr std::int64_t kUsualMakers = 100;
constexpr std::int64_t kMostMakers = 10'000;

/// An identifier that no vendor file has, and the parts that carry it.
struct Unknown {
    vendors::Namespace ns = vendors::Namespace::pci;
    std::string value, what;
    bool placeholder = false;
    std::set<std::string_view> components;
    std::vector<std::int64_t> types;
    std::int64_t hosts = 0;
    std::string example;
};

/// Only of layers in which nothing names a known maker: a module's own string does not matter where its
/// JEP106 id is known.
std::vector<Unknown> unknown_in(const vendors::VendorDb& vendors,
                                const std::vector<store::TypeCount>& present) {
    std::map<std::pair<vendors::Namespace, std::string>, Unknown> found;
    for (const auto& [type, hosts, example] : present) {
        std::set<std::string_view> open;
        for (const auto& layer : makers_by_layer(vendors, type.maker)) {
            if (layer.who.outcome != Resolution::Outcome::known) open.insert(layer.id->layer);
        }
        for (const auto& id : type.maker) {
            if (!open.contains(id.layer)) continue;
            auto& row = found[{id.ns, id.value}];
            if (row.types.empty() || hosts > row.hosts)
                std::tie(row.what, row.hosts, row.example) = std::tie(id.what, hosts, example);
            row.ns = id.ns;
            row.value = id.value;
            row.placeholder = resolve(vendors, id).outcome == Resolution::Outcome::placeholder;
            row.components.insert(to_string(type.kind));
            if (row.types.empty() || row.types.back() != type.id) row.types.push_back(type.id);
        }
    }
    std::vector<Unknown> out;
    out.reserve(found.size());
    for (auto& [key, row] : found) out.push_back(std::move(row));
    return out;
}

Result<Response> list_unknown(const Request& request, Service& service) {
    Query query(request);
    const auto limit = query.integer("limit", 1, kMostMakers).value_or(kUsualMakers);
    TRY_VOID(query.finish());
    const auto present = TRY(store::Parts(service.store).present_types());
    auto rows = unknown_in(service.vendors, present);
    for (auto& row : rows) {
        if (row.types.size() < 2) continue;  // a host may have several of the types: they are counted anew
        row.hosts = TRY(store::Parts(service.store)
                            .inventory({.types = row.types, .as_of = service.now(), .limit = 0}))
                        .hosts;
    }
    sort_stably(rows, [](const Unknown& a, const Unknown& b) {
        return std::tuple(a.placeholder, -a.hosts) < std::tuple(b.placeholder, -b.hosts);
    });
    nlohmann::json answer{{"vendor_data", service.vendors.digest().hex()},
                          {"in_all", rows.size()},
                          {"identifiers", nlohmann::json::array()}};
    if (rows.size() > static_cast<std::size_t>(limit)) rows.resize(static_cast<std::size_t>(limit));
    for (const auto& row : rows) {
        answer["identifiers"].push_back({{"namespace", to_string(row.ns)},
                                         {"value", row.value},
                                         {"seen_as", row.what},
                                         {"placeholder", row.placeholder},
                                         {"components", row.components},
                                         {"hosts", row.hosts},
                                         {"example_host", row.example}});
    }
    return json_response(answer.dump());
}

}  // namespace

Endpoint vendor_unknown() {
    return {.verb = Verb::get,
            .path = "/v1/vendors/unknown",
            .role = Role::viewer,
            .summary = "Identifiers that no vendor file has, by the number of hosts that have them now",
            .handler = list_unknown};
}

}  // namespace assay::api

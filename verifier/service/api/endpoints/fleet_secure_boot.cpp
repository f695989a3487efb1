#include "verifier/service/casework/fleet_secure_boot.h"

#include <map>

#include <fmt/core.h>

#include "evidence/base/hex.h"
#include "evidence/base/rfc3339.h"
#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/judge/appraisal/facts/boot/known_certificates.h"
#include "verifier/service/api/endpoint.h"
#include "verifier/service/api/request_body.h"

namespace assay::api {
namespace {

constexpr std::size_t kQueryText = 256;
constexpr std::int64_t kUsualHosts = 1000;
constexpr std::int64_t kMostHosts = 10'000;
constexpr std::size_t kMostModels = 500;
constexpr std::size_t kMostOfModel = 200;  // certificates, and images

using Counts = std::map<std::string, std::size_t, std::less<>>;

Counts counts_of(std::initializer_list<std::string_view> names) {
    Counts out;
    for (const auto name : names) out.emplace(name, 0);
    return out;
}

Counts years_counts() {
    return counts_of({"only-2011", "both", "only-2023", "neither", "unknown"});
}

Json name_of(const Digest& sha256) {
    const auto* known = judge::known_certificate(sha256);
    return known != nullptr ? Json(known->name) : Json();
}

Json authority_json(const judge::SecureBootFacts& facts, const judge::BootAuthority& authority) {
    const auto* certificate = facts.certificate(authority.sha256);
    return {{"variable", authority.variable},
            {"kind", authority.kind},
            {"sha256", authority.sha256.hex()},
            {"name", name_of(authority.sha256)},
            {"subject", certificate != nullptr ? Json(certificate->subject) : Json()}};
}

/// Something that hosts of a model have in common, and how many have it.
struct Shared {
    Json what;
    std::size_t hosts = 0;
};
using SharedByKey = std::map<std::string, Shared>;

Json most_first(const SharedByKey& all) {
    std::vector<const Shared*> ordered;
    for (const auto& [key, each] : all) ordered.push_back(&each);
    sort_stably(ordered, [](const Shared* a, const Shared* b) { return a->hosts > b->hosts; });
    auto out = Json::array();
    for (const auto* each : ordered) {
        if (out.size() == kMostOfModel) break;
        auto row = each->what;
        row["hosts"] = each->hosts;
        out.push_back(std::move(row));
    }
    return out;
}

/// The hosts of one model.
class Model {
  public:
    void add(const FleetHost& host) {
        ++hosts_;
        ++known_by_[std::string(to_string(host.known))];
        const auto* boot = host.boot;
        const auto years = [&](judge::KeyYears of) {
            return to_string(boot != nullptr ? of : judge::KeyYears::unknown);
        };
        const auto on = boot != nullptr ? boot->facts.enabled : std::nullopt;
        ++enabled_.find(!on ? "unknown" : *on ? "on" : "off")->second;
        ++db_.find(years(boot != nullptr ? boot->db : judge::KeyYears::unknown))->second;
        ++kek_.find(years(boot != nullptr ? boot->kek : judge::KeyYears::unknown))->second;
        const auto outcome =
            boot != nullptr && boot->after ? boot->after->outcome : judge::AfterRevocation::unknown;
        ++after_.find(to_string(outcome))->second;
        if (boot == nullptr) return;
        for (const auto name : boot->missing) ++missing_[std::string(name)];
        const auto seen = boots_.try_emplace(boot->number, boot, 0).first;
        ++seen->second.second;
    }

    [[nodiscard]] Json json(const std::string& name, bool revoking) const {
        SharedByKey certificates;
        SharedByKey images;
        for (const auto& [number, seen] : boots_) {
            const auto& [boot, hosts] = seen;
            add_certificates("db", boot->facts, boot->facts.db, hosts, certificates);
            add_certificates("KEK", boot->facts, boot->facts.kek, hosts, certificates);
            add_images(boot->facts, hosts, images);
        }
        return {{"model", name},
                {"hosts", hosts_},
                {"known", known_by_},
                {"secure_boot", enabled_},
                {"db", db_},
                {"kek", kek_},
                {"missing", missing_},
                {"certificates_in_all", certificates.size()},
                {"certificates", most_first(certificates)},
                {"images_in_all", images.size()},
                {"images", most_first(images)},
                {"after", revoking ? Json(after_) : Json()}};
    }
    [[nodiscard]] std::size_t hosts() const { return hosts_; }

  private:
    static void add_certificates(std::string_view variable, const judge::SecureBootFacts& facts,
                                 const judge::BootKeys& keys, std::size_t hosts, SharedByKey& out) {
        for (const auto& digest : keys.certificates) {
            const auto [found, first] = out.try_emplace(fmt::format("{} {}", variable, digest.hex()));
            if (first) {
                const auto* certificate = facts.certificate(digest);
                const auto ends = certificate != nullptr ? certificate->not_after : 0;
                found->second.what = {
                    {"variable", variable},
                    {"sha256", digest.hex()},
                    {"name", name_of(digest)},
                    {"subject", certificate != nullptr ? Json(certificate->subject) : Json()},
                    {"not_after", ends != 0 ? Json(rfc3339_text(ends)) : Json()}};
            }
            found->second.hosts += hosts;
        }
    }

    static void add_images(const judge::SecureBootFacts& facts, std::size_t hosts, SharedByKey& out) {
        for (const auto& image : facts.images) {
            const auto* by = image.authority && *image.authority < facts.authorities.size()
                                 ? &facts.authorities[*image.authority]
                                 : nullptr;
            const auto digest = to_hex(image.digest);
            const auto [found, first] = out.try_emplace(
                fmt::format("{} {} {}", image.pcr, digest, by != nullptr ? by->sha256.hex() : "-"));
            if (first)
                found->second.what = {{"pcr", image.pcr},
                                      {"bank", facts.bank},
                                      {"digest", digest},
                                      {"says", image.what},
                                      {"let_in_by", by != nullptr ? authority_json(facts, *by) : Json()}};
            found->second.hosts += hosts;
        }
    }

    std::size_t hosts_ = 0;
    Counts known_by_ = counts_of({"quoted", "no-log", "not-vouched", "never-attested", "not-kept"});
    Counts enabled_ = counts_of({"on", "off", "unknown"});
    Counts db_ = years_counts(), kek_ = years_counts(), missing_;
    Counts after_ = counts_of({"stops", "not-named", "not-enforced", "unknown"});
    std::map<std::size_t, std::pair<const BootStanding*, std::size_t>> boots_;
};

std::string why_unknown(const FleetHost& host) {
    switch (host.known) {
        case HostKnown::quoted:
            return {};
        case HostKnown::never_attested:
            return "it is enrolled and has not attested yet with the TPM that it has";
        case HostKnown::not_kept:
            return "it attested last before this verifier kept what boots show of Secure Boot";
        case HostKnown::no_log:
        case HostKnown::not_vouched:
            break;
    }
    return host.boot->facts.why;
}

Json after_json(const FleetHost& host) {
    if (host.boot == nullptr || !host.boot->after)
        return {{"outcome", to_string(judge::AfterRevocation::unknown)},
                {"why", why_unknown(host)},
                {"loaded", Json::array()}};
    const auto& after = *host.boot->after;
    return {{"outcome", to_string(after.outcome)}, {"why", after.why}, {"loaded", Json(after.loaded)}};
}

Json host_json(const FleetHost& host, bool revoking) {
    const auto* boot = host.boot;
    Json out{{"host", host.host},
             {"model", host.model},
             {"known", to_string(host.known)},
             {"basis", host.known == HostKnown::quoted ? "quoted" : "none"},
             {"why", why_unknown(host)},
             {"attested_at", rfc3339_or_none(host.attested_at)},
             {"since", rfc3339_or_none(host.since)},
             {"silent", host.silent},
             {"secure_boot", boot != nullptr ? Json(boot->facts.enabled) : Json()},
             {"db", to_string(boot != nullptr ? boot->db : judge::KeyYears::unknown)},
             {"kek", to_string(boot != nullptr ? boot->kek : judge::KeyYears::unknown)},
             {"missing", Json::array()},
             {"dbx_entries", Json()},
             {"dbx", Json()},
             {"authorities", Json::array()},
             {"after", revoking ? after_json(host) : Json()}};
    if (boot == nullptr) return out;
    for (const auto name : boot->missing) out["missing"].push_back(name);
    for (const auto& each : boot->facts.authorities)
        out["authorities"].push_back(authority_json(boot->facts, each));
    if (boot->facts.dbx_measured) {
        out["dbx_entries"] = boot->facts.dbx_entries;
        out["dbx"] = boot->facts.dbx.hex();
    }
    return out;
}

Json asked_json(const FleetSecureBoot& fleet, const std::optional<std::string>& asked) {
    if (!fleet.asked) return {};
    const auto& revocation = fleet.asked->revocation;
    return {{"asked", *asked},
            {"sha256", revocation.sha256.hex()},
            {"read_as", revocation.certificate ? "certificate" : "image"},
            {"name", fleet.asked->name}};
}

Result<Response> answer_secure_boot(const Request& request, Service& service) {
    Query query(request);
    const auto model = query.text("model", kQueryText);
    const auto if_revoked = query.text("if_revoked", kQueryText);
    const auto after = query.text("after", limits::kHostName).value_or("");
    const auto limit = query.integer("limit", 1, kMostHosts).value_or(kUsualHosts);
    TRY_VOID(query.finish());
    const auto fleet = TRY(fleet_secure_boot(service, model, if_revoked));
    const bool revoking = fleet.asked.has_value();

    std::map<std::string, Model> models;
    Model all;
    std::size_t silent = 0;
    auto hosts = Json::array();
    Json next;
    std::string last;
    for (const auto& host : fleet.hosts) {
        models[host.model].add(host);
        all.add(host);
        if (host.silent) ++silent;
        if (host.host <= after) continue;
        if (hosts.size() < static_cast<std::size_t>(limit)) {
            hosts.push_back(host_json(host, revoking));
            last = host.host;
        } else if (next.is_null()) {
            next = last;
        }
    }
    std::vector<std::pair<std::string, const Model*>> ordered;
    for (const auto& [name, each] : models) ordered.emplace_back(name, &each);
    sort_stably(ordered, [](const auto& a, const auto& b) { return a.second->hosts() > b.second->hosts(); });
    auto of_models = Json::array();
    for (const auto& [name, each] : ordered) {
        if (of_models.size() == kMostModels) break;
        of_models.push_back(each->json(name, revoking));
    }
    return json_response(Json{
        {"at", rfc3339_text(service.now())},
        {"model", model},
        {"if_revoked", asked_json(fleet, if_revoked)},
        {"silent", silent},
        {"all", all.json("", revoking)},
        {"models_in_all", models.size()},
        {"models", std::move(of_models)},
        {"hosts", std::move(hosts)},
        {"next",
         std::move(next)}}.dump());
}

}  // namespace

Endpoint get_fleet_secure_boot() {
    return {.verb = Verb::get,
            .path = "/v1/fleet/secure-boot",
            .role = Role::viewer,
            .summary =
                "Which hosts have which Secure Boot certificates, what let their loaders in, and what a "
                "revocation would stop",
            .handler = answer_secure_boot};
}

}  // namespace assay::api

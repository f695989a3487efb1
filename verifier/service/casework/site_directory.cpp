#include "verifier/service/casework/site_directory.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "verifier/judge/accompaniment/entities.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/service/casework/site_receipts.h"
#include "verifier/service/store/site/site_writes.h"

namespace assay::api::site {
namespace {

using nlohmann::json;
using Entities = std::vector<accompaniment::Entity>;

json entity_json(const accompaniment::Entity& entity) {
    json out{{"id", entity.id}, {"owners", entity.owners}, {"decided", entity.decided}};
    if (entity.approved) out["approved"] = *entity.approved;
    return with_receipt(std::move(out), entity.known);
}

json json_of(const Entities& entities) {
    auto out = json::array();
    for (const auto& entity : entities) out.push_back(entity_json(entity));
    return out;
}

// The directory's entities, those who run issuers and employ persons, and owners.
std::set<std::string> asked_of(const accompaniment::DirectoryData& data) {
    std::set<std::string> out;
    for (const auto& entity : data.entities) {
        out.insert(entity.id);
        out.insert(entity.owners.begin(), entity.owners.end());
    }
    for (const auto& issuer : data.issuers) out.insert(issuer.entity);
    for (const auto& person : data.persons) out.insert(person.employer);
    return out;
}

// What the vendor data knows of them, and of their owners.
Entities known_of(const std::set<std::string>& asked, const vendors::VendorDb& vendors, std::int64_t now) {
    std::set<std::string> known;
    std::vector<std::string> wanted;
    const auto want = [&](const std::string& id) {
        if (vendors.entities().contains(id) && known.insert(id).second) wanted.push_back(id);
    };
    for (const auto& id : asked) want(id);
    Entities out;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto& entity = out.emplace_back();
        entity.id = wanted[i];
        for (const auto& [owner, chain] : vendors.owners_of(entity.id, 0, now)) {
            entity.owners.push_back(owner);
            want(owner);
        }
        const auto approval = vendors.approval(entity.id, vendors::Component::any, now);
        entity.decided = approval.where;
        if (approval.decision != vendors::Decision::review)
            entity.approved = approval.decision == vendors::Decision::allow;
    }
    return out;
}

// A document is never rewritten, so its number and act name what was imported, when and by whom.
Result<std::string> version_of(Service& service) {
    std::string out;
    for (const auto& newest :
         TRY(store::SiteDocuments(service.store)
                 .list({.kind = "directory", .id = "directory", .without_document = true, .limit = 1})))
        out = fmt::format("{} {} {}", newest.number, newest.act, newest.digest);
    for (const auto& hand : TRY(store::SiteWrites(service.store).hands()))
        out += json{hand.hand, hand.person}.dump();
    return out;
}

}  // namespace

Result<std::shared_ptr<const SiteDirectory>> site_directory(Service& service) {
    auto version = TRY(version_of(service));
    auto kept = service.directory.newest();
    const bool same = kept && kept->version == version;
    if (same && kept->entities == json_of(known_of(kept->asked, service.vendors, service.now())).dump())
        return kept;
    auto document = TRY(received_directory(service));
    const auto data = TRY(accompaniment::read_directory(document.dump()));
    auto asked = asked_of(data);
    const auto theirs = known_of(asked, service.vendors, service.now());
    if (!theirs.empty()) document["entities"] = json_of(accompaniment::joined(data.entities, theirs));
    auto text = document.dump();
    auto read = TRY(accompaniment::Directory::of(TRY(accompaniment::read_directory(text))));
    auto out = std::make_shared<const SiteDirectory>(SiteDirectory{.version = std::move(version),
                                                                   .asked = std::move(asked),
                                                                   .entities = json_of(theirs).dump(),
                                                                   .text = std::move(text),
                                                                   .read = std::move(read)});
    service.directory.keep(out);
    return out;
}

}  // namespace assay::api::site

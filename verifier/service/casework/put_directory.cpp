#include "verifier/service/casework/put_directory.h"

#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"
#include "verifier/service/casework/site_receipts.h"

namespace assay::api::site {

using nlohmann::json;

namespace {

// So that a case reads a few directories, and not all that ever were.
constexpr std::int64_t kKeptEvery = 8;

}  // namespace

Result<DirectoryInForce> directory_in_force(Service& service) {
    DirectoryInForce out{.document = json::object()};
    const auto found = TRY(store::SiteDocuments(service.store).newest("directory", "directory"));
    if (!found) return out;
    out.document = TRY(parse_json(found->document, kStoredJson));
    out.number = found->number;
    return out;
}

Result<bool> is_single_handed(Service& service) {
    const auto found = TRY(store::SiteDocuments(service.store).newest("policy", "policy"));
    return found && TRY(accompaniment::read_policy(found->document)).single_handed;
}

store::Written<json> put_directory(Service& service, const json& document, std::int64_t made_from,
                                   const store::Act& act, const std::string& by) {
    auto stored = stamped(service,
                          {.kind = "directory",
                           .id = "directory",
                           .from_ms = 0,
                           .to_ms = INT64_MAX,
                           .document = document.dump(),
                           .made_from = made_from},
                          by);
    const auto sha256 = stored.digest;
    std::vector<store::SiteDocument> documents{std::move(stored)};
    const auto number = made_from + 1;
    if (number % kKeptEvery == 0 && TRY(directory_in_force(service)).document != document) {
        auto history = TRY(directory_history(service, made_from));
        history.add(number, document);
        documents.push_back(
            stamped(service,
                    {.kind = kDirectoryHistory, .id = "directory", .document = history.stored().dump()}, by));
    }
    const auto written = TRY(
        store::SiteWrites(service.store)
            .put({.documents = std::move(documents), .to_judge = store::JudgeSpan()}, act, service.now()));
    const auto judged = TRY(judge_left(service));
    return json{{"in_force", true},
                {"changed", written.documents != 0},
                {"sha256", sha256},
                {"judged", judged.events},
                {"verdicts_changed", judged.changes.size()}};
}

}  // namespace assay::api::site

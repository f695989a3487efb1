#include "verifier/service/api/attest/shown_before.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/attestations/attestations.h"

namespace assay::api {
namespace {

/// A result that is not the newest: the answer before was lost on its way, or the result.
Result<bool> has_result(Service& service, const store::Host& host, const std::string& id) {
    if (host.known.previous && host.known.previous->hex() == id) return true;
    return store::Results(service.store).has(id);
}

/// Who said, since this host attested last, that the database was set back.
Result<std::string> restored(Service& service, const store::Host& host) {
    constexpr std::int64_t kSecond_ms = 1000;
    constexpr std::size_t kMost = 250;
    const auto said = TRY(
        store::Acts(service.store).newest_of_chain(std::string(to_string(store::ActKind::chain_restored))));
    if (!said || said->at_ms < host.attested_at * kSecond_ms) return std::string();
    JsonReader document(said->document);
    return shortened(fmt::format("{}: {}", said->hand, document.peek("reason")), kMost);
}

}  // namespace

Result<std::optional<RolledBack>> rolled_back(Service& service, const store::Host& host,
                                              const std::optional<ShownBefore>& shown) {
    if (!shown) return std::nullopt;
    store::Acts acts(service.store);
    auto ours = std::optional(shown->acts.head);
    if (host.told_acts != shown->acts) ours = TRY(acts.head_at(shown->acts.number));
    if (ours == shown->acts.head && TRY(has_result(service, host, shown->result_id))) return std::nullopt;
    const auto newest = TRY(acts.head());
    RolledBack out{.number = static_cast<std::uint64_t>(shown->acts.number),
                   .head = shown->acts.head,
                   .size = static_cast<std::uint64_t>(newest.number),
                   .ours = ours,
                   .restored = {}};
    out.restored = TRY(restored(service, host));
    return out;
}

}  // namespace assay::api

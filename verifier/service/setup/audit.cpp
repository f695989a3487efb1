#include "verifier/service/setup/audit.h"

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/setup/local_hand.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/acts/audit.h"

namespace assay::setup {

Result<command_line::ExitCode> audit_verify(const StateFolder& state, bool json) {
    constexpr std::int64_t kSecond_ms = 1000;
    const auto store = TRY(store::Store::open(state.connection(TRY(read_config(state)))));
    const auto found = TRY(store::Audit(*store).everything());
    const auto acts = TRY(store::Acts(*store).head()).number;
    auto rows = Json::array();
    for (const auto& each : found) {
        if (json)
            rows.push_back({{"at_ms", each.at_ms}, {"what", printable(each.what)}});
        else
            fmt::print("{}  {}\n", each.at_ms == 0 ? "-" : utc_text(each.at_ms / kSecond_ms),
                       printable(each.what));
    }
    if (json)
        fmt::print("{}\n", Json{{"acts", acts}, {"contradictions", rows}}.dump(2));
    else
        fmt::print("{} acts, {} contradictions\n", acts, found.size());
    return found.empty() ? command_line::ExitCode::done : command_line::ExitCode::contraindicated;
}

Result<> check_reason(const std::string& reason) {
    constexpr std::size_t kReason = 200;
    if (reason.empty() || reason.size() > kReason || printable(reason) != reason)
        return fail(ErrorCode::usage,
                    fmt::format("--reason: expected 1 to {} printable characters, got \"{}\"", kReason,
                                printable(shortened(reason, kReason))));
    return {};
}

Result<> audit_restored(const StateFolder& state, const std::string& reason, std::int64_t now) {
    constexpr std::int64_t kSecond_ms = 1000;
    TRY_VOID(check_reason(reason));
    const auto store = TRY(store::Store::open(state.connection(TRY(read_config(state)))));
    TRY_VOID(store::Acts(*store).write({.kind = store::ActKind::chain_restored,
                                        .hand = local_hand(),
                                        .subject = "chain",
                                        .document = Json{{"reason", reason}}.dump()},
                                       now * kSecond_ms));
    return {};
}

}  // namespace assay::setup

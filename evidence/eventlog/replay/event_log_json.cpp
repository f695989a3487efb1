#include "evidence/eventlog/replay/event_log_json.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "evidence/base/hex.h"
#include "evidence/codec/json_writer.h"
#include "evidence/eventlog/event_payload_json.h"
#include "evidence/eventlog/replay/replay.h"

namespace assay::tcg {
namespace {

// Coverage is a matter of one digest: the bank that appraisal would choose first.
std::optional<HashAlgorithm> preferred_bank(const ParsedEventLog& log) {
    constexpr std::array order{HashAlgorithm::sha256, HashAlgorithm::sha384, HashAlgorithm::sha512,
                               HashAlgorithm::sha1};
    const auto found = std::ranges::find_if(order, [&](auto bank) { return log.has_bank(bank); });
    return found == order.end() ? std::nullopt : std::optional(*found);
}

Json spec_id_json(const SpecIdEvent& spec_id) {
    auto algorithms = Json::array();
    for (const auto& algorithm : spec_id.algorithms) {
        auto& one = algorithms.push_back({{"id", algorithm.id}, {"digest_bytes", algorithm.size}});
        if (algorithm.known) one["name"] = to_string(*algorithm.known);
    }
    return {{"platform_class", spec_id.platform_class}, {"version_major", spec_id.version_major},
            {"version_minor", spec_id.version_minor},   {"errata", spec_id.errata},
            {"algorithms", std::move(algorithms)},      {"vendor_info", to_hex(spec_id.vendor_info)}};
}

Json event_json(const ParsedEvent& event, std::optional<HashAlgorithm> bank) {
    Json digests = Json::object();
    for (const auto& digest : event.digests) digests[to_string(digest.algorithm())] = digest.hex();
    Json json = Json::object();
    json["index"] = event.index;
    json["offset"] = event.offset;
    json["pcr"] = event.pcr;
    json["type"] = event_type_name(event.unverified_type);
    json["digests"] = std::move(digests);
    json["data_bytes"] = event.unverified_data.size();
    const auto payload = read_event_payload(event);
    json["description"] = describe_unverified_data(event, payload);
    auto& shown = json["unverified_payload"] = payload_json(payload);
    constexpr std::size_t kShownBytes = 256;
    if (std::holds_alternative<UnreadPayload>(payload) && !event.unverified_data.empty()) {
        const auto size = std::min(event.unverified_data.size(), kShownBytes);
        shown["data"] = to_hex(event.unverified_data.first(size));
    }
    if (bank) {
        const auto result = data_coverage(event, *bank);
        json["data_coverage"] = to_string(result.coverage);
        json["coverage_rule"] = to_string(result.rule);
    }
    return json;
}

Json pcrs_json(const ReplayedPcrs& replayed) {
    Json pcrs = Json::object();
    for (const auto& bank : replayed.banks) {
        auto& values = pcrs[to_string(bank.bank)] = Json::object();
        for (std::uint32_t pcr = 0; pcr < kPcrCount; ++pcr) {
            if (bank.pcrs[pcr].events != 0) values[std::to_string(pcr)] = bank.pcrs[pcr].value.hex();
        }
    }
    return pcrs;
}

Json quirks_json(const ParsedEventLog& log) {
    auto quirks = Json::array();
    for (const auto& quirk : log.quirks()) {
        auto& one = quirks.push_back(
            {{"id", to_string(quirk.id)}, {"offset", quirk.offset}, {"meaning", describe(quirk.id)}});
        if (quirk.event) one["event"] = *quirk.event;
    }
    return quirks;
}

// All but the events, whose list is empty.
Json summary_json(const ParsedEventLog& log, std::optional<HashAlgorithm> bank) {
    const auto replayed = replay(log);
    Json json{{"kind", "boot-event-log"},          {"verified", false},
              {"format", to_string(log.format())}, {"measurement_registers", log.is_ccel() ? "ccel" : "pcr"},
              {"quirks", quirks_json(log)},        {"events", Json::array()}};
    if (log.spec_id()) json["spec_id"] = spec_id_json(*log.spec_id());
    if (bank) json["coverage_bank"] = to_string(*bank);
    if (replayed.startup_locality) json["startup_locality"] = *replayed.startup_locality;
    auto& problems = json["replay_problems"] = Json::array();
    for (const auto& problem : replayed.problems) {
        problems.push_back({{"id", to_string(problem.id)}, {"event", problem.event}});
    }
    json["pcrs"] = pcrs_json(replayed);
    return json;
}

// `text` as it is written inside of a list that is a member of the outermost object.
std::string indented(std::string_view text) {
    std::string out;
    out.reserve(2 * text.size());
    for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        out.append(text.substr(0, end + 1)).append("    ");
        text.remove_prefix(end + 1);
    }
    return out.append(text);
}

}  // namespace

Result<Json> inspect_event_log(ByteView bytes) {
    const auto log = TRY(parse_event_log(bytes));
    const auto bank = preferred_bank(log);
    auto json = summary_json(log, bank);
    auto& events = json["events"];
    for (const auto& event : log.unverified_events()) events.push_back(event_json(event, bank));
    return json;
}

Result<void> write_event_log(ByteView bytes, const std::function<void(std::string_view)>& out) {
    constexpr std::string_view kEmptyList = "\n  \"events\": [";
    const auto log = TRY(parse_event_log(bytes));
    const auto bank = preferred_bank(log);
    const auto summary = summary_json(log, bank).dump(2) + "\n";
    // In a text of the summary a line feed would be escaped.
    const auto at = summary.find(kEmptyList) + kEmptyList.size();
    out(std::string_view(summary).substr(0, at));
    std::string_view before = "\n    ";
    for (const auto& event : log.unverified_events()) {
        out(before);
        out(indented(event_json(event, bank).dump(2)));
        before = ",\n    ";
    }
    if (!log.unverified_events().empty()) out("\n  ");
    out(std::string_view(summary).substr(at));
    return {};
}

}  // namespace assay::tcg

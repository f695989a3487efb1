#include "verifier/judge/accompaniment/verdict/verdict_json.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace assay::accompaniment {

using nlohmann::json;

json to_json(const Verdict& verdict) {
    json conditions = json::object();
    for (std::size_t i = 0; i < verdict.conditions.size(); ++i) {
        const auto& condition = verdict.conditions[i];
        json one{{"value", to_string(condition.value)}, {"reason", condition.reason}};
        if (condition.value == Tri::unknown && condition.cause != Cause::none)
            one["cause"] = to_string(condition.cause);
        conditions[fmt::format("A{}", i + 1)] = std::move(one);
    }
    json notes = json::array();
    for (const auto& note : verdict.notes) {
        json one{{"id", note.id}, {"severity", to_string(note.severity)}, {"text", note.text}};
        if (note.time) {
            one["from"] = instant_text(note.time->from);
            one["to"] = instant_text(note.time->to);
        }
        notes.push_back(std::move(one));
    }
    json inputs = json::array();
    for (const auto& input : verdict.inputs)
        inputs.push_back({{"kind", input.kind}, {"id", input.id}, {"sha256", input.digest}});
    json out{{"event", verdict.event},
             {"host", verdict.host},
             {"row", verdict.row ? json(*verdict.row) : json(nullptr)},
             {"outcome", info(verdict.outcome).name},
             {"reason", verdict.reason},
             {"severity", to_string(verdict.severity)},
             {"text", verdict.text},
             {"conditions", std::move(conditions)},
             {"from", instant_text(verdict.time.from)},
             {"to", instant_text(verdict.time.to)},
             {"order", verdict.order},
             {"technician", verdict.technician},
             {"escort", verdict.escort},
             {"people", verdict.people},
             {"count", verdict.count},
             {"group", verdict.group},
             {"notes", std::move(notes)},
             {"inputs", std::move(inputs)}};
    return out;
}

json to_json(const std::vector<Verdict>& verdicts) {
    std::map<std::string, const Verdict*> worst;
    for (const auto& verdict : verdicts) {
        auto& of = worst[verdict.group];
        if (of == nullptr || worse(verdict, *of)) of = &verdict;
    }
    json out = json::array();
    for (const auto& verdict : verdicts) {
        auto one = to_json(verdict);
        const auto* of = worst[verdict.group];
        one["group_worst"] = {
            {"event", of->event}, {"outcome", info(of->outcome).name}, {"severity", to_string(of->severity)}};
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace assay::accompaniment

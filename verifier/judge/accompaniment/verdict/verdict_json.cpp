#include "verifier/judge/accompaniment/verdict/verdict_json.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "evidence/codec/json_writer.h"

namespace assay::accompaniment {
namespace {

Json inputs_json(const std::vector<Input>& inputs) {
    Json out = Json::array();
    for (const auto& input : inputs) {
        Json one{{"kind", input.kind}, {"id", input.id}, {"sha256", input.digest}};
        if (!input.hand.empty()) one["hand"] = input.hand;
        if (input.received_at != kAtItsOwnTime) one["received_at"] = instant_text(input.received_at);
        out.push_back(std::move(one));
    }
    return out;
}

Json improved_json(const Improved& improved) {
    return {{"version", improved.version},
            {"outcome", info(improved.outcome).name},
            {"row", improved.row},
            {"severity", to_string(improved.severity)},
            {"at", instant_text(improved.at)},
            {"inputs", inputs_json(improved.inputs)}};
}

}  // namespace

Json to_json(const Verdict& verdict) {
    Json conditions = Json::object();
    for (std::size_t i = 0; i < verdict.conditions.size(); ++i) {
        const auto& condition = verdict.conditions[i];
        Json one{{"value", to_string(condition.value)}, {"reason", condition.reason}};
        if (condition.value == Tri::unknown && condition.cause != Cause::none)
            one["cause"] = to_string(condition.cause);
        conditions[fmt::format("A{}", i + 1)] = std::move(one);
    }
    Json notes = Json::array();
    for (const auto& note : verdict.notes) {
        Json one{{"id", note.id}, {"severity", to_string(note.severity)}, {"text", note.text}};
        if (note.time) {
            one["from"] = instant_text(note.time->from);
            one["to"] = instant_text(note.time->to);
        }
        notes.push_back(std::move(one));
    }
    Json out{{"event", verdict.event},
             {"host", verdict.host},
             {"row", verdict.row},
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
             {"inputs", inputs_json(verdict.inputs)}};
    if (!verdict.sole_word.empty()) out["sole_word"] = verdict.sole_word;
    if (verdict.improved) out["improved"] = improved_json(*verdict.improved);
    return out;
}

Json to_json(const std::vector<Verdict>& verdicts, const std::vector<Json>& timelines) {
    std::map<std::string, const Verdict*> worst;
    for (const auto& verdict : verdicts) {
        auto& of = worst[verdict.group];
        if (of == nullptr || worse(verdict, *of)) of = &verdict;
    }
    Json out = Json::array();
    for (const auto& verdict : verdicts) {
        auto one = to_json(verdict);
        const auto* of = worst[verdict.group];
        one["group_worst"] = {
            {"event", of->event}, {"outcome", info(of->outcome).name}, {"severity", to_string(of->severity)}};
        if (out.size() < timelines.size()) one["timeline"] = timelines[out.size()];
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace assay::accompaniment

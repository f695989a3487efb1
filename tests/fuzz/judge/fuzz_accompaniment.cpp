// Input: one object with a member per file of an accompaniment case. The readers refuse or read; what they
// read is judged, the same twice, and is accompanied only with all six conditions true.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "evidence/codec/json_door.h"
#include "verifier/judge/accompaniment/judging/judge.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/verdict/verdict_json.h"

using namespace assay;
using namespace assay::accompaniment;

namespace {

template <typename T>
bool refused(const Result<T>& read) {
    if (read) return false;
    if (read.error().context.empty()) std::abort();
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto document = parse_json(input);
    if (!document || !document->is_object()) {
        if (read_events(input) && read_orders(input)) std::abort();  // one wants a watermark, one refuses it
        return 0;
    }
    const auto part = [&](const char* name) {
        const auto found = document->find(name);
        return found == document->end() ? std::string("{}") : found->dump();
    };
    auto events = read_events(part("events"));
    auto orders = read_orders(part("orders"));
    auto badges = read_badges(part("badges"));
    auto sessions = read_sessions(part("sessions"));
    auto directory = read_directory(part("directory"));
    auto policy = read_policy(part("policy"));
    const auto now = read_now(part("now"));
    if (refused(events) || refused(orders) || refused(badges) || refused(sessions) || refused(directory) ||
        refused(policy) || refused(now)) {
        return 0;
    }
    auto occurrences = occurrences_of(*std::move(events), *policy);
    const auto knowledge = Knowledge::of({.directory = *std::move(directory),
                                          .orders = std::move(orders->orders),
                                          .exports = std::move(orders->exports),
                                          .orders_watermark = orders->watermark,
                                          .badges = *std::move(badges),
                                          .sessions = *std::move(sessions),
                                          .policy = *std::move(policy)});
    if (refused(knowledge)) return 0;
    const auto verdicts = judge_all(occurrences, **knowledge, *now);
    for (const auto& verdict : verdicts) {
        if (verdict.outcome != Outcome::accompanied) continue;
        for (const auto& condition : verdict.conditions) {
            if (condition.value != Tri::yes) std::abort();
        }
    }
    if (judge_all(occurrences, **knowledge, *now) != verdicts) std::abort();
    if (to_json(verdicts).size() != verdicts.size()) std::abort();
    return 0;
}

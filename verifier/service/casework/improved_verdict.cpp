#include "verifier/service/casework/improved_verdict.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "verifier/judge/accompaniment/verdict/improvement.h"
#include "verifier/service/store/site/site_writes.h"

namespace assay::api::site {
namespace {

using accompaniment::Improved;
using accompaniment::Input;
using accompaniment::Severity;
using accompaniment::Verdict;

constexpr std::array kSeverities = {Severity::info, Severity::low, Severity::medium, Severity::high,
                                    Severity::critical};

std::vector<Input> inputs_in(JsonReader& in) {
    std::vector<Input> out;
    in.each("inputs", [&](JsonReader& each) {
        Input input{std::string(each.peek("kind")), std::string(each.peek("id")),
                    std::string(each.peek("sha256")), std::string(each.peek("hand")),
                    accompaniment::kAtItsOwnTime};
        if (each.has("received_at"))
            input.received_at = each.text_as("received_at", accompaniment::parse_instant);
        out.push_back(std::move(input));
    });
    return out;
}

// Of a verdict, and of what one improved: the same names.
Improved stood(JsonReader& in, std::int64_t version) {
    Improved out;
    out.version = version;
    const auto all = accompaniment::outcomes();
    const auto outcome = std::ranges::find(all, in.peek("outcome"), &accompaniment::OutcomeInfo::name);
    if (outcome == all.end())
        in.wrong("outcome", "an outcome of the table");
    else
        out.outcome = static_cast<accompaniment::Outcome>(std::distance(all.begin(), outcome));
    if (in.has("row")) out.row = static_cast<int>(in.integer_or("row", 0, 0, 16));
    const auto severity =
        std::ranges::find(kSeverities, in.peek("severity"), [](Severity each) { return to_string(each); });
    if (severity != kSeverities.end()) out.severity = *severity;
    out.inputs = inputs_in(in);
    return out;
}

constexpr JsonForm kVerdict{.limits = kStoredJson, .nulls = true, .open = true};

std::optional<Improved> told_in(JsonReader& verdict) {
    std::optional<Improved> out;
    if (!verdict.has("improved")) return out;
    verdict.object("improved", [&](JsonReader& in) {
        out = stood(in, in.integer_or("version", 0, 0, INT64_MAX));
        out->at = in.text_as("at", accompaniment::parse_instant);
    });
    return out;
}

Result<bool> is_acknowledged(Service& service, const std::string& event, const Improved& told) {
    const auto found = TRY(store::SiteDocuments(service.store).newest(kImprovementAcknowledged, event));
    if (!found) return false;
    JsonReader in(found->document, kVerdict);
    const auto version = in.integer_or("version", 0, 0, INT64_MAX);
    TRY_VOID(in.finish());
    return version >= told.version;
}

std::string words_of(const Input& input) {
    const auto received = input.received_at == accompaniment::kAtItsOwnTime
                              ? std::string()
                              : fmt::format("received {}", utc_text(input.received_at / 1000));
    const auto joint = input.hand.empty() || received.empty() ? "" : ", ";
    const auto by = input.hand + joint + received;
    return fmt::format("{} {}{}", input.kind, input.id, by.empty() ? "" : " (" + by + ")");
}

}  // namespace

Result<std::optional<Improved>> improved_by(Service& service, const store::SiteDocument& newest,
                                            const Verdict& now) {
    if (newest.number == 0) return std::nullopt;
    const auto stored = TRY(store::SiteDocuments(service.store).newest("verdict", newest.id));
    if (!stored) return std::nullopt;
    JsonReader in(stored->document, kVerdict);
    const auto before = stood(in, stored->number);
    auto told = told_in(in);
    TRY_VOID(in.finish());
    if (told && TRY(is_acknowledged(service, newest.id, *told))) told.reset();
    auto anew = accompaniment::improvement(before, now);
    if (anew) anew->at = service.now() * 1000;
    if (!told) return anew;
    // As it was first told, and by all that came since; over where it is as bad again as it was then.
    if (!accompaniment::improvement(*told, now)) return std::nullopt;
    if (anew) {
        std::vector<Input> all;
        std::ranges::set_union(told->inputs, anew->inputs, std::back_inserter(all));
        told->inputs = std::move(all);
        told->version = anew->version;  // told again
    }
    return told;
}

std::string in_words(const Improved& improved, const Verdict& now) {
    constexpr std::size_t kMostInputs = 4;
    std::vector<std::string> by;
    for (const auto& input : improved.inputs)
        if (by.size() < kMostInputs) by.push_back(words_of(input));
    if (improved.inputs.size() > kMostInputs)
        by.push_back(fmt::format("{} more", improved.inputs.size() - kMostInputs));
    return fmt::format("was {}{}, {}; is {} since {}, by {}", accompaniment::info(improved.outcome).name,
                       improved.row ? fmt::format(", row {}", *improved.row) : "",
                       to_string(improved.severity), accompaniment::info(now.outcome).name,
                       utc_text(improved.at / 1000),
                       by.empty() ? "no input that is new" : fmt::format("{}", fmt::join(by, ", ")));
}

std::string deciding(const Improved& improved) {
    return fmt::format("{} {}", improved.version, accompaniment::info(improved.outcome).name);
}

Result<> may_acknowledge(Service& service, const Improved& improved, const std::string& hand,
                         const std::string& person) {
    std::set<std::string> own{hand, "person:" + person};
    for (const auto& each : TRY(store::SiteWrites(service.store).hands()))
        if (!person.empty() && each.person == person) own.insert(each.hand);
    for (const auto& input : improved.inputs) {
        if (!own.contains(input.hand)) continue;
        return fail(
            ErrorCode::refused,
            fmt::format("expected a reviewer who delivered nothing that made the verdict better, got {}, "
                        "who delivered {} {}; ask another one",
                        printable(hand), input.kind, printable(input.id)));
    }
    return {};
}

Result<Improved> told_improvement(Service& service, const std::string& event) {
    const auto stored = TRY(store::SiteDocuments(service.store).newest("verdict", event));
    if (!stored) return fail(ErrorCode::not_found, "no verdict on " + printable(event));
    JsonReader in(stored->document, kVerdict);
    auto told = told_in(in);
    TRY_VOID(in.finish());
    if (!told) return fail(ErrorCode::not_found, printable(event) + ": its verdict did not become better");
    return *std::move(told);
}

}  // namespace assay::api::site

#include "verifier/judge/appraisal/facts/standing/open_matters.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/limits.h"
#include "evidence/base/stable_sort.h"
#include "evidence/base/text.h"
#include "verifier/judge/devices/device_cases.h"

namespace assay::judge {
namespace {

// What is no tier is as bad as can be, and what is no basis is nobody's but the host's word.
Tier tier_of(std::string_view text) {
    return tier_from_name(text).value_or(Tier::contraindicated);
}

Basis basis_of(std::string_view text) {
    return basis_from_name(text).value_or(Basis::self_reported);
}

// As `worst` has it.
bool is_worse(const OpenMatter& a, const OpenMatter& b) {
    const auto left = tier_of(a.tier), right = tier_of(b.tier);
    return left != right && worst(left, right) == left;
}

bool is_same(const OpenMatter& matter, const HostChange& change) {
    return matter.change && matter.change->kind == change.kind && matter.id == change.id &&
           matter.subject == change.subject &&
           (is_absence(change.kind) ||
            (matter.change->before == change.before && matter.change->after == change.after));
}

bool is_back(const OpenMatter& matter, const HostChange& change) {
    return matter.change && matter.change->kind == change.kind && matter.subject == change.subject &&
           !change.before.empty() && matter.change->before == change.after &&
           matter.change->after == change.before;
}

bool is_expected(const OpenMatter& matter, const std::vector<Bytes>& planned) {
    return matter.change && !matter.change->after.empty() &&
           std::ranges::find(planned, matter.change->after) != planned.end();
}

void clip(std::string& text) {
    constexpr std::size_t kLongText = 1000;  // of the wire's 1024
    if (text.size() > kLongText) text = shortened(text, kLongText);
}

// The texts of a device come from the device, and all of a host's matters are one document.
void clip(OpenMatter& matter) {
    for (auto* text : {&matter.subject, &matter.expected, &matter.actual, &matter.where}) clip(*text);
    if (!matter.device) return;
    auto& device = *matter.device;
    for (auto* text :
         {&device.ids, &device.name, &device.serial, &device.port, &device.controller, &device.how})
        clip(*text);
    for (auto* list : {&device.mounted, &device.bound}) {
        list->resize(std::min(list->size(), limits::kMatterDetails));
        for (auto& text : *list) clip(text);
    }
}

// What is absent is found anew by each report, so it is never what is only counted.
bool is_kept_before(const OpenMatter& a, const OpenMatter& b) {
    const auto absent = [](const OpenMatter& each) { return each.change && is_absence(each.change->kind); };
    return absent(a) != absent(b) ? absent(a) : is_worse(a, b);
}

// The worst, and the earlier of equally bad ones, in the order they had.
void keep_the_worst(std::vector<OpenMatter>& open, std::uint64_t& more) {
    std::vector<std::size_t> places(open.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    sort_stably(places, [&](auto a, auto b) { return is_kept_before(open[a], open[b]); });
    std::size_t kept = 0;
    for (std::size_t bytes = 0; kept < places.size() && kept < limits::kOpenMatters; ++kept) {
        bytes += encode_open_matters({open[places[kept]]}).size();
        if (bytes > kOpenMattersBytes) break;
    }
    if (kept == open.size()) return;
    more += open.size() - kept;
    places.resize(kept);
    std::ranges::sort(places);
    std::vector<OpenMatter> out;
    for (const auto place : places) out.push_back(std::move(open[place]));
    open = std::move(out);
}

std::string moment(std::int64_t ms) {
    constexpr std::int64_t kSecond = 1000;
    return utc_text(ms / kSecond);
}

std::string span(std::string_view word, std::int64_t from, std::int64_t to) {
    constexpr std::int64_t kSecond = 1000;
    if (from / kSecond == to / kSecond) return fmt::format("{} {}", word, moment(from));
    if (from == 0) return fmt::format("{} before {}", word, moment(to));
    return fmt::format("{} between {} and {}", word, moment(from), moment(to));
}

std::string acts_of(const MatterDevice& device) {
    std::string out;
    if (!device.bound.empty()) out += fmt::format("; bound as {}", fmt::join(device.bound, ", "));
    if (!device.mounted.empty()) out += fmt::format("; mounted at {}", fmt::join(device.mounted, ", "));
    if (device.read != 0 || device.written != 0)
        out += fmt::format("; {} bytes read, {} written", device.read, device.written);
    return out;
}

std::string waits_for(const OpenMatter& matter) {
    const auto missing = missing_acknowledgements(matter);
    if (missing == 0) return "";
    const auto people = missing == 1 ? std::string("one person") : fmt::format("{} people", missing);
    if (matter.acks.empty()) return fmt::format("; waits for acknowledgement by {}", people);
    return fmt::format("; waits for acknowledgement by {} more ({} did)", people, matter.acks.front().by);
}

std::string device_text(const OpenMatter& matter) {
    const auto& device = *matter.device;
    auto out = fmt::format("{}{}{}, serial {}", device.ids, device.name.empty() ? "" : " ", device.name,
                           device.serial.empty() ? "none" : device.serial);
    if (device.came_to_ms != 0) out += "; " + span("came", device.came_from_ms, device.came_to_ms);
    if (!device.how.empty()) out += fmt::format(" ({})", device.how);
    if (device.count > 1) out += fmt::format(", {} times", device.count);
    out += acts_of(device);
    out += device.gone_record == 0 ? "; still there"
                                   : "; " + span("gone", device.gone_from_ms, device.gone_to_ms);
    if (!matter.actual.empty()) out += "; " + matter.actual;
    return device.gone_record == 0 ? out : out + waits_for(matter);
}

std::string place_of(const OpenMatter& matter) {
    auto out = matter.where;
    const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : "; ") + text; };
    if (matter.device && matter.device->gone_record != 0)
        add(fmt::format("gone with record {}", matter.device->gone_record));
    add(fmt::format("matter {}", matter_id(matter)));
    return out;
}

}  // namespace

OpenMatter matter_of(const HostChange& change, std::int64_t since) {
    const bool absence = is_absence(change.kind);
    return {.id = change.id,
            .subject = change.subject,
            .expected = change.expected,
            .actual = change.actual,
            .where = change.where,
            .tier = std::string(to_string(absence ? Tier::none : Tier::warning)),
            .basis = std::string(to_string(Basis::bound)),
            .since = since,
            .record = 0,
            .device = {},
            .change = MatterChange{change.kind, change.before, change.after},
            .over = false,
            .verdict = {},
            .acks = {}};
}

Matters matters_after(const KnownHost& known, MatterNews news, std::int64_t now) {
    Matters out{.open = {},
                .more = known.open_more.value_or(0) + news.more,
                .more_again = news.more_again,
                .planned = {}};
    for (const auto& matter : known.open.value_or(std::vector<OpenMatter>()))
        if (!is_of_devices(matter) && !is_expected(matter, news.planned)) out.open.push_back(matter);
    for (auto& matter : out.open) {
        if (!is_absence(matter.change ? matter.change->kind : ChangeKind::boot)) continue;
        matter.over =
            std::ranges::none_of(news.absences, [&](const auto& each) { return is_same(matter, each); });
    }
    for (auto& matter : news.devices) out.open.push_back(std::move(matter));
    const auto matter_with = [&](bool (*fits)(const OpenMatter&, const HostChange&),
                                 const HostChange& change) {
        return std::ranges::find_if(out.open, [&](const auto& matter) { return fits(matter, change); });
    };
    for (auto& change : news.changes) {
        if (!change.planned.empty()) {
            out.planned.push_back(std::move(change));
            continue;
        }
        const auto same = matter_with(is_same, change), back = matter_with(is_back, change);
        if (same != out.open.end()) {
            same->over = false;  // it may have been as before in between
        } else if (back != out.open.end()) {
            back->over = true;
        } else {
            out.open.push_back(matter_of(change, now));
        }
    }
    for (const auto& absence : news.absences) {
        if (matter_with(is_same, absence) == out.open.end()) out.open.push_back(matter_of(absence, now));
    }
    std::erase_if(out.open, is_over);
    for (auto& matter : out.open) clip(matter);
    if (out.open.empty()) out.more = 0;
    keep_the_worst(out.open, out.more);
    return out;
}

Details details_of(const OpenMatter& matter) {
    auto actual = matter.device ? device_text(matter) : matter.actual;
    if (!matter.device && matter.over) actual += "; it is as before again" + waits_for(matter);
    return {.subject = matter.subject,
            .expected = matter.expected,
            .actual = std::move(actual),
            .evidence = place_of(matter)};
}

std::size_t report_matters(const Matters& matters, Judge& judge, bool (*is_told_here)(const OpenMatter&)) {
    std::size_t told = 0;
    for (const auto& matter : matters.open) {
        const auto* kind = find_finding(matter.id);
        if (kind == nullptr || !is_told_here(matter)) continue;
        judge.report(*kind, tier_of(matter.tier), basis_of(matter.basis), details_of(matter));
        ++told;
    }
    return told;
}

std::size_t report_planned(const Matters& matters, Judge& judge, Basis basis,
                           bool (*is_told_here)(const HostChange&)) {
    std::size_t told = 0;
    for (const auto& change : matters.planned) {
        if (!is_told_here(change)) continue;
        judge.report(findings::change_planned, Tier::affirming, basis,
                     {.subject = change.subject,
                      .expected = change.expected,
                      .actual = fmt::format("{} (planned: {})", change.actual, change.planned),
                      .evidence = change.where});
        ++told;
    }
    return told;
}

}  // namespace assay::judge

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"
#include "verifier/judge/devices/device_sightings.h"

namespace assay::judge {
namespace {

constexpr std::int64_t kMs = 1000;
constexpr std::int64_t kMoment = 120 * kMs;  // a span that is told as one moment

std::string span_text(std::int64_t earliest_ms, std::int64_t latest_ms) {
    if (latest_ms - earliest_ms <= kMoment)
        return utc_text((earliest_ms + (latest_ms - earliest_ms) / 2) / kMs);
    if (earliest_ms <= 0) return "before " + utc_text(latest_ms / kMs);
    return fmt::format("between {} and {}", utc_text(earliest_ms / kMs), utc_text(latest_ms / kMs));
}

std::string stay_text(const DeviceStay& stay) {
    const auto began = fmt::format("{} port {} {} {} (record {})", shown(stay.host), shown(stay.port),
                                   stay.found ? "found" : "since",
                                   span_text(stay.from_earliest_ms, stay.from_latest_ms), stay.record);
    if (stay.until_record == 0) return began + ", there when last watched";
    return fmt::format("{} until {} (record {})", began, span_text(stay.to_earliest_ms, stay.to_latest_ms),
                       stay.until_record);
}

std::string evidence_text(const DeviceOnOtherHost& device) {
    return fmt::format("journal: record {}; journal of {}: record {}", device.here.record,
                       shown(device.there.host), device.there.record);
}

std::string subject_of(const DeviceOnOtherHost& device) {
    return fmt::format("USB device {} S/N {}", shown(device.ids), shown(device.serial));
}

// A stick that an accompanied technician carries from rack to rack is as it should be.
bool is_accompanied(const Examined& examined, std::uint64_t record) {
    constexpr std::array kClean = {std::string_view("ACCOMPANIED"), std::string_view("BASELINE"),
                                   std::string_view("STAFF_USE")};
    const auto& judged = examined.inputs.known_host.judged;
    return judged && std::ranges::any_of(*judged, [&](const JudgedEvent& event) {
               return event.record == record && std::ranges::find(kClean, event.outcome) != kClean.end();
           });
}

void find_copy(const Examined& examined, Judge& judge, const DeviceOnOtherHost& device, std::size_t hosts) {
    const bool same = device.here.descriptors == device.there.descriptors;
    // In three hosts or more it is likelier a number that the maker gave to all, and with other descriptors
    // another model.
    const auto tier = same && hosts == 1 ? Tier::contraindicated : Tier::warning;
    judge.report(findings::usb_serial_in_two_hosts, tier, examined.basis(),
                 {.subject = subject_of(device),
                  .expected = "in one host at a time",
                  .actual = fmt::format("in {}; and in {}{}{}", stay_text(device.here),
                                        stay_text(device.there), same ? "" : "; with other descriptors",
                                        hosts == 1 ? "" : fmt::format("; in {} hosts at once", hosts + 1)),
                  .evidence = evidence_text(device)});
}

bool has_device(const BoundRecord& decoded) {
    return decoded.record && decoded.record->device;
}

void judge_places(const Examined& examined, Judge& judge) {
    const auto& elsewhere = examined.inputs.known_host.elsewhere;
    if (!elsewhere) return judge.no_answer(NoAnswer::cannot_tell, "where devices were before was not kept");
    if (!examined.claims.journal) return judge.report_absent(examined, section::kJournal);
    const auto devices =
        static_cast<std::size_t>(std::ranges::count_if(examined.claims.journal_records, has_device));
    if (devices + elsewhere->size() == 0)
        return judge.no_answer(NoAnswer::does_not_apply, "no device came since the last report");
    judge.covered(examined.basis(), devices + elsewhere->size(),
                  fmt::format("devices that other hosts had too: {}", elsewhere->size()));
    std::map<std::string, std::set<std::string>> at_once;  // device -> other hosts
    for (const auto& device : *elsewhere) {
        if (are_at_once(device.here, device.there)) at_once[subject_of(device)].insert(device.there.host);
    }
    for (const auto& device : *elsewhere) {
        if (are_at_once(device.here, device.there)) {
            find_copy(examined, judge, device, at_once[subject_of(device)].size());
            continue;
        }
        judge.report(
            findings::usb_roaming_device,
            is_accompanied(examined, device.here.record) ? Tier::affirming : Tier::warning, examined.basis(),
            {.subject = subject_of(device),
             .expected = "a device of this host alone",
             .actual = fmt::format("in {}; before in {}", stay_text(device.here), stay_text(device.there)),
             .evidence = evidence_text(device)});
    }
}

}  // namespace

const Check checks::devices_are_in_one_host{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_places};

}  // namespace assay::judge

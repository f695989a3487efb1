#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"
#include "verifier/judge/appraisal/steps/examined.h"
#include "verifier/judge/devices/recorded_device.h"

namespace assay::judge {
namespace {

using vendors::BaselineDevice;
using vendors::SeenDevice;

std::string place_text(std::string_view controller, std::string_view port) {
    return fmt::format("controller {} port {}", controller.empty() ? "unknown" : shown(controller),
                       shown(port));
}

std::string baseline_text(const BaselineDevice& device) {
    return fmt::format("{}:{} only at {}, descriptors {}; {}", device.vid, device.pid,
                       place_text(device.controller, device.port), device.descriptors.substr(0, 16),
                       shown(device.where));
}

std::string seen_device_text(const SeenDevice& device) {
    return fmt::format("{}:{} at {}, descriptors {}", device.vid, device.pid,
                       place_text(device.controller, device.port), device.descriptors.substr(0, 16));
}

class Internals {
  public:
    Internals(const Examined& examined, Judge& judge, const InternalDevices& internal)
        : examined_(examined), judge_(judge), internal_(internal) {}

    // How many are no root hubs.
    std::size_t devices_there(const std::vector<UsbDevice>& devices) {
        std::size_t held_against = 0;
        for (const auto& device : devices) {
            if (is_root_hub(device)) continue;
            identity(device, "usb: device at port " + shown(device.port_path));
            ++held_against;
        }
        return held_against;
    }

    void record(const JournalRecord& record) {
        const auto where = fmt::format("journal: record {}", record.sequence);
        // A ghost has no descriptors, and a removal is of what came before.
        if (record.kind != DeviceEventKind::ghost && record.kind != DeviceEventKind::remove)
            identity(*record.device, where);
        agreed(record);
    }

  private:
    void identity(const UsbDevice& device, const std::string& where) {
        const auto seen = seen_device(device);
        if (!seen) return;
        if (!reported_.insert(fmt::format("{} {} {}", seen->controller, seen->port, seen->descriptors))
                 .second)
            return;
        if (const auto* imitated = internal_.imitated(*seen)) {
            return judge_.report(findings::usb_impersonation, Tier::contraindicated, examined_.basis(),
                                 {.subject = "USB port " + shown(device.port_path),
                                  .expected = baseline_text(*imitated),
                                  .actual = fmt::format("{}: differs in {}", seen_device_text(*seen),
                                                        vendors::difference(*imitated, *seen)),
                                  .evidence = where});
        }
        if (internal_.is_at_bmc(device) && internal_.same(*seen) == nullptr) {
            judge_.report(findings::usb_bmc_unknown_device, Tier::warning, examined_.basis(),
                          {.subject = "USB port " + shown(device.port_path),
                           .expected = "a device that the baseline has at this port",
                           .actual = seen_device_text(*seen),
                           .evidence = where});
        }
    }

    // What nobody agreed to is a matter of devices_are_accompanied; what an order for remote media and the
    // BMC's log agree on is told as that.
    void agreed(const JournalRecord& record) {
        const auto& judged = examined_.inputs.known_host.judged;
        if (!judged) return;
        const auto verdict = std::ranges::find(*judged, record.sequence, &JudgedEvent::record);
        if (verdict == judged->end() || verdict->outcome != "REMOTE_MEDIA_OK") return;
        for (const auto& act : internal_.remote_matters(record)) {
            const auto* kind = find_finding(act.id);
            if (kind == nullptr) continue;
            judge_.report(*kind, Tier::affirming, examined_.basis(),
                          {.subject = "BMC's USB port " + shown(record.device->port_path),
                           .expected = act.expected,
                           .actual = fmt::format("{} {}: {}", shown(record.device->manufacturer),
                                                 shown(record.device->product), act.actual),
                           .evidence = fmt::format("journal: record {}", record.sequence)});
        }
    }

    const Examined& examined_;
    Judge& judge_;
    const InternalDevices& internal_;
    std::set<std::string> reported_;
};

void judge_internal(const Examined& examined, Judge& judge) {
    const auto& vendors = examined.inputs.vendors;
    if (vendors.baselines().empty())
        return judge.no_answer(NoAnswer::not_asked, "no baseline of any model is loaded");
    const auto& claims = examined.claims;
    if (!claims.tables) return judge.report_absent(examined, section::kSmbios);
    const auto model = host_model(*claims.tables);
    const InternalDevices internal(vendors, model, examined.inputs.now);
    if (internal.empty()) {
        const auto lapsed = std::ranges::find_if(vendors.baselines(), [&](const vendors::Baseline& each) {
            return vendors::is_of_model(each, model);
        });
        if (lapsed == vendors.baselines().end())
            return judge.no_answer(NoAnswer::not_asked, "no baseline of model " + shown(model));
        return judge.report(
            findings::usb_baseline_lapsed, Tier::none, examined.basis(),
            {.subject = "model " + shown(model),
             .expected = "a baseline that holds at the time of the appraisal",
             .actual = fmt::format("{}, {} to {}", shown(lapsed->generation),
                                   lapsed->span.from ? utc_text(*lapsed->span.from) : "any time",
                                   lapsed->span.to ? utc_text(*lapsed->span.to) : "any time"),
             .evidence = "vendor data: " + shown(lapsed->where)});
    }
    if (!claims.usb) return judge.report_absent(examined, section::kUsb);
    Internals check(examined, judge, internal);
    for (const auto& decoded : claims.journal_records) {
        if (decoded.record && decoded.record->device) check.record(*decoded.record);
    }
    const auto held = check.devices_there(*claims.usb);
    judge.covered(examined.basis(), held,
                  fmt::format("baselines of model {}: {}", shown(model), internal.size()),
                  claims.usb->size() - held);
}

}  // namespace

const Check checks::internal_devices_are_as_baselined{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_internal};

}  // namespace assay::judge

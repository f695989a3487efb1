#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/device/usb_descriptor.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/accompaniment/accompaniment.h"
#include "verifier/judge/appraisal/checks/judged_events.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

std::string device_text(const UsbDevice& device) {
    const auto parsed = usb::parse_descriptors(device.descriptors);
    return fmt::format("{} {} {} S/N {}",
                       parsed ? usb::id_text(*parsed) : std::string("unreadable descriptors"),
                       shown(device.manufacturer), shown(device.product),
                       device.serial.empty() ? "none" : shown(device.serial));
}

// Why an absence of insertions would prove nothing; empty where a monitor watches.
std::string unwatched(const Examined& examined, const JournalSection& journal) {
    for (const auto& gap : examined.sections.gaps()) {
        if (gap.section == section::kJournal) return shown(gap.reason);
    }
    return journal.head_sequence == 0 ? "an empty journal: no monitor ever started" : "";
}

void judge_accompaniment(const Examined& examined, Judge& judge) {
    const auto& journal = examined.claims.journal;
    if (!journal) return judge.report_absent(examined, section::kJournal);
    // A quiet time is covered only where somebody watched it.
    const auto why = unwatched(examined, *journal);
    const std::size_t watched = why.empty() ? 1 : 0;
    if (!why.empty()) {
        judge.report(findings::usb_unwatched, Tier::none, examined.basis(),
                     {.subject = "USB ports",
                      .expected = "a monitor that watches them",
                      .actual = why,
                      .evidence = "journal: head, gaps"});
    }
    if (const auto& judged = examined.inputs.known_host.judged) {
        const auto events = find_judged_events(examined, judge, *judged);
        judge.covered(examined.basis(), events + watched, fmt::format("device events judged: {}", events));
        return;
    }
    // What the BMC shows was plugged in by nobody: internal_devices_are_as_baselined tells of it.
    const InternalDevices internal(examined.inputs.vendors,
                                   examined.claims.tables ? host_model(*examined.claims.tables) : "",
                                   examined.inputs.now);
    std::size_t insertions = 0;
    for (const auto& decoded : examined.claims.journal_records) {
        if (!decoded.record || decoded.record->kind != DeviceEventKind::insert) continue;
        const auto& record = *decoded.record;
        if (record.device && internal.is_of_bmc(*record.device)) continue;
        ++insertions;
        const auto verdict = accompaniment::by_session(examined.inputs.known_host.name, record.wall_ms,
                                                       examined.inputs.sessions);
        if (verdict.accompanied) continue;
        const auto device =
            record.device ? device_text(*record.device) : std::string("a device without identity");
        judge.report(findings::usb_unaccompanied, Tier::contraindicated, examined.basis(),
                     {.subject = fmt::format("USB port {}",
                                             record.device ? shown(record.device->port_path) : "unknown"),
                      .expected = "a work session that covers this host and time",
                      .actual = fmt::format("{} inserted {}: {}", device, utc_text(record.wall_ms / 1000),
                                            verdict.reason),
                      .evidence = fmt::format("journal: record {}", record.sequence)});
    }
    judge.covered(examined.basis(), insertions + watched,
                  fmt::format("insertions since the last report: {}", insertions));
}

}  // namespace

const Check checks::devices_are_accompanied{
    .claim = TrustClaim::hardware, .required = true, .judge = judge_accompaniment};

}  // namespace assay::judge

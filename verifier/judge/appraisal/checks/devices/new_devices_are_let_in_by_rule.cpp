#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/json_reader.h"
#include "evidence/device/usb_descriptor.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/steps/examined.h"

namespace assay::judge {
namespace {

constexpr std::string_view kSource = "gate";  // of the agent's gap where it could not close a bus

// The host's own account of why, docs/formats/journal.md#gate.
struct Account {
    std::string reason;
    std::string text;
};

Account account_of(const JournalRecord& record) {
    JsonReader in(record.document ? as_text(*record.document) : "", {.open = true});
    const auto field = [&](const char* key) {
        const auto said = in.peek(key);
        return said.empty() ? std::string("not said") : shown(said);
    };
    return {field("reason"), field("text")};
}

std::string new_device_text(const UsbDevice& device) {
    const auto parsed = usb::parse_sound_descriptors(device.descriptors);
    return fmt::format("{} {} S/N {}", parsed ? usb::id_text(*parsed) : std::string("unreadable descriptors"),
                       shown(device.product), device.serial.empty() ? "none" : shown(device.serial));
}

bool by_hand(const Account& account) {
    return account.reason != "allow-list" && account.reason != "present-at-start" &&
           account.reason != "last-keyboard" && account.reason != "session";
}

void judge_gate(const Examined& examined, Judge& judge) {
    std::size_t granted = 0;
    std::size_t refused = 0;
    for (const auto& decoded : examined.claims.journal_records) {
        if (!decoded.record || !decoded.record->device) continue;
        const auto& record = *decoded.record;
        if (record.kind != DeviceEventKind::grant && record.kind != DeviceEventKind::refusal) continue;
        const auto account = account_of(record);
        const bool refusal = record.kind == DeviceEventKind::refusal;
        ++(refusal ? refused : granted);
        if (!refusal && !by_hand(account)) continue;
        judge.report(refusal ? findings::usb_kept_out : findings::usb_let_in_by_hand, Tier::warning,
                     examined.basis(),
                     {.subject = "USB port " + shown(record.device->port_path),
                      .expected = refusal ? "only devices that a rule or a session lets in"
                                          : "let in by the allow list or a session",
                      .actual = fmt::format("{}, {} {}: {}", new_device_text(*record.device),
                                            refusal ? "kept out" : "let in", utc_text(record.wall_ms / 1000),
                                            account.text),
                      .evidence = fmt::format("journal: record {}", record.sequence)});
    }
    bool open = false;
    for (const auto& gap : examined.sections.gaps()) {
        if (gap.section != section::kUsb || gap.source != kSource) continue;
        open = true;
        judge.report(findings::usb_gate_open, Tier::warning, examined.basis(),
                     {.subject = "USB ports",
                      .expected = "new devices are kept out until a rule lets them in",
                      .actual = shown(gap.reason),
                      .evidence = "gaps: usb, gate"});
    }
    if (granted + refused == 0 && !open)
        return judge.no_answer(NoAnswer::does_not_apply, "no gate on this host had to say anything");
    judge.covered(examined.basis(), granted + refused,
                  fmt::format("let in by the gate: {}; kept out: {}", granted, refused));
}

}  // namespace

const Check checks::new_devices_are_let_in_by_rule{
    .claim = TrustClaim::hardware, .required = false, .judge = judge_gate};

}  // namespace assay::judge

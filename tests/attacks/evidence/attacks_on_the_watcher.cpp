#include "tests/attacks/evidence/tampering.h"

// Root's own agent over the old journal: nobody watches, the head of the journal does not move, and the
// report looks like quiet. What it says of the monitor has to fit what was known.
using namespace assay;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;

// The journal is acknowledged, and the monitor was seen 1,000 s ago by the TPM's clock.
void watched_before(Builder& builder) {
    const auto first = builder.build();
    const auto journal = decode_journal_section(first.bundle.evidence.sections.at("journal")).value();
    const auto next = first.appraise().next;
    builder.known.journal_sequence = journal.head_sequence;
    builder.known.journal_head = to_bytes(journal.head.view());
    builder.known.journal_anchor = next.journal_anchor;
    builder.known.watch = next.watch;
    builder.known.watch->kernel_ms = builder.known.last_clock_ms;
    builder.before_manifest = [head = journal.head, sequence = journal.head_sequence](Case& made) {
        section_of(made, section::kJournal) = encode_journal_section({sequence, head, {}});
    };
}

// Reports since then have had devices that no record tells of.
void attested_with_another_device(Builder& builder) {
    watched_before(builder);
    builder.known.watch->unlike_ms = builder.known.last_clock_ms;
}

void claims(const Builder& builder, Case& made, std::optional<Heartbeat> beat) {
    auto clock = decode_clock_section(section_of(made, section::kClock)).value();
    clock.watch = std::move(beat);
    resigned(builder, made, section::kClock, encode_clock_section(clock));
}

}  // namespace

ATTACK(
    "watcher: no sign of life", "runs an agent that watches nothing, and leaves the gap out", "usb.unwatched",
    watched_before, [](Builder& builder, Case& made) { claims(builder, made, std::nullopt); }, Tier::none)
ATTACK(
    "watcher: a sign of life that stands still", "kills the monitor and tells its last look again",
    "usb.unwatched",
    [](Builder& builder) {
        // A stick came, and the kernel counted it; an honest monitor handled that by now.
        watched_before(builder);
        builder.known.watch->kernel = builder.heartbeat->kernel = builder.heartbeat->seen = 1004;
    },
    [](Builder& builder, Case& made) {
        auto beat = *builder.heartbeat;
        beat.seen = 1000;
        claims(builder, made, beat);
    },
    Tier::none)
ATTACK(
    "watcher: a sign of life of another boot", "starts the machine from a stick, and tells the old monitor's",
    "usb.unwatched", watched_before,
    [](Builder& builder, Case& made) {
        auto beat = *builder.heartbeat;
        beat.start_ms = 12'000;
        claims(builder, made, beat);
    },
    Tier::none)
ATTACK(
    "watcher: a monitor that does not look any more", "stops the monitor's thread", "usb.unwatched",
    watched_before,
    [](Builder& builder, Case& made) {
        auto beat = *builder.heartbeat;
        beat.idle_s = 3600;
        claims(builder, made, beat);
    },
    Tier::none)
ATTACK(
    "watcher: a device that nobody recorded", "plugs a stick in under an agent that records nothing",
    "usb.unwatched", attested_with_another_device,
    [](Builder& builder, Case& made) {
        auto devices = decode_usb_section(section_of(made, section::kUsb)).value();
        devices.push_back(devices.front());
        devices.back().port_path = "1-4";
        devices.back().devnum = 3;
        resigned(builder, made, section::kUsb, encode_usb_section(devices));
    },
    Tier::none)

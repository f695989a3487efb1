#include "verifier/judge/appraisal/steps/appraise.h"

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <utility>

#include "evidence/base/hex.h"
#include "evidence/base/version.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/facts/boot/boot_clock.h"
#include "verifier/judge/appraisal/facts/parts/components.h"
#include "verifier/judge/appraisal/facts/parts/internal_devices.h"
#include "verifier/judge/appraisal/facts/standing/gone_sections.h"
#include "verifier/judge/appraisal/policy/effective_policy.h"
#include "verifier/judge/appraisal/steps/conclude.h"
#include "verifier/judge/appraisal/steps/examined.h"
#include "verifier/judge/appraisal/steps/steps.h"

namespace assay::judge {
namespace {

// Through the journal that the evidence brings; without a clock, by the host's own.
DeviceNews device_news(const OpenedEvidence& opened, const Context& context, std::uint64_t through) {
    const auto& claims = opened.claims();
    const auto& manifest = opened.authentication().manifest;
    const InternalDevices internal(context.vendors, claims.tables ? host_model(*claims.tables) : "",
                                   context.now);
    const RecordClock clock(manifest && claims.clock ? manifest->boot_id : std::string(),
                            claims.clock ? *claims.clock : ClockSection(), context.challenge.issued_at,
                            context.now);
    std::vector<const JournalRecord*> records;
    for (const auto& each : claims.journal_records)
        if (each.record) records.push_back(&*each.record);
    return follow_devices(
        {.known = context.known_host,
         .records = records,
         .through = through,
         .sessions = context.sessions,
         .clock = clock,
         .basis = to_string(claims.basis),
         .now = context.now,
         .is_internal = [&](const UsbDevice& device) { return internal.is_internal(device); },
         .remote = [&](const JournalRecord& record) { return internal.remote_matters(record); },
         .usb = claims.usb.get(),
         .drives = claims.storage.get()});
}

Watching watching_of(const OpenedEvidence& opened, const Context& context) {
    const auto& claims = opened.claims();
    const auto& authentication = opened.authentication();
    const auto& journal = claims.journal;
    static const std::optional<Heartbeat> kNone;
    const auto& gaps = opened.sections().gaps();
    const auto gap = std::ranges::find(gaps, section::kJournal, &Gap::section);
    return judge::watching_of(
        {.heartbeat = claims.clock ? claims.clock->watch : kNone,
         .before = context.known_host.watch,
         .boot_id = authentication.manifest ? authentication.manifest->boot_id : std::string_view(),
         .tpm_ms = authentication.verified ? authentication.verified->quote().clock_info.clock_ms : 0,
         .interval_s = context.policy.attestation_interval_s,
         .head = journal ? std::optional(journal->head_sequence) : std::nullopt,
         .gap = gap == gaps.end() ? std::string() : shown(gap->reason),
         .acknowledged = context.known_host.journal_sequence,
         .records = claims.journal_records,
         .whole = opened.journal().state != JournalStanding::State::incomplete,
         .usb = claims.usb.get()});
}

// What is open after this evidence. What is not authentic ends nothing.
Matters matters_of(const OpenedEvidence& opened, const Watching& watching, const Context& context,
                   DeviceNews& devices) {
    const auto& known = context.known_host;
    MatterNews news;
    news.devices = std::move(devices.open);
    news.more = devices.more;
    news.more_again = devices.more_again;
    if (opened.is_authentic() && known.news) {
        news.changes = known.news->changes;
        news.more += known.news->more;
        news.planned = known.news->planned;
    }
    if (const auto& manifest = opened.authentication().manifest; opened.is_authentic() && manifest)
        news.absences = gone_sections(known, *manifest, news.changes);
    if (auto absence = absence_of(watching)) news.absences.push_back(*std::move(absence));
    auto out = matters_after(known, std::move(news), context.now);
    // What the owner makes of a change decides whether people may end it: is_over.
    for (auto& matter : out.open) {
        if (matter.change && !is_absence(matter.change->kind))
            matter.tier = to_string(context.policy.tiers.of(matter.id, Tier::warning));
    }
    return out;
}

constexpr std::array<std::string_view, 3> kDecideJournal = {"tpm_clock_moves_forward",
                                                            "journal_is_continuous", "journal_is_anchored"};

bool is_clean(const std::vector<CheckOutcome>& outcomes, std::string_view check) {
    const auto found = std::ranges::find(outcomes, check, &CheckOutcome::check);
    return found != outcomes.end() && (found->tier == Tier::affirming || found->tier == Tier::warning);
}

bool is_taken_over(const Examined& examined, const std::vector<CheckOutcome>& outcomes) {
    return examined.authentication.verified && examined.claims.journal &&
           std::ranges::all_of(kDecideJournal, [&](auto check) { return is_clean(outcomes, check); });
}

// Sequence up to which the journal is taken over. Of a journal that is not, nothing is over. `examined`:
// without matters, which do not decide it.
std::uint64_t taken_over(const Examined& examined, std::span<const NamedCheck> checks) {
    const auto known = examined.inputs.known_host.journal_sequence;
    if (examined.claims.journal_records.empty()) return known;
    std::vector<NamedCheck> deciding;
    std::ranges::copy_if(checks, std::back_inserter(deciding), [](const NamedCheck& each) {
        return std::ranges::find(kDecideJournal, each.name) != kDecideJournal.end();
    });
    return is_taken_over(examined, run_checks(examined, deciding).outcomes)
               ? examined.journal.through.sequence
               : known;
}

// What is known from here on; worth storing only if the quote was authentic.
NextKnown next_known(const Examined& examined, const AttestationResult& result) {
    const auto& known = examined.inputs.known_host;
    NextKnown next{.clock_ms = known.last_clock_ms,
                   .reset_count = known.last_reset_count,
                   .restart_count = known.last_restart_count,
                   .journal_sequence = known.journal_sequence,
                   .journal_head = known.journal_head,
                   .authentic = examined.authentication.verified.has_value(),
                   .boot_clock = known.boot_clock,
                   .journal_anchor = known.journal_anchor,
                   .watch = examined.watching.next,
                   .open = examined.matters.open,
                   .open_more = examined.matters.more};
    if (!next.authentic) return next;
    if (is_clean(result.checks, "tpm_clock_moves_forward")) {
        const auto& clock = examined.authentication.verified->quote().clock_info;
        next.clock_ms = clock.clock_ms;
        next.reset_count = clock.reset_count;
        next.restart_count = clock.restart_count;
        next.boot_clock = next_boot_clock(known.boot_clock, clock, examined.authentication.manifest->boot_id,
                                          examined.inputs.challenge.issued_at, examined.inputs.now);
    } else {
        next.authentic = false;  // an old quote, truly signed, is not what the host is now
    }
    // A list that does not replay is no place to go on from: the next one is asked for whole.
    const auto& ima = examined.logs.ima;
    if (next.authentic && ima && ima->agreement != tcg::ImaAgreement::differs) next.ima = ima->state;
    if (is_taken_over(examined, result.checks)) {
        // What the TPM does not vouch for yet is not acknowledged: the host keeps it and sends it again.
        next.journal_sequence = examined.journal.through.sequence;
        next.journal_head = to_bytes(examined.journal.through.digest.view());
        next.journal_anchor = examined.journal.anchor;
    }
    return next;
}

void failed_inside(const char* what, AttestationResult& result) {
    result.checks.clear();
    result.findings.clear();
    Judge judge(result.findings);
    judge.report(findings::appraisal_internal_error, Tier::contraindicated, Basis::self_reported,
                 {.subject = "appraisal",
                  .expected = "a conclusion",
                  .actual = shown(what),
                  .evidence = "this appraisal"});
    result.tier = Tier::contraindicated;
    result.claims = {{TrustClaim::instance_identity, Tier::contraindicated}};
}

}  // namespace

Appraisal judge(const OpenedEvidence& opened, const Context& context) {
    return judge_with(opened, context, all_checks(), no_step);
}

Appraisal appraise(const AppraisalInputs& inputs) {
    return appraise_with(inputs, all_checks(), no_step);
}

Appraisal judge_with(const OpenedEvidence& opened, const Context& context, std::span<const NamedCheck> checks,
                     void (*before_step)(std::string_view step)) {
    Appraisal appraisal;
    auto& result = appraisal.result;
    result.host = context.known_host.name;
    result.appraiser = "assay " + std::string(kVersion);
    result.appraised_at = context.now;
    result.challenged_at = context.challenge.issued_at;
    if (context.known_host.previous) result.previous = context.known_host.previous->hex();
    result.policy_choice = context.known_host.policy_by;
    result.journal_acknowledged = context.known_host.journal_sequence;
    if (!opened.failure().empty()) {
        failed_inside(opened.failure().c_str(), result);
        return appraisal;
    }
    try {
        before_step("run_checks");
        const auto parts = HostParts::of(opened.claims(), opened.sections());
        const auto watching = watching_of(opened, context);
        const Matters no_matters;
        const DeviceNews no_devices;
        const Examined alone{
            context, opened.authentication(), opened.sections(), opened.logs(), opened.claims(),
            *parts,  opened.journal(),        no_matters,        no_devices,    watching};
        auto devices = device_news(opened, context, taken_over(alone, checks));
        const auto matters = matters_of(opened, watching, context, devices);
        const Examined examined{
            context, opened.authentication(), opened.sections(), opened.logs(), opened.claims(),
            *parts,  opened.journal(),        matters,           devices,       watching};
        auto judgement = run_checks(examined, checks);  // every check has an outcome

        before_step("conclude");
        conclude(std::move(judgement), result);
        result.inputs = input_digests(context, opened);
        if (const auto& manifest = opened.authentication().manifest) result.boot_id = manifest->boot_id;
        appraisal.next = next_known(examined, result);
        if (appraisal.next.authentic) appraisal.components = {parts, &parts->list()};
        if (appraisal.next.authentic && opened.logs().basis == Basis::quoted)
            appraisal.quoted = QuotedPcrs{opened.logs().bank, opened.logs().values};
        result.journal_acknowledged = appraisal.next.journal_sequence;
    } catch (const std::exception& error) {
        failed_inside(error.what(), result);
        appraisal.next = {};
        appraisal.components.reset();
        appraisal.quoted.reset();
    }
    return appraisal;
}

Appraisal appraise_with(const AppraisalInputs& inputs, std::span<const NamedCheck> checks,
                        void (*before_step)(std::string_view step)) {
    const EffectivePolicy policy(inputs.policy, inputs.vendors, inputs.now);
    const auto context = context_of(inputs, policy.get());
    return judge_with(open_evidence_with(inputs.evidence, context, before_step), context, checks,
                      before_step);
}

}  // namespace assay::judge

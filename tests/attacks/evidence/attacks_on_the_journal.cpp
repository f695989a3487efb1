#include "tests/attacks/evidence/tampering.h"

// The TPM's word on the device journal: what root does to have an insertion forgotten.
using namespace assay;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;

// A stick came and went since the last attestation.
void with_a_stick(Builder& builder) {
    builder.journal.push_back(builder.event(DeviceEventKind::insert));
    builder.journal.push_back(builder.event(DeviceEventKind::remove));
    builder.sessions = {builder.session()};
}

// The journal without its record `index`, chained anew, as root can write it; the TPM is as it was after the
// true one.
void without_record(const Builder& builder, Case& made, std::size_t index) {
    const auto truth = made.bundle.evidence.journal_proof;
    auto records = builder.journal;
    records.erase(records.begin() + static_cast<std::ptrdiff_t>(index));
    for (std::size_t i = 0; i < records.size(); ++i) records[i].sequence = i + 1;
    auto forger = builder;
    const auto journal = decode_journal_section(section_of(made, section::kJournal)).value();
    // What the indices hold: extended and counted with every record of the true journal.
    auto anchor = made.bundle.known_host.journal_anchor.value();
    for (const auto& record : journal.records)
        anchor = {tcg::extended(anchor.value, journal_digest(record)), anchor.counter + 1};
    forger.before_certifying = [anchor](JournalAnchor& held) { held = anchor; };
    resigned(forger, made, section::kJournal, Builder::encoded_journal(records));
}

void holds(const Builder& builder, Case& made, std::function<void(JournalAnchor&)> change) {
    auto forger = builder;
    forger.before_certifying = std::move(change);
    forger.seal(made);
}

void certified_otherwise(const Builder& builder, Case& made,
                         std::function<void(tcg::NvCertification&, tcg::NvCertification&)> change) {
    auto forger = builder;
    forger.before_signing_journal = std::move(change);
    forger.seal(made);
}

}  // namespace

ATTACK("anchor: a record deleted before it was sent", "takes the insertion out and chains the rest anew",
       "journal.rewritten", with_a_stick,
       [](Builder& builder, Case& made) { without_record(builder, made, 1); })
ATTACK("anchor: index defined anew, the rest replayed",
       "defines the EXTEND index anew and replays the journal without the insertion", "journal.rewritten",
       with_a_stick, [](Builder& builder, Case& made) {
           // The value fits the shorter journal; the counter still counts the true one.
           auto records = builder.journal;
           records.erase(records.begin() + 1);
           for (std::size_t i = 0; i < records.size(); ++i) records[i].sequence = i + 1;
           auto forger = builder;
           forger.before_certifying = [](JournalAnchor& held) { held.counter += 1; };
           resigned(forger, made, section::kJournal, Builder::encoded_journal(records));
       })
ATTACK("anchor: both indices defined anew", "defines both anew: the counter starts above every value it had",
       "journal.rewritten", with_a_stick, [](Builder& builder, Case& made) {
           auto records = builder.journal;
           records.erase(records.begin() + 1);
           for (std::size_t i = 0; i < records.size(); ++i) records[i].sequence = i + 1;
           auto forger = builder;
           forger.before_certifying = [](JournalAnchor& held) { held.counter += 3; };
           resigned(forger, made, section::kJournal, Builder::encoded_journal(records));
       })
ATTACK("anchor: set up anew with a record that says so",
       "defines both anew and begins with a new anchor record", "journal.anchor_renewed", with_a_stick,
       [](Builder& builder, Case& made) {
           auto records = builder.journal;
           records.erase(records.begin() + 1);
           auto anchor = builder.event(DeviceEventKind::monitor_start);
           anchor.kind = DeviceEventKind::anchor;
           anchor.counter = 100;
           records.push_back(anchor);
           for (std::size_t i = 0; i < records.size(); ++i) records[i].sequence = i + 1;
           resigned(builder, made, section::kJournal, Builder::encoded_journal(records));
       })
ATTACK("anchor: counter incremented alone", "increments the counter by itself", "journal.rewritten",
       with_a_stick, [](Builder& builder, Case& made) {
           holds(builder, made, [](JournalAnchor& held) { held.counter += 1; });
       })
ATTACK("anchor: value extended alone", "extends the index by itself", "journal.rewritten", with_a_stick,
       [](Builder& builder, Case& made) {
           holds(builder, made,
                 [](JournalAnchor& held) { held.value = tcg::extended(held.value, sha256(as_view("x"))); });
       })
ATTACK("anchor: state file rolled back", "puts back the journal of an hour ago", "journal.rewritten",
       with_a_stick, [](Builder& builder, Case& made) { without_record(builder, made, 2); })
ATTACK("anchor: disk of another host", "starts this host with another one's disk and journal",
       "journal.rewritten", with_a_stick, [](Builder& builder, Case& made) {
           holds(builder, made,
                 [](JournalAnchor& held) { held = {sha256(as_view("the other host's")), 17}; });
       })
ATTACK("anchor: TPM cleared", "clears the TPM: the indices are gone", "journal.anchor_missing", with_a_stick,
       [](Builder&, Case& made) { made.bundle.evidence.journal_proof.reset(); })
ATTACK("anchor: certified for another challenge", "shows an older certification", "journal.anchor_invalid",
       with_a_stick, [](Builder& builder, Case& made) {
           certified_otherwise(builder, made, [](auto& value, auto&) { value.extra_data = Bytes(32); });
       })
ATTACK("anchor: counter certified for another challenge", "shows an older certification of the counter",
       "journal.anchor_invalid", with_a_stick, [](Builder& builder, Case& made) {
           certified_otherwise(builder, made, [](auto&, auto& counter) { counter.extra_data = Bytes(32); });
       })
ATTACK("anchor: an ordinary index", "certifies an index that can be written at will",
       "journal.anchor_invalid", with_a_stick, [](Builder& builder, Case& made) {
           certified_otherwise(builder, made, [](auto& value, auto&) {
               auto ordinary = tcg::kJournalValueIndex;
               ordinary.attributes &= ~tcg::kNvExtend;
               value.index_name = tcg::written_name(ordinary);
           });
       })
ATTACK("anchor: an ordinary index as the counter", "certifies an index that can be set back",
       "journal.anchor_invalid", with_a_stick, [](Builder& builder, Case& made) {
           certified_otherwise(builder, made, [](auto&, auto& counter) {
               auto ordinary = tcg::kJournalCounterIndex;
               ordinary.attributes &= ~tcg::kNvCounter;
               counter.index_name = tcg::written_name(ordinary);
           });
       })
ATTACK("anchor: part of the index", "certifies the index's end alone", "journal.anchor_invalid", with_a_stick,
       [](Builder& builder, Case& made) {
           certified_otherwise(builder, made, [](auto& value, auto&) { value.offset = 1; });
       })
ATTACK("anchor: value and counter exchanged", "shows the one as the other", "journal.anchor_invalid",
       with_a_stick, [](Builder&, Case& made) {
           auto& proof = *made.bundle.evidence.journal_proof;
           std::swap(proof.value_attest, proof.counter_attest);
           std::swap(proof.value_signature, proof.counter_signature);
       })
ATTACK("anchor: signed by another key", "signs the certification with a key of its own",
       "journal.anchor_invalid", with_a_stick, [](Builder&, Case& made) {
           auto& proof = *made.bundle.evidence.journal_proof;
           proof.value_signature =
               encode_signature(sign(fresh_key(Key::p256).get(), proof.value_attest, tcg::Scheme::ecdsa));
       })
ATTACK("anchor: a quote as the certification", "shows a quote in its place", "journal.anchor_invalid",
       with_a_stick, [](Builder&, Case& made) {
           auto& proof = *made.bundle.evidence.journal_proof;
           proof.value_attest = made.bundle.evidence.quote;
           proof.value_signature = made.bundle.evidence.signature;
       })
ATTACK("anchor: a byte behind it", "appends a byte before it is signed", "journal.anchor_invalid",
       with_a_stick, [](Builder& builder, Case& made) {
           auto& proof = *made.bundle.evidence.journal_proof;
           proof.counter_attest.push_back(std::byte{0});
           proof.counter_signature =
               encode_signature(sign(shared_key(builder.ak), proof.counter_attest, tcg::Scheme::ecdsa));
       })
ATTACK(
    "anchor: newest records kept from the TPM", "keeps the TPM busy, to take the records out later",
    "journal.behind", with_a_stick,
    [](Builder& builder, Case& made) {
        const auto before = made.bundle.known_host.journal_anchor.value();
        const auto first =
            decode_journal_section(section_of(made, section::kJournal)).value().records.front();
        holds(builder, made, [&](JournalAnchor& held) {
            held = {tcg::extended(before.value, journal_digest(first)), before.counter + 1};
        });
    },
    Tier::warning)
ATTACK(
    "journal: a boot without the agent", "boots something else in between", "journal.missing_boot",
    [](Builder& builder) {
        builder.journal.front().resets = 9;
        builder.journal.front().boot_id = "22222222-2222-3333-4444-555555555555";
        builder.boot_id = builder.journal.front().boot_id;
        builder.clock.reset_count = 9;
    },
    untouched, Tier::warning)

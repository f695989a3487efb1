#include <algorithm>
#include <stdexcept>

#include "evidence/base/text.h"
#include "tests/attacks/evidence/tampering.h"
#include "verifier/judge/appraisal/steps/steps.h"

// Log as a whole, event data, IMA, claims, input, text, journal, device identity, failure.
using namespace assay;
using namespace assay::judge;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;

// A journal of which the verifier acknowledged everything.
void acknowledged(Builder& builder) {
    const auto section = decode_journal_section(Builder::encoded_journal(builder.journal)).value();
    builder.known.journal_sequence = section.head_sequence;
    builder.known.journal_head = to_bytes(section.head.view());
}

}  // namespace

ATTACK("log: of another boot", "shows the log of another boot", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made,
                     [](EventLogBuilder& log) { log.add(4, tcg::EV_EFI_ACTION, to_bytes("Another boot")); });
       })
ATTACK("log: cut", "cuts the log in the middle of a record", "log.malformed", honest_host,
       [](Builder& builder, Case& made) {
           auto log = section_of(made, section::kBootEventLog);
           log.resize(log.size() - 3);
           resigned(builder, made, section::kBootEventLog, log);
       })
ATTACK("log: cut at a record", "leaves the last event out", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) { log.events.pop_back(); });
       })
ATTACK("log: all events of one PCR dropped", "drops every event of PCR 8", "pcr.unlogged", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               std::erase_if(log.events, [](const BuiltEvent& event) { return event.pcr == 8; });
           });
       })
ATTACK("log: events out of order", "swaps two events", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               std::swap(log.find(7, tcg::EV_SEPARATOR), log.events.at(3));
           });
       })
ATTACK("log: right digest under the wrong PCR", "moves an event to another PCR", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) { log.find(8, tcg::EV_IPL).pcr = 9; });
       })
ATTACK("log: without the quoted bank", "shows a log of the SHA-1 bank only", "pcr.no_bank", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) { log.banks = {HashAlgorithm::sha1}; });
       })
ATTACK(
    "log: absent", "does not show the log", "section.absent",
    [](Builder& b) { b.left_out[std::string(section::kBootEventLog)] = true; }, untouched, Tier::none)
ATTACK(
    "log: unmeasured extension", "extends PCR 14 without a log of it", "pcr.mismatch",
    [](Builder& b) { b.pcrs_beside_log[14] = sha256(as_view("something")); }, untouched)
ATTACK(
    "log: extension of a PCR that no log has", "extends PCR 12 without a log of it", "pcr.unlogged",
    [](Builder& b) { b.pcrs_beside_log[12] = sha256(as_view("something")); }, untouched)

ATTACK(
    "event data: Secure Boot said to be on", "turns the SecureBoot byte in the log and keeps the digest",
    "event.data_mismatch",
    [](Builder& b) {
        b.log.events.at(3) = BuiltEvent{7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG,
                                        efi_variable("SecureBoot", Bytes{std::byte{1}}), Bytes{std::byte{0}}};
    },
    untouched)
ATTACK("event data: command line edited", "edits the kernel's command line in the log", "event.data_mismatch",
       honest_host, [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               log.find(8, tcg::EV_IPL).data =
                   to_bytes(std::string_view("grub_cmd: linux /vmlinuz lockdown=none\0", 39));
           });
       })
ATTACK("event data: separator edited", "edits a separator's data", "event.data_mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               log.find(4, tcg::EV_SEPARATOR).data = Bytes(4, std::byte{0xff});
           });
       })
ATTACK(
    "event type: Secure Boot hidden under another type",
    "changes the SecureBoot event's type and keeps its digest", "secure_boot.unknown", honest_host,
    [](Builder& builder, Case& made) {
        other_log(builder, made, [](EventLogBuilder& log) {
            for (auto& event : log.events) {
                if (event.pcr == 7 && event.type == tcg::EV_EFI_VARIABLE_DRIVER_CONFIG)
                    event.type = tcg::EV_EFI_PLATFORM_FIRMWARE_BLOB;
            }
        });
    },
    Tier::none)
ATTACK("event type: an extended event said to be EV_NO_ACTION",
       "declares an event to be one that extends nothing", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made,
                     [](EventLogBuilder& log) { log.find(4, tcg::EV_EFI_ACTION).type = tcg::EV_NO_ACTION; });
       })
ATTACK(
    "Secure Boot: off", "boots with Secure Boot off", "secure_boot.disabled",
    [](Builder& b) {
        b.log.find(7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG) =
            BuiltEvent{7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, efi_variable("SecureBoot", Bytes(1)),
                       efi_variable("SecureBoot", Bytes(1))};
    },
    untouched)
ATTACK(
    "Secure Boot: two values", "adds a second SecureBoot variable", "secure_boot.contradictory",
    [](Builder& b) {
        const auto off = efi_variable("SecureBoot", Bytes(1));
        b.log.events.insert(b.log.events.begin() + 3,
                            BuiltEvent{7, tcg::EV_EFI_VARIABLE_DRIVER_CONFIG, off, off});
    },
    untouched)

ATTACK("IMA: an entry cut out", "leaves one file out of the list", "ima.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           Builder other = builder;
           other.ima_files.pop_back();
           const auto list = other.build().bundle.evidence.sections.at(std::string(section::kImaLog));
           resigned(builder, made, section::kImaLog, list);
       })
ATTACK(
    "IMA: no list", "does not show the list behind PCR 10", "pcr.unlogged",
    [](Builder& b) { b.left_out[std::string(section::kImaLog)] = true; }, untouched)
ATTACK("IMA: boot_aggregate of another boot", "starts another kernel that goes on with the list",
       "ima.boot_aggregate", honest_host, [](Builder& builder, Case& made) {
           Builder other = builder;  // the list was begun on other PCRs, and PCR 10 replays from it
           ImaBuilder ima;
           ima.file("boot_aggregate", "other PCRs");
           other.with_ima = false;
           other.pcrs_beside_log[10] = ima.pcr10_sha256;
           made = other.build();
           made.bundle.evidence.sections[std::string(section::kImaLog)] = ima.bytes();
           made.bundle.evidence.manifest =
               manifest_of(other.host, other.boot_id, made.bundle.evidence.sections);
           other.seal(made);
       })

ATTACK("PCR values: edited", "shows other PCR values than the quoted ones", "quote.pcr_digest", honest_host,
       [](Builder& builder, Case& made) {
           auto pcrs = decode_pcr_section(section_of(made, section::kPcrs)).value();
           pcrs[HashAlgorithm::sha256][0] = sha256(as_view("edited"));
           resigned(builder, made, section::kPcrs, encode_pcr_section(pcrs));
       })
ATTACK("claims: one serial number changed, quote kept", "edits a section behind the quote", "section.digest",
       honest_host, [](Builder&, Case& made) { section_of(made, section::kStorage)[9] ^= std::byte{1}; })
ATTACK("claims: manifest made to fit", "edits a section and the manifest", "quote.manifest", honest_host,
       [](Builder& builder, Case& made) {
           section_of(made, section::kStorage)[9] ^= std::byte{1};
           made.bundle.evidence.manifest =
               manifest_of(builder.host, builder.boot_id, made.bundle.evidence.sections);
       })
ATTACK("claims: a section of another host", "swaps in another host's section", "section.digest", honest_host,
       [](Builder&, Case& made) {
           Builder other;
           other.system_maker = "Undecided Works";
           section_of(made, section::kSmbios) =
               other.build().bundle.evidence.sections.at(std::string(section::kSmbios));
       })
ATTACK(
    "claims: another host's evidence", "relays another host's evidence", "manifest.host",
    [](Builder& b) { b.host = "rack-8"; }, untouched)
ATTACK("claims: a section that the manifest does not name", "adds a section", "section.unlisted", honest_host,
       [](Builder&, Case& made) { made.bundle.evidence.sections["extra"] = encode_usb_section({}); })
ATTACK("claims: a named section left out", "leaves a section out", "section.missing", honest_host,
       [](Builder&, Case& made) { made.bundle.evidence.sections.erase(std::string(section::kChassis)); })
ATTACK(
    "claims: a required section left out of the manifest too", "never collects a section", "section.absent",
    [](Builder& b) { b.left_out[std::string(section::kPci)] = true; }, untouched, Tier::none)
ATTACK("claims: a manifest that names a section twice", "names a section twice", "manifest.structure",
       honest_host, [](Builder& builder, Case& made) {
           auto manifest = decode_manifest(made.bundle.evidence.manifest).value();
           manifest.entries.insert(manifest.entries.begin(), manifest.entries.front());
           made.bundle.evidence.manifest = encode_manifest(manifest);
           builder.seal(made);
       })
ATTACK("input: a section of nonsense, signed", "signs a section that cannot be decoded", "section.malformed",
       honest_host, [](Builder& builder, Case& made) {
           resigned(builder, made, section::kPci, Bytes(100'000, std::byte{0x81}));
       })

ATTACK(
    "input: the gaps left out", "leaves out why sections are missing", "section.absent",
    [](Builder& b) { b.left_out["gaps"] = true; }, untouched, Tier::none)
ATTACK(
    "input: the clock left out", "gives nothing on the host a time", "section.absent",
    [](Builder& b) { b.left_out["clock"] = true; }, untouched, Tier::none)

ATTACK(
    "parts: a denied maker's card", "plugs in a denied maker's card", "vendor.unapproved",
    [](Builder& b) { b.pci.push_back(Builder::function("0000:5e:00.0", 0x1bd4, 0x1000)); }, untouched)
ATTACK(
    "parts: a denied maker behind an allowed chip", "hides the card's maker behind the chip's",
    "vendor.unapproved",
    [](Builder& b) { b.pci.push_back(Builder::function("0000:5e:00.0", 0x8086, 0x1592, 0x1bd4, 0x1000)); },
    untouched)
ATTACK(
    "parts: a placeholder for a name", "leaves the maker's name out", "vendor.unknown_system",
    [](Builder& b) { b.system_maker = "To Be Filled By O.E.M."; }, untouched, Tier::none)
ATTACK(
    "parts: a board of nobody's make", "writes a name that nobody knows into SMBIOS", "vendor.unknown_system",
    [](Builder& b) { b.board_maker = "Nobody Knows Ltd"; }, untouched, Tier::none)
ATTACK(
    "parts: a maker nobody decided about", "brings a new maker", "vendor.undecided",
    [](Builder& b) { b.board_maker = "Undecided Works"; }, untouched, Tier::warning)
ATTACK(
    "parts: opened chassis", "opens the server", "chassis.intrusion",
    [](Builder& b) { b.chassis.front().alarm = true; }, untouched, Tier::warning)
ATTACK(
    "parts: a software TPM", "emulates the TPM", "tpm.software",
    [](Builder& b) { b.tpm.manufacturer = "IBM"; }, untouched, Tier::warning)
ATTACK(
    "parts: a denied maker's memory", "exchanges a memory module", "vendor.unapproved",
    [](Builder& b) { b.memory_maker = "0B73"; }, untouched)
ATTACK(
    "parts: a denied maker's TPM", "brings another maker's TPM", "vendor.unapproved",
    [](Builder& b) { b.tpm.manufacturer = "NTZ"; }, untouched)
ATTACK(
    "parts: a power supply of a maker nobody decided about", "exchanges a power supply", "vendor.undecided",
    [](Builder& b) { b.psu_maker = "Undecided Works"; }, untouched, Tier::warning)

ATTACK(
    "journal: a stick while nobody was there", "plugs in a stick unseen", "usb.unaccompanied",
    [](Builder& b) { b.journal.push_back(b.event(DeviceEventKind::insert)); }, untouched)
ATTACK(
    "journal: a session opened afterwards", "opens a session after the insertion", "usb.unaccompanied",
    [](Builder& b) {
        b.journal.push_back(b.event(DeviceEventKind::insert));
        b.sessions = {b.session()};
        b.sessions.front().opened_at = kNow - 100;
    },
    untouched)
ATTACK(
    "journal: a record cut out", "cuts the insertion out", "journal.chain",
    [](Builder& b) {
        b.journal.push_back(b.event(DeviceEventKind::insert));
        b.journal.push_back(b.event(DeviceEventKind::remove));
        b.journal.erase(b.journal.begin() + 1);
    },
    untouched)
ATTACK("journal: the end cut off", "cuts the journal behind the head that it names", "journal.chain",
       honest_host, [](Builder& builder, Case& made) {
           auto section = decode_journal_section(section_of(made, section::kJournal)).value();
           section.head_sequence = 2;
           resigned(builder, made, section::kJournal, encode_journal_section(section));
       })
ATTACK("journal: a record edited", "edits a record", "journal.chain", honest_host,
       [](Builder& builder, Case& made) {
           auto records = builder.journal;
           records.push_back(builder.event(DeviceEventKind::gap));
           auto section = decode_journal_section(Builder::encoded_journal(records)).value();
           auto first = decode_journal_record(section.records.front()).value();
           first.boottime_ms += 1;
           section.records.front() = encode_journal_record(first);
           resigned(builder, made, section::kJournal, encode_journal_section(section));
       })
ATTACK(
    "journal: records reordered", "exchanges two records", "journal.chain",
    [](Builder& b) {
        b.journal.push_back(b.event(DeviceEventKind::gap));
        std::swap(b.journal.front(), b.journal.back());
    },
    untouched)
ATTACK(
    "journal: begun anew", "deletes the journal", "journal.rewritten",
    [](Builder& b) {
        b.journal.push_back(b.event(DeviceEventKind::gap));
        acknowledged(b);
        b.journal.pop_back();
    },
    untouched)
ATTACK(
    "journal: another past of the same length", "writes the journal anew, as long as it was", "journal.chain",
    [](Builder& b) {
        b.journal.push_back(b.event(DeviceEventKind::gap));
        acknowledged(b);
        b.journal.front().boottime_ms += 1;
    },
    [](Builder& builder, Case& made) {
        auto section = decode_journal_section(Builder::encoded_journal(builder.journal)).value();
        section.records.clear();
        resigned(builder, made, section::kJournal, encode_journal_section(section));
    })
ATTACK(
    "journal: a record dated in the future", "sets the clock forward", "journal.future",
    [](Builder& b) { b.journal.back().wall_ms = (kNow + 3600) * 1000; }, untouched)
ATTACK(
    "journal: the agent stopped", "stops the agent for a while", "journal.unobserved",
    [](Builder& b) { b.journal.push_back(b.event(DeviceEventKind::monitor_start)); }, untouched,
    Tier::warning)
ATTACK(
    "journal: a storm of events", "floods the monitor", "journal.gap",
    [](Builder& b) {
        b.journal.push_back(b.event(DeviceEventKind::gap));
        b.journal.back().lost = 1700;
    },
    untouched, Tier::warning)
ATTACK(
    "journal: none", "does not show the journal", "section.absent",
    [](Builder& b) { b.with_journal = false; }, untouched, Tier::none)

TEST_CASE("an insertion within a session is affirming: the twin of the unaccompanied ones", "[attack]") {
    EvidenceBuilder builder;
    builder.journal.push_back(builder.event(DeviceEventKind::insert));
    builder.sessions = {builder.session()};
    CHECK(builder.build().appraise().result.tier == Tier::affirming);
}

TEST_CASE("a journal that was acknowledged and has not grown is affirming", "[attack]") {
    EvidenceBuilder builder;
    acknowledged(builder);
    auto made = builder.build();
    auto section = decode_journal_section(EvidenceBuilder::encoded_journal(builder.journal)).value();
    section.records.clear();
    resigned(builder, made, section::kJournal, encode_journal_section(section));
    CHECK(made.appraise().result.tier == Tier::affirming);
}

TEST_CASE("text: hostile strings stand in findings as what they are, on one line", "[attack]") {
    EvidenceBuilder builder;
    builder.system_maker = "Evil\x1b[2J\nGood Systems \xe2\x80\xae<script>";
    builder.journal.push_back(builder.event(DeviceEventKind::insert));
    builder.journal.back().device->serial = "=cmd()\r\n\x1b]0;x\x07";
    builder.host = "rack-8\x1b[31m";
    const auto result = builder.build().appraise().result;
    CHECK(result.tier == Tier::contraindicated);
    CHECK(result.findings.size() >= 3);
    for (const auto& finding : result.findings) {
        for (const auto& text :
             {finding.subject, finding.expected, finding.actual, finding.evidence, finding.remedy}) {
            INFO(text);
            CHECK(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
            CHECK(text.size() <= 700);
        }
    }
}

TEST_CASE("failure: an exception at any step, or in a check, never affirms", "[attack]") {
    const auto made = EvidenceBuilder().build();
    static std::string failing;
    const auto fail_at = [](std::string_view step) {
        if (step == failing) throw std::runtime_error("injected");
    };
    for (const auto* step : {"authenticate", "replay", "bind", "run_checks", "conclude"}) {
        INFO(step);
        failing = step;
        const auto appraisal = appraise_with(made.inputs(), all_checks(), fail_at);
        CHECK(appraisal.result.tier == Tier::contraindicated);
        CHECK(has_finding(appraisal.result, "appraisal.internal_error", Tier::contraindicated));
        CHECK_FALSE(appraisal.next.authentic);
    }
    failing = "none";
    CHECK(appraise_with(made.inputs(), all_checks(), fail_at).result.tier == Tier::affirming);
    const Check broken{TrustClaim::hardware, false,
                       [](const Examined&, Judge&) { throw std::runtime_error("injected\n"); }};
    std::vector<NamedCheck> checks(all_checks().begin(), all_checks().end());
    checks.push_back({"a_check_that_breaks", &broken});
    const auto appraisal = appraise_with(made.inputs(), checks, fail_at);
    CHECK(appraisal.result.tier == Tier::contraindicated);
    CHECK(has_finding(appraisal.result, "appraisal.internal_error", Tier::contraindicated));
    CHECK(appraisal.result.checks.size() == checks.size());
}

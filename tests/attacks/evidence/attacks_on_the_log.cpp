#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "tests/attacks/evidence/tampering.h"
#include "tests/support/builders/payload_builder.h"

// Neighbours of the rows in attacks_on_the_claims.cpp: boot event log and IMA list. Most are what a root user
// can do: another log in the section, and the true TPM's quote over it.
using namespace assay;
using namespace assay::test;

namespace {

using Builder = EvidenceBuilder;
using Case = AppraisalCase;

void raw_log(const Builder& builder, Case& made, Bytes bytes) {
    resigned(builder, made, section::kBootEventLog, std::move(bytes));
}
// The log's own bytes with some of them replaced.
void log_edited(const Builder& builder, Case& made, std::size_t at, Bytes with) {
    auto bytes = builder.log.bytes();
    std::ranges::copy(with, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    raw_log(builder, made, std::move(bytes));
}
// Another Spec ID event before the same records.
void other_spec_id(const Builder& builder, Case& made, Bytes spec_id) {
    ByteWriter out;
    out.bytes(EventLogBuilder::header(spec_id));
    for (const auto& event : builder.log.events) out.bytes(builder.log.record(event));
    raw_log(builder, made, out.take());
}
Bytes spec_id(std::vector<std::pair<std::uint16_t, std::uint16_t>> algorithms, std::uint32_t count) {
    ByteWriter out;
    out.text("Spec ID Event03\0"sv).u32le(1).u8(0).u8(2).u8(0).u8(2).u32le(count);
    for (const auto& [id, size] : algorithms) out.u16le(id).u16le(size);
    return out.u8(0).take();
}
constexpr std::size_t kRecords = 32 + 28 + 8 + 1;  // behind the header of two banks
const Bytes kAllOnes(4, std::byte{0xff});

void other_ima(const Builder& builder, Case& made, const ImaBuilder& list) {
    resigned(builder, made, section::kImaLog, list.bytes());
}
// The list of the honest host, entry by entry; what follows is up to the caller.
ImaBuilder honest_ima(const Builder& builder) {
    ImaBuilder list;
    std::string boot;
    for (unsigned pcr = 0; pcr < 10; ++pcr)
        boot += as_text(builder.values().find(HashAlgorithm::sha256, pcr)->view());
    list.file("boot_aggregate", boot);
    for (const auto& file : builder.ima_files) list.file(file, "contents of " + file);
    return list;
}

}  // namespace

ATTACK("log: empty", "shows a log of no bytes", "log.malformed", honest_host,
       [](Builder& builder, Case& made) { raw_log(builder, made, {}); })
ATTACK("log: the header alone", "shows a log without an event", "pcr.unlogged", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) { log.events.clear(); });
       })
ATTACK("log: of another host", "shows the log of a neighbour", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               log.find(0, tcg::EV_EFI_PLATFORM_FIRMWARE_BLOB).measured = to_bytes("a neighbour's firmware");
           });
       })
ATTACK("log: an event twice", "shows one event twice", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) { log.events.push_back(log.events.back()); });
       })
ATTACK("log: all events of PCR 0 dropped", "drops the firmware's events", "pcr.unlogged", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               std::erase_if(log.events, [](const BuiltEvent& event) { return event.pcr == 0; });
           });
       })
ATTACK("log: all events of PCR 7 dropped", "drops what Secure Boot measured", "pcr.unlogged", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               std::erase_if(log.events, [](const BuiltEvent& event) { return event.pcr == 7; });
           });
       })
ATTACK("log: an event's data said to be 4 GB", "claims 0xffffffff bytes of data", "log.malformed",
       honest_host, [](Builder& builder, Case& made) {
           log_edited(builder, made, kRecords + 12 + 2 + 20 + 2 + 32, kAllOnes);
       })
ATTACK("log: 4 billion digests of an event", "claims 0xffffffff digests", "log.malformed", honest_host,
       [](Builder& builder, Case& made) { log_edited(builder, made, kRecords + 8, kAllOnes); })
ATTACK("log: an event under a PCR that no TPM has", "moves an event to PCR 24", "log.malformed", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) { log.find(8, tcg::EV_IPL).pcr = 24; });
       })

ATTACK("log: more than a log may have", "shows a log of more than 8 MiB", "log.malformed", honest_host,
       [](Builder& builder, Case& made) {
           auto bytes = builder.log.bytes();
           bytes.resize(limits::kEventLog + 1);
           raw_log(builder, made, std::move(bytes));
       })
ATTACK("log: the first half of two boots", "appends another boot's events", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               const auto events = log.events;
               log.events.insert(log.events.end(), events.begin(), events.end());
           });
       })

ATTACK(
    "event data: MOK list edited", "turns shim's MokListTrusted in the log and keeps the digest",
    "event.data_mismatch",
    [](Builder& b) {
        b.log.add(7, tcg::EV_EFI_VARIABLE_AUTHORITY,
                  efi_variable_of(kShimLockGuid, "MokListTrusted", Bytes{std::byte{0}}),
                  efi_variable_of(kShimLockGuid, "MokListTrusted", Bytes{std::byte{1}}));
    },
    untouched)
ATTACK(
    "event data: an SPDM device edited", "names another device in an SPDM measurement and keeps the digest",
    "event.data_mismatch",
    [](Builder& b) {
        auto edited = spdm_event_2();
        edited.back() ^= std::byte{1};
        b.log.add(2, tcg::EV_EFI_SPDM_FIRMWARE_BLOB, edited, spdm_event_2());
    },
    untouched)
ATTACK(
    "event data: a partition table edited", "adds a partition in the log and keeps the digest",
    "event.data_mismatch",
    [](Builder& b) { b.log.add(5, tcg::EV_EFI_GPT_EVENT2, gpt_event(2), gpt_event(1)); }, untouched)
ATTACK("event data: db edited", "adds a key to db in the log", "event.data_mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               for (auto& event : log.events) {
                   if (event.data == efi_variable("db", as_view("keys")))
                       event.data = efi_variable("db", as_view("keys and mine"));
               }
           });
       })
ATTACK("event data: a variable renamed", "renames dbx to what nobody looks at", "event.data_mismatch",
       honest_host, [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               for (auto& event : log.events) {
                   if (event.data == efi_variable("dbx", as_view("keys")))
                       event.data = efi_variable("old", as_view("keys"));
               }
           });
       })
ATTACK("event data: ExitBootServices edited", "edits what the firmware said at its end",
       "event.data_mismatch", honest_host, [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               log.find(5, tcg::EV_EFI_ACTION).data = to_bytes("Exit Boot Services Never Called");
           });
       })
ATTACK("event data: a byte more", "adds a byte behind the command line", "event.data_mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               log.find(4, tcg::EV_EFI_ACTION).data.push_back(std::byte{'!'});
           });
       })
ATTACK("event data: EV_NO_ACTION with a digest", "gives an event that extends nothing a digest",
       "pcr.unlogged", honest_host, [](Builder& builder, Case& made) {
           other_log(builder, made,
                     [](EventLogBuilder& log) { log.find(8, tcg::EV_IPL).type = tcg::EV_NO_ACTION; });
       })
ATTACK("log structure: the format of TPM 1.2", "shows a SHA-1 log with a SHA-256 quote", "pcr.no_bank",
       honest_host, [](Builder& builder, Case& made) { raw_log(builder, made, builder.log.sha1_bytes()); })
ATTACK("log structure: no algorithm", "names no algorithm in the Spec ID event", "log.malformed", honest_host,
       [](Builder& builder, Case& made) { other_spec_id(builder, made, spec_id({}, 0)); })
ATTACK("log structure: 4 billion algorithms", "claims 0xffffffff algorithms", "log.malformed", honest_host,
       [](Builder& builder, Case& made) {
           other_spec_id(builder, made, spec_id({{4, 20}, {0xb, 32}}, 0xffff'ffff));
       })
ATTACK("log structure: a wrong size of SHA-256", "says that SHA-256 has 20 bytes", "log.malformed",
       honest_host,
       [](Builder& builder, Case& made) { other_spec_id(builder, made, spec_id({{4, 20}, {0xb, 20}}, 2)); })
ATTACK("log structure: an algorithm twice", "names SHA-256 twice", "log.malformed", honest_host,
       [](Builder& builder, Case& made) { other_spec_id(builder, made, spec_id({{0xb, 32}, {0xb, 32}}, 2)); })
ATTACK("log structure: no Spec ID event", "leaves the Spec ID event out", "log.malformed", honest_host,
       [](Builder& builder, Case& made) {
           const auto bytes = builder.log.bytes();
           raw_log(builder, made, Bytes(bytes.begin() + kRecords, bytes.end()));
       })
ATTACK("log structure: another locality", "says that the TPM was started from locality 0", "pcr.mismatch",
       honest_host, [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) {
               log.events.erase(log.events.begin());
               EventLogBuilder other;
               other.startup_locality(0);
               log.events.insert(log.events.begin(), other.events.front());
           });
       })
ATTACK("log structure: a locality that no TPM starts from", "says that the TPM was started from locality 2",
       "pcr.mismatch", honest_host, [](Builder& builder, Case& made) {
           other_log(builder, made,
                     [](EventLogBuilder& log) { log.events.at(0).data.back() = std::byte{2}; });
       })
ATTACK("log structure: a locality of PCR 1", "puts StartupLocality under PCR 1", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) { log.events.at(0).pcr = 1; });
       })
ATTACK(
    "log structure: a second locality", "adds a second StartupLocality event", "log.problem", honest_host,
    [](Builder& builder, Case& made) {
        other_log(builder, made, [](EventLogBuilder& log) {
            auto second = log.events.at(0);
            second.data.back() = std::byte{0};
            log.events.insert(log.events.begin() + 1, second);
        });
    },
    Tier::warning)
ATTACK("log structure: no locality", "leaves the StartupLocality event out", "pcr.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           other_log(builder, made, [](EventLogBuilder& log) { log.events.erase(log.events.begin()); });
       })
ATTACK("log structure: a late locality", "moves StartupLocality behind the first event", "pcr.mismatch",
       honest_host, [](Builder& builder, Case& made) {
           other_log(builder, made,
                     [](EventLogBuilder& log) { std::swap(log.events.at(0), log.events.at(1)); });
       })

ATTACK("IMA: cut behind PCR 10", "leaves out every entry but the first", "ima.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           Builder other = builder;
           other.ima_files.clear();
           resigned(builder, made, section::kImaLog,
                    other.build().bundle.evidence.sections.at(std::string(section::kImaLog)));
       })
ATTACK("IMA: cut in the middle of an entry", "cuts the list's last byte", "log.malformed", honest_host,
       [](Builder& builder, Case& made) {
           auto list = section_of(made, section::kImaLog);
           list.pop_back();
           resigned(builder, made, section::kImaLog, list);
       })
ATTACK("IMA: a file's name edited", "renames a measured file", "ima.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           Builder other = builder;
           other.ima_files.back() = "/usr/bin/true";
           resigned(builder, made, section::kImaLog,
                    other.build().bundle.evidence.sections.at(std::string(section::kImaLog)));
       })
ATTACK("IMA: entries exchanged", "exchanges two entries", "ima.mismatch", honest_host,
       [](Builder& builder, Case& made) {
           Builder other = builder;
           std::swap(other.ima_files.front(), other.ima_files.back());
           resigned(builder, made, section::kImaLog,
                    other.build().bundle.evidence.sections.at(std::string(section::kImaLog)));
       })
ATTACK(
    "IMA: a violation", "changes a file while it is measured", "ima.violation",
    [](Builder& b) { b.with_ima = true; },
    [](Builder& builder, Case& made) {
        auto list = honest_ima(builder);
        list.violation("/usr/bin/bash");
        Builder other = builder;
        other.with_ima = false;
        other.pcrs_beside_log[10] = list.pcr10_sha256;
        made = other.build();
        made.bundle.evidence.sections[std::string(section::kImaLog)] = list.bytes();
        made.bundle.evidence.manifest = manifest_of(other.host, other.boot_id, made.bundle.evidence.sections);
        other.seal(made);
    },
    Tier::warning)

TEST_CASE("an IMA list that ran ahead of the quote is affirming: the twin of the one that was cut",
          "[attack]") {
    Builder builder;
    auto made = builder.build();
    auto list = honest_ima(builder);
    list.file("/usr/bin/later", "measured between quote and reading");
    other_ima(builder, made, list);
    CHECK(made.appraise().result.tier == Tier::affirming);
}

TEST_CASE("a boot event log that is cut at any byte never affirms", "[attack]") {
    Builder builder;
    builder.log.banks = {HashAlgorithm::sha256};
    auto made = builder.build();
    const auto whole = section_of(made, section::kBootEventLog);
    for (std::size_t size = 0; size < whole.size(); size += 1 + size / 64) {
        resigned(builder, made, section::kBootEventLog,
                 Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
        INFO(size);
        CHECK(made.appraise().result.tier != Tier::affirming);
    }
}

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "tests/support/appraisal/evidence_builder.h"
#include "tests/support/builders/cbor_parts.h"

/// Everything that a host could leave out of its evidence, one at a time. Sections and their parts are those
/// that the encodings have, so that a new section or member is among them by itself.
namespace assay::test {

using Sections = std::map<std::string, Bytes, std::less<>>;

/// One thing left out. The quote is made over what is left, by a TPM that knows what it was told before.
struct LeftOut {
    std::string what;
    std::function<void(EvidenceBuilder&)> of_host = {};  ///< it never was: PCRs are as without it
    std::function<void(Sections&)> of_sections = {};     ///< it is not shown: PCRs are as with it
};

inline bool is_cbor(std::string_view section) {
    return section != section::kBootEventLog && section != section::kImaLog;
}

/// Of the evidence that this host sends.
inline std::vector<LeftOut> all_that_can_be_left_out(const EvidenceBuilder& host) {
    std::vector<LeftOut> out;
    auto whole = host;
    const auto sections = whole.build().bundle.evidence.sections;
    for (const auto& [name, bytes] : sections) {
        out.push_back({"section " + name, {}, [name](Sections& shown) { shown.erase(name); }});
        if (!is_cbor(name)) continue;
        const CborParts parts(bytes);
        for (const auto& part : parts.all()) {
            out.push_back({name + ": " + part.where, {}, [name, without = part.without](Sections& shown) {
                               shown.at(name) = without;
                           }});
        }
    }
    for (std::size_t i = 0; i < host.log.events.size(); ++i) {
        auto log = host.log;
        log.events.erase(log.events.begin() + static_cast<std::ptrdiff_t>(i));
        const auto bytes = log.bytes();
        out.push_back({fmt::format("boot-event-log: event {}, the quote has it", i),
                       {},
                       [bytes](Sections& shown) { shown.at(std::string(section::kBootEventLog)) = bytes; }});
        out.push_back({fmt::format("boot-event-log: event {}, never measured", i),
                       [log](EvidenceBuilder& less) { less.log = log; }});
    }
    for (std::size_t i = 0; host.with_ima && i < host.ima_files.size(); ++i) {
        const auto without = [i](EvidenceBuilder& less) {
            less.ima_files.erase(less.ima_files.begin() + static_cast<std::ptrdiff_t>(i));
        };
        auto less = host;
        without(less);
        const auto list = less.build().bundle.evidence.sections.at(std::string(section::kImaLog));
        out.push_back({fmt::format("ima-log: file {}, the quote has it", i), {}, [list](Sections& shown) {
                           shown.at(std::string(section::kImaLog)) = list;
                       }});
        out.push_back({fmt::format("ima-log: file {}, never measured", i), without});
    }
    for (std::size_t i = 0; host.with_journal && i < host.journal.size(); ++i) {
        auto records = host.journal;
        records.erase(records.begin() + static_cast<std::ptrdiff_t>(i));
        for (std::size_t j = i; j < records.size(); ++j) records[j].sequence = j + 1;
        const auto bytes = EvidenceBuilder::encoded_journal(records);
        out.push_back({fmt::format("journal: record {}, and a chain without it", i + 1),
                       {},
                       [bytes](Sections& shown) { shown.at(std::string(section::kJournal)) = bytes; }});
    }
    return out;
}

/// What the TPM holds of the journal that this host has, whatever is shown of it.
inline std::optional<JournalAnchor> true_anchor(EvidenceBuilder host) {
    std::optional<JournalAnchor> out;
    host.before_certifying = [&out](const JournalAnchor& anchor) { out = anchor; };
    static_cast<void>(host.build());  // the anchor is what is asked for
    return out;
}

/// Its evidence without that.
inline AppraisalCase evidence_without(const LeftOut& left_out, EvidenceBuilder host,
                                      const std::optional<JournalAnchor>& held_by_tpm) {
    if (held_by_tpm) host.before_certifying = [held_by_tpm](JournalAnchor& anchor) { anchor = *held_by_tpm; };
    if (left_out.of_host) left_out.of_host(host);
    auto made = host.build();
    if (!left_out.of_sections) return made;
    auto& evidence = made.bundle.evidence;
    left_out.of_sections(evidence.sections);
    evidence.manifest = manifest_of(host.host, host.boot_id, evidence.sections);
    host.seal(made);
    return made;
}

inline bool is_better(Tier tier, Tier than) {
    return tier != than && worst(tier, than) == than;
}

/// What is better in `after` than it was in `before`, in words; empty where nothing is.
inline std::string better_words(const AttestationResult& before, const AttestationResult& after) {
    std::string out;
    const auto compare = [&](std::string_view what, Tier was, Tier is) {
        if (is_better(is, was)) out += fmt::format("{} {} -> {}; ", what, to_string(was), to_string(is));
    };
    compare("host", before.tier, after.tier);
    for (const auto& [claim, tier] : before.claims) {
        const auto found = after.claims.find(claim);
        if (found != after.claims.end()) compare(to_string(claim), tier, found->second);
    }
    for (const auto& [claim, tier] : after.claims) {
        if (tier == Tier::affirming && !before.claims.contains(claim))
            out += fmt::format("{} is affirming now; ", to_string(claim));
    }
    return out;
}

}  // namespace assay::test

#include "verifier/judge/appraisal/facts/ima/ima_progress.h"

#include <fmt/core.h>

#include "evidence/tpm/quote.h"
#include "evidence/wire/section/section_names.h"
#include "verifier/judge/appraisal/checks/check.h"
#include "verifier/judge/appraisal/facts/ima/ima_approval.h"

namespace assay::judge {
namespace {

std::string file_of(const tcg::ParsedImaEntry& entry) {
    const auto fields = tcg::ima_fields(entry);
    return fields ? shown(fields->path) : std::string("entry");
}

/// What stands before the first entry of a list.
ImaState boot_state(const Authentication& authentication, HashAlgorithm bank, const Policy& policy) {
    ImaState state;
    if (const auto rules = ima_rules(policy))
        state.files = ImaFiles{.rules = *rules, .unlisted = {}, .unapproved = {}};
    if (authentication.manifest) state.boot_id = authentication.manifest->boot_id;
    if (authentication.unverified) state.reset_count = authentication.unverified->clock_info.reset_count;
    state.value = tcg::ima_boot_state(bank).value;
    return state;
}

ImaProgress followed(ImaState state, const tcg::ParsedImaLog& list, const Digest& quoted,
                     const ImaApproval& approval) {
    const auto bank = quoted.algorithm();
    const auto match = tcg::match_ima(list, bank, kImaPcr, {state.entries, state.value}, quoted);
    ImaProgress out{.agreement = match.agreement,
                    .state = {},
                    .replayed = match.whole.value,
                    .entries = match.whole.entries};
    if (match.agreement == tcg::ImaAgreement::differs) return out;
    const auto start = list.start().entries;
    const auto entries = list.unverified_entries().first(match.verified.entries - start);
    for (const auto index : match.violations) {
        const auto& entry = entries[index - start];
        add_note(state.violations, entry, file_of(entry), "a measurement", "a violation");
    }
    for (const auto index : match.edited) {
        const auto& entry = entries[index - start];
        add_note(state.edited, entry, file_of(entry), "data with the entry's digest", "other data");
    }
    for (const auto& entry : entries) {
        if (state.files && entry.pcr == kImaPcr) approval.judge(entry, *state.files);
    }
    if (const auto aggregate = tcg::boot_aggregate(list); aggregate && !entries.empty()) {
        state.aggregate_hash = shown(aggregate->file_hash_name);
        if (aggregate->file_hash.size() <= Digest::kMaxSize) state.aggregate = to_bytes(aggregate->file_hash);
    }
    state.entries = match.verified.entries;
    state.offset = list.offset_behind(match.verified.entries);
    state.value = match.verified.value;
    out.state = std::move(state);
    return out;
}

/// Why a part does not go on from what is known; empty where it does.
std::string why_not_continued(const ImaPart& part, const std::optional<ImaState>& known,
                              const Manifest& manifest, const tcg::Quote& quote) {
    if (!known) return "the verifier has nothing to go on from";
    const auto start = start_of(*known);
    if (part.entries != start.entries || part.offset != start.offset || part.state != start.state)
        return fmt::format("it goes on from entry {}, the verifier from entry {} or another list",
                           part.entries, start.entries);
    if (manifest.boot_id != start.boot_id) return "the list that the verifier has is of another boot";
    if (quote.clock_info.reset_count != known->reset_count) return "the TPM was reset since";
    if (judged_bank(quote.selection) != known->value.algorithm()) return "another bank is quoted";
    return {};
}

std::optional<ImaPart> part_in(const NamedSections& sections, std::string& problem) {
    const auto bytes = sections.find(section::kImaLogPart);
    if (!bytes) return std::nullopt;
    auto part = decode_ima_part_section(*bytes);
    if (part) return std::move(*part);
    problem = "it cannot be decoded: " + shown(describe(part.error()));
    return std::nullopt;
}

}  // namespace

std::optional<HashAlgorithm> judged_bank(const tcg::PcrSelection& selection) {
    std::optional<HashAlgorithm> bank;
    for (const auto& each : selection.banks()) {
        if (each.algorithm != HashAlgorithm::sha1 && each.mask != 0 && (!bank || each.algorithm > *bank))
            bank = each.algorithm;
    }
    return bank;
}

std::optional<ImaStart> ima_start(const std::optional<ImaState>& known, const Policy& policy) {
    if (!known) return std::nullopt;
    const auto selection = tcg::pcr_selection_from_text(policy.pcr_selection);
    if (!selection || judged_bank(*selection) != known->value.algorithm()) return std::nullopt;
    // What was judged by other rules, or by none, is judged anew.
    const auto rules = ima_rules(policy);
    if (rules && (!known->files || known->files->rules != *rules)) return std::nullopt;
    return start_of(*known);
}

bool ima_part_continues(const Digest& from, const Manifest& manifest, const tcg::Quote& quote,
                        const KnownHost& known, const Policy& policy) {
    const auto start = ima_start(known.ima, policy);
    if (!start || start->state != from) return false;
    const ImaPart part{.state = from, .entries = start->entries, .offset = start->offset, .list = {}};
    return why_not_continued(part, known.ima, manifest, quote).empty();
}

FollowedIma follow_ima(const Context& inputs, const Authentication& authentication, HashAlgorithm bank,
                       const std::optional<Digest>& quoted, NamedSections& sections) {
    FollowedIma out;
    auto state = boot_state(authentication, bank, inputs.policy);
    std::optional<ImaPart> part;
    auto bytes = sections.find(section::kImaLog);  // a whole list counts, whatever is beside it
    if (!bytes) {
        part = part_in(sections, out.refused);
        if (!part) return out;
        if (!authentication.manifest || !authentication.unverified) {
            out.refused = "manifest or quote cannot be read";
        } else {
            out.refused = why_not_continued(*part, inputs.known_host.ima, *authentication.manifest,
                                            *authentication.unverified);
        }
        if (!out.refused.empty()) return out;
        state = *inputs.known_host.ima;
        // What other rules said of the entries before is nothing under these.
        if (state.files && state.files->rules != ima_rules(inputs.policy)) state.files.reset();
        bytes = part->list;
    }
    const auto list = tcg::parse_ima_log(*bytes, HashAlgorithm::sha1, {state.entries, state.offset});
    if (!list) {
        sections.mark_malformed(part ? section::kImaLogPart : section::kImaLog, list.error());
    } else if (quoted) {
        out.progress = followed(std::move(state), *list, *quoted, ImaApproval(inputs.policy));
    }
    return out;
}

}  // namespace assay::judge

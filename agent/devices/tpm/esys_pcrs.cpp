#include "agent/devices/tpm/esys_pcrs.h"

#include <algorithm>
#include <span>

#include <fmt/core.h>

namespace assay::agent {
namespace {

/// Extends of some PCRs above 15 do not move the update counter (TPM2_PT_PCR_NO_INCREMENT; PC Client Platform
/// TPM Profile, 4.6).
constexpr std::uint32_t kUncounted = 0xff'0000;

/// Takes the values of one TPM2_PCR_Read into `values` and their PCRs out of `left`. False where there were
/// none.
Result<bool> take_values(const TPML_PCR_SELECTION& read, const TPML_DIGEST& digests, TPML_PCR_SELECTION& left,
                         PcrSection& values) {
    std::size_t next = 0;
    for (std::size_t bank = 0; bank < std::min<std::size_t>(read.count, left.count); ++bank) {
        const auto& entry = read.pcrSelections[bank];
        const auto algorithm = TRY(hash_algorithm_from_id(entry.hash));
        for (std::uint32_t index = 0; index < tcg::kPcrCount; ++index) {
            const auto bit = static_cast<BYTE>(1U << index % 8);
            if ((entry.pcrSelect[index / 8] & bit) == 0) continue;
            if (next >= digests.count) return fail(ErrorCode::tpm, "PCR_Read: fewer values than PCRs");
            const auto& digest = digests.digests[next++];
            values[algorithm][index] = TRY(
                Digest::from_bytes(algorithm, std::as_bytes(std::span(digest.buffer).first(digest.size))));
            left.pcrSelections[bank].pcrSelect[index / 8] &= static_cast<BYTE>(~bit);
        }
    }
    return next > 0;
}

bool nothing_left(const TPML_PCR_SELECTION& selection) {
    return std::ranges::all_of(
        std::span(selection.pcrSelections).first(selection.count), [](const auto& bank) {
            return std::ranges::all_of(std::span(bank.pcrSelect).first(bank.sizeofSelect),
                                       [](BYTE octet) { return octet == 0; });
        });
}

}  // namespace

Result<TPML_PCR_SELECTION> tss_selection(const tcg::PcrSelection& selection) {
    constexpr std::size_t kOctets = 3;
    TPML_PCR_SELECTION list{};
    if (selection.banks().size() > std::size(list.pcrSelections))
        return fail(ErrorCode::limit, "too many PCR banks");
    for (const auto& bank : selection.banks()) {
        auto& entry = list.pcrSelections[list.count++];
        entry.hash = static_cast<TPMI_ALG_HASH>(bank.algorithm);
        entry.sizeofSelect = kOctets;
        for (std::size_t octet = 0; octet < kOctets; ++octet)
            entry.pcrSelect[octet] = static_cast<BYTE>(bank.mask >> 8U * octet);
    }
    return list;
}

/// All of `selection`, at most 8 PCRs a command; nothing where a PCR moved in between. With a `cached` whose
/// counter has not moved, that.
Result<std::optional<EsysPcrs::Kept>> EsysPcrs::read_once(const TPML_PCR_SELECTION& selection,
                                                          const Kept* cached) {
    TPML_PCR_SELECTION left = selection;
    Kept pcrs;
    for (bool first = true; !nothing_left(left); first = false) {
        std::uint32_t counter = 0;
        TssOwned<TPML_PCR_SELECTION> read;
        TssOwned<TPML_DIGEST> digests;
        TRY_VOID(tpm_.command("PCR_Read", [&] {
            return ::Esys_PCR_Read(tpm_.esys(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &left, &counter,
                                   out(read), out(digests));
        }));
        if (first) pcrs.update_counter = counter;
        if (counter != pcrs.update_counter) return std::nullopt;
        if (!TRY(take_values(*read, *digests, left, pcrs.values))) {
            return fail(ErrorCode::tpm, "PCR_Read: a bank of the selection is not active in this TPM");
        }
        if (first && cached != nullptr && cached->update_counter == counter) return *cached;
    }
    return pcrs;
}

Result<PcrSection> EsysPcrs::read(std::string_view selection) {
    constexpr int kTries = 16;
    const auto parsed = TRY(tcg::pcr_selection_from_text(selection));
    const auto list = TRY(tss_selection(parsed));
    const bool counted =
        std::ranges::all_of(parsed.banks(), [](const auto& bank) { return (bank.mask & kUncounted) == 0; });
    for (int i = 0; i < kTries; ++i) {
        const auto cached = kept_.find(selection);
        const bool usable = counted && cached != kept_.end();
        auto read = TRY(read_once(list, usable ? &cached->second : nullptr));
        if (!read) continue;
        return kept_.insert_or_assign(std::string(selection), std::move(*read)).first->second.values;
    }
    return fail(ErrorCode::conflict, fmt::format("the PCRs were extended during each of {} reads", kTries));
}

}  // namespace assay::agent

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/judge/appraisal/facts/boot/boot_chain.h"

/// What changed from one boot to another, in words. PURE.
namespace assay::judge {

/// A measurement of each boot; one of them is null where the other has none for it.
struct BootPair {
    const BootMeasurement* before = nullptr;
    const BootMeasurement* after = nullptr;
};

/// One change, and the measurements that show it: a kernel argument shows in two or three.
struct BootDifference {
    std::string words;  ///< "kernel command line gained `debug`"; printable, on one line
    std::vector<BootPair> shown_by;
};

/// The PCRs of two boots that have events in one of them at least.
struct ComparedPcrs {
    std::set<std::uint32_t> compared;  ///< explained on both sides: their events replay, or they have none
    std::set<std::uint32_t> left_out;
};
ComparedPcrs compared_pcrs(const BootChain& before, const BootChain& after);

/// Aligns the measurements of each PCR, as the TPM vouches for their order, and tells what is not the same;
/// in the order of PCRs. The pairs point into `before` and `after`. A sequence longer than 4,096 is compared
/// as a set beyond its common beginning and end.
std::vector<BootDifference> boot_difference(const BootChain& before, const BootChain& after);

/// What a change is called: boot_words.cpp.
std::vector<std::string> words_of(const BootPair& pair);
/// By it a measurement finds its like in another boot: what it says of itself, with numbers left out.
std::string likeness_of(const BootMeasurement& measurement);

}  // namespace assay::judge

#include <chrono>
#include <cstdlib>
#include <iostream>

#include <fmt/core.h>

#include "tests/support/appraisal/growing_ima_list.h"

// assay-bench-ima [ENTRIES]: an IMA list of so many entries, and of a hundredth of it. Nanoseconds of the
// appraisal of the whole list, and of a report after it with 10 new entries; bytes of the section that holds
// them. Best of several rounds, as JSON.
namespace {

using namespace assay;
using namespace assay::test;

constexpr std::size_t kNew = 10;

double best(int rounds, const AppraisalCase& made) {
    double least = 1e18;
    for (int round = 0; round < rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        require(made.appraise().result.tier == Tier::affirming, "tier");
        const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
        least = std::min(least, taken.count());
    }
    return least;
}

std::string measured(std::size_t entries) {
    GrowingImaList list;
    list.add_files(entries - 1);
    const auto whole = list.report(entries, entries);
    const auto known = whole.appraise().next.ima;
    list.add_files(kNew);
    const auto part = list.report(entries + kNew, entries + kNew, known);
    constexpr int kFew = 5;
    constexpr int kMany = 300;
    return fmt::format(
        R"({{"entries": {}, "whole": {:.0f}, "whole_bytes": {}, "part": {:.0f}, "part_bytes": {}, "state_bytes": {}}})",
        entries, best(kFew, whole), list.after(entries).offset, best(kMany, part),
        part.bundle.evidence.sections.at(std::string(section::kImaLogPart)).size(),
        encode_ima_state(*known).size());
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto entries = static_cast<std::size_t>(argc > 1 ? std::strtol(argv[1], nullptr, 10) : 100'000);
        fmt::print("[{}, {}]\n", measured(entries / 100), measured(entries));
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "assay-bench-ima: " << error.what() << "\n";
        return 1;
    }
}

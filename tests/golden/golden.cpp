#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "tests/golden/cases.h"
#include "tests/support/machine/text.h"

// golden DIR: appraises what DIR/case.json describes and compares tier, outcome of the check that the folder
// above is named after, every other check that counts and is not affirming, and all findings with
// DIR/expected.json, exactly.
namespace {

using nlohmann::json;

json judged(const assay::AttestationResult& result, const std::string& check) {
    json out{{"tier", to_string(result.tier)}, {"findings", json::array()}, {"checks", json::array()}};
    for (const auto& each : result.checks) {
        const bool nothing_to_judge = each.tier == assay::Tier::none && !each.required;
        if (each.check != check && (each.tier == assay::Tier::affirming || nothing_to_judge)) continue;
        out["checks"].push_back({{"check", each.check},
                                 {"tier", to_string(each.tier)},
                                 {"basis", to_string(each.basis)},
                                 {"required", each.required},
                                 {"summary", each.summary}});
    }
    for (const auto& finding : result.findings) out["findings"].push_back(to_json(finding));
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 2) throw std::runtime_error("usage: golden DIR");
        auto folder = std::filesystem::path(argv[1]).lexically_normal();
        if (!folder.has_filename()) folder = folder.parent_path();  // given with a slash at its end
        const auto spec = json::parse(assay::test::read_text(folder / "case.json"));
        const auto check = folder.parent_path().filename().string();
        const auto actual = judged(assay::test::case_from(spec).appraise().result, check).dump(2) + "\n";
        if (std::getenv("ASSAY_REBASELINE") != nullptr)
            std::ofstream(folder / "expected.json", std::ios::binary) << actual;
        const auto expected = assay::test::read_text(folder / "expected.json");
        if (actual == expected) return 0;
        std::cout << folder.string() << " is not as expected.\n--- expected\n"
                  << expected << "--- actual\n"
                  << actual
                  << "If the new result is right: ASSAY_REBASELINE=1 ctest -L golden, then read the "
                     "difference before you commit it.\n";
    } catch (const std::exception& error) {
        std::cout << "golden: " << error.what() << "\n";
    }
    return 1;
}

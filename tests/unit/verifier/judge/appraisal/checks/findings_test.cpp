#include "verifier/judge/appraisal/checks/findings.h"

#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

using namespace assay;
using namespace assay::judge;

TEST_CASE("docs/findings.md is what the table of findings says") {
    const std::string path = ASSAY_SOURCE_DIR "/docs/findings.md";
    if (std::getenv("ASSAY_REBASELINE") != nullptr)
        std::ofstream(path, std::ios::binary) << findings_markdown();
    std::ifstream file(path, std::ios::binary);
    const std::string there{std::istreambuf_iterator<char>(file), {}};
    INFO("to print it anew: ASSAY_REBASELINE=1 ctest -R 'docs/findings.md'");
    CHECK(there == findings_markdown());
}

TEST_CASE("every finding declares one sentence, a reason and a remedy, and is found by its id") {
    for (const auto* kind : finding_kinds()) {
        INFO(kind->id);
        CHECK(find_finding(kind->id) == kind);
        CHECK(kind->id.find('.') != std::string_view::npos);
        CHECK(kind->sentence.ends_with("."));
        CHECK(kind->explanation.ends_with("."));
        CHECK(kind->remedy.ends_with("."));
    }
    CHECK(find_finding("no.such") == nullptr);
}

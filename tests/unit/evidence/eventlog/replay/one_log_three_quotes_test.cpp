// One machine's log and three of its quotes: one fits, two do not. Told apart, with the PCR and the reason.
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "evidence/base/hex.h"
#include "evidence/eventlog/replay/event_log_facts.h"
#include "evidence/eventlog/replay/replay.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"

namespace {

using namespace assay;
using namespace assay::tcg;

QuotedBank quoted_in(const std::filesystem::path& file) {
    QuotedBank quoted;
    for (const auto& line : corpus::lines(corpus::read_text(file))) {
        std::istringstream fields(line);
        std::string bank;
        std::string hex;
        std::size_t pcr = 0;
        if (line.starts_with('#') || !(fields >> bank >> pcr >> hex) || bank != "sha256") continue;
        quoted.at(pcr) = Digest::from_bytes(HashAlgorithm::sha256, from_hex(hex, 32).value()).value();
    }
    return quoted;
}

}  // namespace

TEST_CASE("the log of good-1, failed-1 and failed-2 fits the first, and PCR 0 alone tells the others") {
    if (!corpus::present("eventlog")) ASSAY_SKIP("no corpus at " ASSAY_CORPUS_DIR);
    const auto folder = corpus::folder("eventlog") / "immune-guard";
    const std::string name = "x1carbon-good-1-failed-1-failed-2.bin";
    const auto bytes = corpus::read(folder / name);
    if (bytes.empty()) ASSAY_SKIP("no " + name);
    const auto against = [&](const std::string& values) {
        return ReplayedEventLog::against(parse_event_log(bytes).value(), HashAlgorithm::sha256,
                                         quoted_in(folder / "expected" / (name + values)));
    };
    const auto good = against(".upstream-pcrs-of-good-1.tsv");
    for (std::uint32_t pcr = 0; pcr < 8; ++pcr) CHECK(good.comparison(pcr).agreement == PcrAgreement::match);
    CHECK(good.startup_locality() == 3);
    CHECK(secure_boot_state(good).enabled.has_value());
    for (const auto* values : {".upstream-pcrs.tsv", ".upstream-pcrs-of-failed-2.tsv"}) {
        INFO(values);
        const auto failed = against(values);
        CHECK(failed.comparison(0).agreement == PcrAgreement::differs);
        for (std::uint32_t pcr = 1; pcr < 8; ++pcr)
            CHECK(failed.comparison(pcr).agreement == PcrAgreement::match);
        CHECK_FALSE(failed.looks_like_another_boot());
        // The firmware that the TPM saw is not the log's, by more than one event.
        CHECK(failed.comparison(0).hint == DifferenceHint::none);
    }
}

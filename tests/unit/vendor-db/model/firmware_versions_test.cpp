// How real servers write their BIOS versions, against the schemes: the table in docs/formats/firmware.md is
// this test's.
#include <array>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"
#include "vendor-db/model/version_scheme.h"

using namespace assay;
using vendors::VersionScheme;

namespace {

std::string field(const std::string& line, std::size_t wanted) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < wanted; ++i) at = line.find('\t', at) + 1;
    return line.substr(at, line.find('\t', at) - at);
}

struct Counts {
    std::size_t rows = 0, none = 0;
    std::array<std::size_t, 4> of{};
};

Counts count(const std::vector<std::string>& rows, std::size_t column) {
    Counts out;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto text = field(rows[i], column);
        if (text == "-") continue;
        ++out.rows;
        bool any = false;
        for (std::size_t scheme = 0; scheme < out.of.size(); ++scheme) {
            const bool parses = vendors::parse_version(static_cast<VersionScheme>(scheme), text).has_value();
            if (parses) ++out.of[scheme];
            any = any || parses;
        }
        if (!any) ++out.none;
    }
    return out;
}

}  // namespace

TEST_CASE(
    "the page of the schemes counts how real servers write their versions, and nearly every date is one") {
    constexpr std::size_t kVersion = 3;
    constexpr std::size_t kDate = 4;
    const auto file = corpus::folder("smbios") / "linuxhw-dmi" / "server-strings.tsv";
    if (!std::filesystem::exists(file)) ASSAY_SKIP("no corpus of real servers' strings");
    const auto rows = corpus::lines(corpus::read_text(file));
    const auto versions = count(rows, kVersion);
    const auto dates = count(rows, kDate);
    const auto table = fmt::format(
        "| text | rows | dotted | hpe | dell | date | none |\n| --- | --- | --- | --- | --- | --- | --- |\n"
        "| BIOS version | {} | {} | {} | {} | {} | {} |\n| BIOS release date | {} | {} | {} | {} | {} | {} "
        "|\n",
        versions.rows, versions.of[0], versions.of[1], versions.of[2], versions.of[3], versions.none,
        dates.rows, dates.of[0], dates.of[1], dates.of[2], dates.of[3], dates.none);
    INFO(table);
    CHECK(corpus::read_text(ASSAY_SOURCE_DIR "/docs/formats/firmware.md").find(table) != std::string::npos);
    CHECK(versions.rows > 1000);
    CHECK(dates.of[3] * 100 >= dates.rows * 97);
    CHECK(dates.of[0] + dates.of[1] + dates.of[2] <= 1);
}

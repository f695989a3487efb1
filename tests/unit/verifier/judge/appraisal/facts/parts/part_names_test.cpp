// The makers of memory modules, processors and power supplies that real servers print, against the vendor
// data that ships: the second table of docs/vendor-coverage.md.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "evidence/base/text.h"
#include "tests/support/builders/vendor_files.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"
#include "verifier/judge/appraisal/facts/parts/components.h"

namespace assay {
namespace {

using Outcome = vendors::Resolution::Outcome;

struct Counts {
    std::size_t rows = 0, known = 0, by_number = 0, placeholder = 0, unknown = 0;
    std::map<std::string, std::map<std::string, std::size_t>> spellings;  // maker -> spelling -> rows
};

/// As components_of() does with a module: the number in the text first, then the text as a name.
void count(const vendors::VendorDb& db, bool is_memory, const std::string& text, Counts& counts) {
    ++counts.rows;
    auto who = db.resolve(vendors::Namespace::smbios, text);
    if (const auto id = is_memory ? jep106_of_spd_text(text) : std::string(); !id.empty()) {
        if (auto numbered = db.resolve(vendors::Namespace::jep106, id); numbered.outcome == Outcome::known) {
            who = numbered;
            ++counts.by_number;
        }
    }
    if (who.outcome == Outcome::known) ++counts.known;
    if (who.outcome == Outcome::placeholder) ++counts.placeholder;
    if (who.outcome == Outcome::unknown) ++counts.unknown;
    ++counts.spellings[who.outcome == Outcome::known         ? who.entity
                       : who.outcome == Outcome::placeholder ? "(placeholder)"
                                                             : "(unknown)"][text];
}

std::map<std::string, Counts> counted(const vendors::VendorDb& db) {
    std::map<std::string, Counts> out;
    for (const auto& entry : std::filesystem::directory_iterator(corpus::folder("smbios") / "linuxhw-dmi")) {
        if (entry.path().extension() != ".txt") continue;
        std::string section;
        for (const auto& line : corpus::lines(corpus::read_text(entry.path()))) {
            if (!line.empty() && line.front() != '\t') section = line;
            constexpr std::string_view kMaker = "\tManufacturer:";
            if (!line.starts_with(kMaker)) continue;
            if (section != "Memory Device" && section != "Processor Information" &&
                section != "System Power Supply")
                continue;
            count(db, section == "Memory Device", std::string(trimmed(line.substr(kMaker.size()))),
                  out[section]);
        }
    }
    return out;
}

TEST_CASE("nearly all makers of parts that real servers print are known, and SPD hex is read as its number") {
    if (!std::filesystem::exists(corpus::folder("smbios") / "linuxhw-dmi"))
        ASSAY_SKIP("no corpus of real servers' strings");
    const auto db = vendors::load(test::shipped_sources());
    REQUIRE(db);
    std::string table, every;
    for (const auto& [section, counts] : counted(*db)) {
        INFO(section);
        CHECK(counts.rows > 40);
        CHECK((counts.known + counts.placeholder) * 10 >= counts.rows * 8);
        table += fmt::format("| {} | {} | {} | {} | {} | {} |\n", section, counts.rows, counts.known,
                             counts.by_number, counts.placeholder, counts.unknown);
        every += "== " + section + "\n";
        for (const auto& [maker, spellings] : counts.spellings) {
            every += maker + ":";
            for (const auto& [text, rows] : spellings)
                every += fmt::format(" '{}' {},", printable(text), rows);
            every += "\n";
        }
    }
    const auto memory = counted(*db).at("Memory Device");
    CHECK(memory.by_number > 20);
    CHECK(memory.spellings.at("samsung").contains("00CE00B300CE"));
    CHECK(memory.spellings.at("sk-hynix").contains("80AD80B380AD"));
    if (const char* into = std::getenv("ASSAY_PRINT_COVERAGE")) std::ofstream(into) << table << every;
}

}  // namespace
}  // namespace assay

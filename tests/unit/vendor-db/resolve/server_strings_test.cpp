// The names that real servers print, against the vendor data that ships: docs/vendor-coverage.md is this
// test's table.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "evidence/base/text.h"
#include "tests/support/builders/vendor_files.h"
#include "tests/support/machine/corpus.h"
#include "tests/support/machine/skip.h"
#include "vendor-db/model/vendor_db.h"

using namespace assay;
using Outcome = vendors::Resolution::Outcome;

namespace {

struct Column {
    const char* name;
    std::size_t index;
};
constexpr Column kColumns[] = {
    {"BIOS (type 0)", 2}, {"system (type 1)", 6}, {"board (type 2)", 11}, {"chassis (type 3)", 14}};

struct Counts {
    std::size_t rows = 0, known = 0, placeholder = 0, unknown = 0;
    std::map<std::string, std::map<std::string, std::size_t>> by_entity;  // entity -> spelling -> rows
    std::map<std::string, std::size_t> unknown_names;
};

std::vector<std::string> fields(const std::string& line) {
    std::vector<std::string> out(1);
    for (const char c : line) {
        if (c == '\t')
            out.emplace_back();
        else
            out.back() += c;
    }
    return out;
}

Counts count(const std::vector<std::string>& rows, std::size_t column, const vendors::VendorDb& db) {
    Counts out;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto cells = fields(rows[i]);
        if (cells.size() <= column || cells[column] == "-") continue;  // the table has no such structure
        ++out.rows;
        const auto found = db.resolve(vendors::Namespace::smbios, cells[column]);
        if (found.outcome == Outcome::known) {
            ++out.known;
            ++out.by_entity[found.entity][cells[column]];
        } else if (found.outcome == Outcome::placeholder) {
            ++out.placeholder;
        } else {
            ++out.unknown;
            ++out.unknown_names[cells[column]];
        }
    }
    return out;
}

/// What to read when a match looks wrong: every spelling under the maker it was given.
std::string listing(const Counts& counts) {
    std::string out;
    for (const auto& [entity, spellings] : counts.by_entity) {
        out += entity + ":";
        for (const auto& [text, rows] : spellings) out += fmt::format(" '{}' {},", printable(text), rows);
        out += "\n";
    }
    out += "unknown:";
    for (const auto& [text, rows] : counts.unknown_names)
        out += fmt::format(" '{}' {},", printable(text), rows);
    return out + "\n";
}

}  // namespace

TEST_CASE(
    "nine of ten names that real servers print are a maker's or a placeholder, and each match is its maker's "
    "own") {
    const auto file = corpus::folder("smbios") / "linuxhw-dmi" / "server-strings.tsv";
    if (!std::filesystem::exists(file)) ASSAY_SKIP("no corpus of real servers' strings");
    const auto rows = corpus::lines(corpus::read_text(file));
    const auto db = vendors::load(test::shipped_sources());
    REQUIRE(db);
    std::string table =
        "| layer | rows | known | placeholder | unknown | makers | names unknown "
        "|\n|---|---|---|---|---|---|---|\n";
    std::string every;
    for (const auto& [name, index] : kColumns) {
        const auto counts = count(rows, index, *db);
        INFO(name << "\n" << listing(counts));
        CHECK(counts.rows == counts.known + counts.placeholder + counts.unknown);
        CHECK(counts.rows > 1000);
        CHECK((counts.known + counts.placeholder) * 10 >= counts.rows * 9);
        table += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", name, counts.rows, counts.known,
                             counts.placeholder, counts.unknown, counts.by_entity.size(),
                             counts.unknown_names.size());
        every += fmt::format("== {}\n{}", name, listing(counts));
        // A spelling that names another maker than the one it was given would be a false match: every
        // spelling shares its first word with one of the maker's own names.
        for (const auto& [entity, spellings] : counts.by_entity) {
            for (const auto& [text, _] : spellings) {
                const auto normal = vendors::normalised_name(text);
                const auto& identifiers = db->entities().at(entity).identifiers;
                CHECK(std::ranges::any_of(identifiers, [&](const vendors::Identifier& id) {
                    return id.ns == vendors::Namespace::smbios && id.value == normal;
                }));
            }
        }
    }
    if (const char* into = std::getenv("ASSAY_PRINT_COVERAGE")) std::ofstream(into) << table << every;
}

TEST_CASE("the spellings of Inspur on real servers are one maker") {
    const auto file = corpus::folder("smbios") / "linuxhw-dmi" / "server-strings.tsv";
    if (!std::filesystem::exists(file)) ASSAY_SKIP("no corpus of real servers' strings");
    const auto db = vendors::load(test::shipped_sources());
    REQUIRE(db);
    const auto rows = corpus::lines(corpus::read_text(file));
    std::map<std::string, std::size_t> spellings;
    for (const auto& [name, index] : kColumns) spellings.merge(count(rows, index, *db).by_entity["inspur"]);
    for (const auto* each : {"Inspur", "Langchao", "langchao"}) {
        INFO(each);
        CHECK(spellings.contains(each));
    }
    CHECK(db->resolve(vendors::Namespace::smbios, "INSPUR").entity == "inspur");  // on boards of other dumps
}

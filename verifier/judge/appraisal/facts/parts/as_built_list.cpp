#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "evidence/codec/json_reader.h"
#include "evidence/codec/spreadsheet.h"
#include "evidence/wire/delivery_shape.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"

/// The as-built list of a purchase: docs/formats/as-built-list.md.
namespace assay::judge {
namespace {

struct Column {
    std::string_view name;
    std::string DeliveredPart::* member;
};
constexpr std::array<Column, 7> kColumns{{{"class", &DeliveredPart::kind},
                                          {"place", &DeliveredPart::place},
                                          {"manufacturer", &DeliveredPart::maker},
                                          {"model", &DeliveredPart::model},
                                          {"serial", &DeliveredPart::serial},
                                          {"revision", &DeliveredPart::revision},
                                          {"mac", &DeliveredPart::mac}}};
constexpr std::string_view kNames = "class, place, manufacturer, model, serial, revision, mac";
constexpr std::string_view kClasses =
    "system, board, bios, bmc, cpu, memory, drive, nic, pci, gpu, psu, tpm, usb, chassis, or other";

const Column* column_of(std::string_view name) {
    const auto found = std::ranges::find(kColumns, name, &Column::name);
    return found == kColumns.end() ? nullptr : &*found;
}

/// What is wrong with it; empty where nothing is.
std::string problem_of(DeliveredPart& part) {
    if (part.kind != "other" && !component_class(part.kind))
        return fmt::format("class: '{}' is none of {}", printable(part.kind), kClasses);
    for (const auto& column : kColumns) {
        if (const auto good = not_a_spreadsheet_number(part.*column.member); !good)
            return fmt::format("{}: {}", column.name, good.error().context);
    }
    if (!part.mac.empty()) {
        auto digits = mac_digits(part.mac);
        if (digits.empty()) return fmt::format("mac: '{}' is no MAC address", printable(part.mac));
        part.mac = std::move(digits);
    }
    if (part.model.empty() && part.serial.empty() && part.mac.empty())
        return "a part without model, serial and mac says nothing";
    return {};
}

constexpr std::size_t kMostParts = wire::kDeliveredParts;

std::unexpected<Error> too_many() {
    return fail(ErrorCode::limit, fmt::format("more than {} parts", kMostParts));
}

}  // namespace

Result<std::vector<DeliveredPart>> parse_as_built_csv(std::string_view text) {
    const auto at = [](std::size_t line, std::string_view what) {
        return fail(ErrorCode::malformed, fmt::format("line {}: {}", line, what));
    };
    const auto rows = TRY(parse_csv(text));
    if (rows.size() < 2) return at(1, "expected a line of column names and then a part a line, got no part");
    if (rows.size() - 1 > kMostParts) return too_many();
    std::vector<const Column*> columns;
    for (const auto& name : rows.front().fields) {
        const auto* column = column_of(name);
        if (column == nullptr) {
            return at(rows.front().line,
                      fmt::format("column '{}' is not known; the first line names the columns: {}",
                                  printable(name), kNames));
        }
        if (std::ranges::find(columns, column) != columns.end())
            return at(rows.front().line, fmt::format("column '{}' comes twice", name));
        columns.push_back(column);
    }
    if (std::ranges::find(columns, &kColumns.front()) == columns.end())
        return at(rows.front().line, "column 'class' is missing");
    std::vector<DeliveredPart> parts;
    for (std::size_t row = 1; row < rows.size(); ++row) {
        DeliveredPart part;
        for (std::size_t i = 0; i < columns.size(); ++i) part.*(columns[i]->member) = rows[row].fields[i];
        if (const auto problem = problem_of(part); !problem.empty()) return at(rows[row].line, problem);
        parts.push_back(std::move(part));
    }
    return parts;
}

Result<std::vector<DeliveredPart>> parse_as_built_json(std::string_view text) {
    JsonReader list(text, {.name = "part"});
    std::vector<DeliveredPart> parts;
    const auto read = [&](JsonReader& in) {
        if (parts.size() == kMostParts) return in.refuse("", too_many().error());
        DeliveredPart part;
        in.members("", [&](const std::string& name, JsonReader& value) {
            const auto* column = column_of(name);
            if (column == nullptr)
                return value.refuse("", {ErrorCode::malformed, fmt::format("none of {}", kNames), {}});
            const auto raw = value.text_or("", {}, wire::kDeliveredText);
            if (kept_printable(raw) != raw) value.wrong("", "a text without control characters");
            part.*(column->member) = trimmed(raw);
        });
        if (const auto problem = problem_of(part); !problem.empty())
            in.refuse("", {ErrorCode::malformed, problem, {}});
        parts.push_back(std::move(part));
    };
    list.each("", read);
    TRY_VOID(list.finish());
    if (parts.empty()) return fail(ErrorCode::malformed, "expected a list of parts, got none; write [{...}]");
    return parts;
}

}  // namespace assay::judge

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "evidence/codec/json_door.h"
#include "evidence/wire/delivery_shape.h"
#include "verifier/judge/appraisal/facts/parts/delivered_parts.h"

/// The as-built list of a purchase: docs/formats/as-built-list.md.
namespace assay {
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
    const auto list = TRY(parse_json(text));
    if (!list.is_array() || list.empty())
        return fail(ErrorCode::malformed, "expected a list of parts; write [{...}]");
    if (list.size() > kMostParts) return too_many();
    std::vector<DeliveredPart> parts;
    for (const auto& entry : list) {
        const auto at = [&](std::string_view what) {
            return fail(ErrorCode::malformed, fmt::format("part {}: {}", parts.size(), what));
        };
        if (!entry.is_object()) return at(fmt::format("expected an object, got {}", entry.type_name()));
        DeliveredPart part;
        for (const auto& [name, value] : entry.items()) {
            const auto* column = column_of(name);
            if (column == nullptr) return at(fmt::format("'{}' is none of {}", printable(name), kNames));
            if (!value.is_string())
                return at(
                    fmt::format("{}: expected a text, got {}; put it in quotes", name, value.type_name()));
            const auto& raw = value.get_ref<const std::string&>();
            if (raw.size() > wire::kDeliveredText || kept_printable(raw) != raw)
                return at(fmt::format("{}: expected up to {} bytes without control characters, got {}", name,
                                      wire::kDeliveredText,
                                      raw.size() > wire::kDeliveredText ? fmt::format("{} bytes", raw.size())
                                                                        : std::string("some")));
            part.*(column->member) = trimmed(raw);
        }
        if (const auto problem = problem_of(part); !problem.empty()) return at(problem);
        parts.push_back(std::move(part));
    }
    return parts;
}

}  // namespace assay

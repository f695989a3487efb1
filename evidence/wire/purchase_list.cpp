#include "evidence/wire/purchase_list.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "evidence/base/hex.h"
#include "evidence/base/limits.h"
#include "evidence/base/text.h"
#include "evidence/codec/csv.h"
#include "evidence/codec/spreadsheet.h"

namespace assay {
namespace {

struct Column {
    std::string_view name;
    std::string PurchasedHost::* member;
    bool required;
};
constexpr std::array<Column, 6> kColumns{{{"host", &PurchasedHost::host, true},
                                          {"site", &PurchasedHost::site, false},
                                          {"rack", &PurchasedHost::rack, false},
                                          {"unit", &PurchasedHost::unit, false},
                                          {"tpm_digest", &PurchasedHost::tpm_digest, true},
                                          {"chassis_serial", &PurchasedHost::chassis_serial, false}}};

std::unexpected<Error> at(std::size_t line, std::string what) {
    return fail(ErrorCode::malformed, fmt::format("line {}: {}", line, what));
}

using Columns = std::vector<const Column*>;  // in the order of the file

Result<Columns> columns_of(const CsvRow& header) {
    Columns columns;
    for (const auto& name : header.fields) {
        const auto known = std::ranges::find(kColumns, name, &Column::name);
        if (known == kColumns.end()) {
            return at(header.line, fmt::format("column '{}' is not known; the first line names the columns: "
                                               "host, site, rack, unit, tpm_digest, chassis_serial",
                                               printable(name)));
        }
        if (std::ranges::find(columns, &*known) != columns.end())
            return at(header.line, fmt::format("column '{}' comes twice", name));
        columns.push_back(&*known);
    }
    for (const auto& column : kColumns) {
        if (column.required && std::ranges::find(columns, &column) == columns.end())
            return at(header.line, fmt::format("column '{}' is missing", column.name));
    }
    return columns;
}

Result<PurchasedHost> host_of(const CsvRow& row, const Columns& columns) {
    PurchasedHost out;
    out.line = row.line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (const auto good = not_a_spreadsheet_number(row.fields[i]); !good)
            return at(row.line, fmt::format("{}: {}", columns[i]->name, good.error().context));
        out.*(columns[i]->member) = row.fields[i];
    }
    if (!is_enrolment_name(out.host)) {
        return at(row.line,
                  fmt::format("host: expected 1 to 253 of a-z 0-9 . - _, first and last a letter or digit, "
                              "got '{}'",
                              printable(out.host)));
    }
    auto digest = normal_tpm_digest(out.tpm_digest);
    if (!digest) return at(row.line, "tpm_digest: " + digest.error().context);
    out.tpm_digest = *std::move(digest);
    return out;
}

bool is_lower_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_enrolment_name(std::string_view text) {
    if (text.empty() || text.size() > limits::kHostName) return false;
    if (!is_lower_alphanumeric(text.front()) || !is_lower_alphanumeric(text.back())) return false;
    return std::ranges::all_of(
        text, [](char c) { return is_lower_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

Result<std::string> normal_tpm_digest(std::string_view text) {
    std::string digest;
    for (const char c : lower(text)) {
        if (c == ':') continue;
        if (kHexDigits.find(c) == std::string_view::npos || digest.size() == kSha256Digits) {
            digest.clear();
            break;
        }
        digest += c;
    }
    if (digest.size() != kSha256Digits) {
        return fail(
            ErrorCode::malformed,
            "expected a SHA-256 of 64 hex digits: of the EK certificate (openssl x509 -in EK.pem -outform "
            "DER | sha256sum), or of the EK itself");
    }
    return digest;
}

Result<std::vector<PurchasedHost>> parse_purchase_list(std::string_view csv) {
    const auto rows = TRY(parse_csv(csv, {.comments = true}));
    if (rows.size() < 2)
        return fail(ErrorCode::malformed, "line 1: expected a line of column names and a host a line");
    const auto columns = TRY(columns_of(rows.front()));
    std::vector<PurchasedHost> hosts;
    std::map<std::string, std::size_t> names;  // to their lines
    std::map<std::string, std::size_t> digests;
    for (const auto& row : std::span(rows).subspan(1)) {
        auto host = TRY(host_of(row, columns));
        if (const auto [first, added] = names.emplace(host.host, row.line); !added)
            return at(row.line, fmt::format("host: '{}' is in line {} already", host.host, first->second));
        if (const auto [first, added] = digests.emplace(host.tpm_digest, row.line); !added) {
            return at(row.line,
                      fmt::format("tpm_digest: it is that of line {}; one TPM is one host", first->second));
        }
        hosts.push_back(std::move(host));
    }
    return hosts;
}

}  // namespace assay

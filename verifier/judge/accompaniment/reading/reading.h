#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/codec/json_reader.h"
#include "verifier/judge/accompaniment/order.h"
#include "verifier/judge/accompaniment/reading/case.h"
#include "verifier/judge/accompaniment/receipt.h"

/// What the readers of case files share. Not for anybody else.
namespace assay::accompaniment::reading {

/// A case's file: 64 MiB, five million values.
inline constexpr JsonForm kFile{.limits = {.bytes = 64U << 20U, .depth = 16, .values = 5'000'000},
                                .nulls = true};

/// SHA-256 of the canonical form (members sorted, no white space), in hex.
std::string digest_of(std::string_view text);

/// Parses `json` and reads its one object; the first complaint is the error.
template <typename Read>
Result<> file(std::string_view json, Read&& read) {
    JsonReader in(json, kFile);
    read(in);
    return in.finish();
}

/// A time with its offset; 0 after a complaint.
Millis instant(JsonReader& in, std::string_view key);
std::optional<Millis> maybe_instant(JsonReader& in, std::string_view key);

/// A member that only the verifier writes, as it was received: in what is imported it is a complaint, and
/// false.
bool verifiers(JsonReader& in, std::string_view key, Source source);
/// "received_at", kAtItsOwnTime where it is absent.
Millis received_at(JsonReader& in, Source source);
/// The same with "hand".
Receipt receipt(JsonReader& in, Source source);
/// With "hands" and "until" too.
Known known(JsonReader& in, Source source);

/// A complaint where `text`, which names a part, a host, a person or a row, is a number that a spreadsheet
/// made of it. Only in what is imported: what was taken before that was asked can still be read.
void no_spreadsheet_number(JsonReader& in, std::string_view key, std::string_view text, Source source);

/// What is given where either one moment or both of its ends are expected.
inline std::string_view times_got(bool moment, bool from, bool to) {
    return moment ? "both" : from || to ? "one end alone" : "neither";
}

std::vector<DeviceKind> kinds(JsonReader& fields, std::string_view key);
std::optional<DeviceKind> kind(std::string_view name);
DeviceRule device_rule(JsonReader& fields);
std::vector<DeviceRule> device_rules(JsonReader& fields, std::string_view key);

}  // namespace assay::accompaniment::reading

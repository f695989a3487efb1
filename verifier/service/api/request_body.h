#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "evidence/base/result.h"
#include "evidence/codec/json_reader.h"
#include "verifier/service/api/http.h"

/// What a request brings: its JSON body, and its query.
namespace assay::api {

/// How a body is read: whole, and no complaint repeats what may be a secret.
inline constexpr JsonForm kBody{.name = "body", .secret = true};

/// 1 to `most` bytes without control characters.
std::string plain_text(JsonReader& body, std::string_view key, std::size_t most);
/// The same, or empty where the member is missing or empty.
std::string plain_text_or_none(JsonReader& body, std::string_view key, std::size_t most);
/// A host name: 1 to 253 of a-z 0-9 . - _, beginning and ending with a letter or digit.
std::string host_name(JsonReader& body, std::string_view key);

/// The query of a GET, read in the same manner.
class Query {
  public:
    explicit Query(const Request& request) : request_(request) {}
    std::optional<std::string> text(const std::string& name, std::size_t limit);
    std::optional<std::int64_t> integer(const std::string& name, std::int64_t least, std::int64_t most);
    [[nodiscard]] Result<> finish() const;

  private:
    const Request& request_;
    std::set<std::string> read_;
    std::optional<Error> error_;
};

}  // namespace assay::api

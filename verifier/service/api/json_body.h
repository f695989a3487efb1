#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"
#include "verifier/service/api/http.h"

namespace assay::api {

/// The JSON object that came as a body, read field by field with types and limits. The first error sticks;
/// ask once, with `finish`, which also refuses fields that nobody read.
class JsonBody {
  public:
    explicit JsonBody(const Request& request);

    /// 1 to `limit` bytes of UTF-8 without control characters.
    std::string text(const std::string& name, std::size_t limit);
    /// The same, or empty where the field is missing or empty.
    std::string optional_text(const std::string& name, std::size_t limit);
    /// A host name: 1 to 253 of a-z 0-9 . - _, beginning and ending with a letter or digit.
    std::string host_name(const std::string& name);
    /// base64url, 1 to `limit` bytes.
    Bytes bytes(const std::string& name, std::size_t limit);
    /// The same, or empty where the field is missing.
    Bytes optional_bytes(const std::string& name, std::size_t limit);
    std::vector<Bytes> list_of_bytes(const std::string& name, std::size_t count, std::size_t limit);
    /// The same, or none where the field is missing.
    std::vector<Bytes> optional_list_of_bytes(const std::string& name, std::size_t count, std::size_t limit);
    /// An object of at most `count` texts of at most `limit` bytes each.
    std::map<std::string, std::string> texts_by_name(const std::string& name, std::size_t count,
                                                     std::size_t limit);
    std::int64_t optional_integer(const std::string& name, std::int64_t least, std::int64_t most,
                                  std::int64_t otherwise);

    [[nodiscard]] Result<> finish() const;

  private:
    const nlohmann::json* field(const std::string& name, bool required);
    void refuse(const std::string& name, std::string_view said);

    nlohmann::json body_;
    std::set<std::string> read_;
    std::optional<Error> error_;
};

/// The query of a GET, in the same manner.
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

bool is_host_name(std::string_view text);

}  // namespace assay::api

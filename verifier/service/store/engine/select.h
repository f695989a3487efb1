#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "verifier/service/store/engine/query.h"

/// A SELECT whose WHERE has what is asked for and nothing else, so that the engine can use an index for it.
namespace assay::store {

/// Text of ours: only what the compiler sees can become SQL.
class Sql {
  public:
    consteval Sql(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor)
    [[nodiscard]] std::string_view text() const { return text_; }

  private:
    std::string_view text_;
};

/// Must live as long as the statement that it prepares. Each condition names its own placeholder: two with
/// the same name would be one value.
class Select {
  public:
    using Value = std::variant<std::string, std::int64_t>;

    /// `query`: "SELECT ... FROM ...", without a WHERE.
    explicit Select(Sql query) : text_(query.text()) {}
    /// `columns`: "SELECT ...", of the tables `from`: " FROM ...".
    Select(Sql columns, Sql from) : text_(columns.text()) { text_.append(from.text()); }

    Select& where(Sql condition) {
        return add(std::exchange(has_where_, true) ? " AND " : " WHERE ", condition);
    }
    Select& where(Sql condition, Value value) {
        values_.push_back(std::move(value));
        return where(condition);
    }
    /// One value for two placeholders of different names.
    Select& where_either(Sql condition, const std::optional<std::string>& value) {
        if (!value) return *this;
        values_.emplace_back(*value);
        return where(condition, *value);
    }
    /// Nothing where nothing is asked for.
    template <typename T>
    Select& where_if(Sql condition, const std::optional<T>& value) {
        return value ? where(condition, *value) : *this;
    }
    Select& group_by(Sql columns) { return add(" GROUP BY ", columns); }
    Select& order_by(Sql columns) { return add(" ORDER BY ", columns); }
    /// The last of all.
    Select& limit(std::int64_t most) {
        text_.append(" LIMIT :most");
        values_.emplace_back(most);
        return *this;
    }

    [[nodiscard]] const std::string& text() const { return text_; }

    [[nodiscard]] Statement on(soci::session& sql) const {
        Statement statement(sql, text_);
        for (const auto& value : values_) std::visit([&](const auto& it) { statement.bind(it); }, value);
        return statement;
    }

  private:
    Select& add(std::string_view keyword, Sql text) {
        text_.append(keyword).append(text.text());
        return *this;
    }

    std::string text_;
    bool has_where_ = false;
    std::deque<Value> values_;  // bound where they stand
};

}  // namespace assay::store

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <soci/soci.h>

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
    /// `query`: "SELECT ... FROM ...", without a WHERE.
    explicit Select(Sql query) : text_(query.text()) {}

    Select& where(Sql condition) { return add(condition); }
    Select& where(Sql condition, std::string value) { return add(condition, std::move(value)); }
    Select& where(Sql condition, std::int64_t value) { return add(condition, value); }
    /// One value for two placeholders of different names.
    Select& where_either(Sql condition, const std::optional<std::string>& value) {
        if (!value) return *this;
        add(condition, *value);
        values_.emplace_back(*value);
        return *this;
    }
    /// Nothing where nothing is asked for.
    template <typename T>
    Select& where_if(Sql condition, const std::optional<T>& value) {
        return value ? where(condition, *value) : *this;
    }
    Select& group_by(Sql columns);
    Select& order_by(Sql columns);
    /// The last of all.
    Select& limit(std::int64_t most);

    [[nodiscard]] const std::string& text() const { return text_; }

    /// Ready to be executed; `into`: soci::into(...) for each column. Throws.
    template <typename... Into>
    soci::statement prepare(soci::session& sql, Into&&... into) {
        soci::statement statement(sql);
        for (const auto& value : values_)
            std::visit([&](const auto& it) { statement.exchange(soci::use(it)); }, value);
        (statement.exchange(std::forward<Into>(into)), ...);
        statement.alloc();
        statement.prepare(text_);
        statement.define_and_bind();
        return statement;
    }

  private:
    using Value = std::variant<std::string, std::int64_t>;
    Select& add(Sql condition, std::optional<Value> value = std::nullopt);

    std::string text_;
    bool has_where_ = false;
    std::deque<Value> values_;  // bound where they stand
};

}  // namespace assay::store

#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <soci/soci.h>

#include "evidence/base/result.h"

namespace assay::store {

/// What a column is read into: text, or an integer, which crosses with 64 bits (bool: 0 and 1).
template <typename T>
class Column {
  public:
    explicit Column(T& target) : target_(target) {}
    auto into() {
        if constexpr (kCrosses)
            return soci::into(target_);
        else
            return soci::into(read_);
    }
    void take() {
        if constexpr (!kCrosses) target_ = static_cast<T>(read_);
    }

  private:
    static constexpr bool kCrosses = !std::integral<T> || std::same_as<T, std::int64_t>;
    T& target_;
    std::int64_t read_ = 0;
};

/// One statement, run once. What it reads goes into the variables that are given for its columns, in their
/// order. Everything throws.
class Statement {
  public:
    Statement(soci::session& sql, std::string text) : statement_(sql), text_(std::move(text)) {}

    /// The value of the next placeholder; it must stay where it is.
    template <typename T>
    void bind(const T& value) {
        statement_.exchange(soci::use(value));
    }

    /// How many rows it changed.
    long long run() {
        prepare();
        statement_.execute(true);
        return statement_.get_affected_rows();
    }
    /// False where there is no row: then the variables are as they were.
    template <typename... Columns>
    bool one(Columns&... columns) {
        std::tuple targets{Column<Columns>(columns)...};
        define(targets);
        if (!statement_.execute(true)) return false;
        take(targets);
        return true;
    }
    /// Calls `done()` after each row.
    template <typename Done, typename... Columns>
    void each(Done&& done, Columns&... columns) {
        std::tuple targets{Column<Columns>(columns)...};
        define(targets);
        statement_.execute();
        while (statement_.fetch()) {
            take(targets);
            done();
        }
    }
    /// `columns`: from a Row the std::tie of what is read into it.
    template <typename Row, typename Columns>
    std::optional<Row> first(Columns columns) {
        Row row{};
        const bool there = std::apply([&](auto&... column) { return one(column...); }, columns(row));
        return there ? std::optional(std::move(row)) : std::nullopt;
    }
    template <typename Row, typename Columns>
    std::vector<Row> rows(Columns columns) {
        Row row{};
        std::vector<Row> out;
        std::apply([&](auto&... column) { each([&] { out.push_back(row); }, column...); }, columns(row));
        return out;
    }
    /// Of one column.
    template <typename T>
    std::vector<T> values() {
        return rows<T>([](T& value) { return std::tie(value); });
    }

  private:
    void prepare() {
        statement_.alloc();
        statement_.prepare(text_);
        statement_.define_and_bind();
    }
    template <typename... Columns>
    void define(std::tuple<Column<Columns>...>& targets) {
        std::apply([&](auto&... target) { (statement_.exchange(target.into()), ...); }, targets);
        prepare();
    }
    template <typename... Columns>
    static void take(std::tuple<Column<Columns>...>& targets) {
        std::apply([](auto&... target) { (target.take(), ...); }, targets);
    }

    soci::statement statement_;
    std::string text_;
};

inline const std::string& as_column(const std::string& value) {
    return value;
}
inline std::string as_column(std::string_view value) {
    return std::string(value);
}
std::int64_t as_column(std::integral auto value) {
    return static_cast<std::int64_t>(value);
}

/// A statement and the values for its placeholders, in their order: `Query(sql, "...", a, b).run()`. To be
/// used within the expression that makes it.
template <typename... Values>
class Query : public Statement {
  public:
    Query(soci::session& sql, std::string text, const Values&... values)
        : Statement(sql, std::move(text)), values_(as_column(values)...) {
        std::apply([&](const auto&... value) { (bind(value), ...); }, values_);
    }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

  private:
    std::tuple<decltype(as_column(std::declval<const Values&>()))...> values_;
};

/// An INSERT, UPDATE or DELETE with the values for its placeholders. How many rows it changed.
template <typename... Values>
long long execute(soci::session& sql, std::string text, const Values&... values) {
    return Query(sql, std::move(text), values...).run();
}

/// What a SELECT of one number gives; 0 where there is no row.
template <typename... Values>
std::int64_t number(soci::session& sql, std::string text, const Values&... values) {
    std::int64_t out = 0;
    Query(sql, std::move(text), values...).one(out);
    return out;
}

/// `not_found`, saying `otherwise`, where there is none.
template <typename Row>
Result<Row> found(std::optional<Row> row, std::string otherwise) {
    if (!row) return fail(ErrorCode::not_found, std::move(otherwise));
    return *std::move(row);
}

}  // namespace assay::store

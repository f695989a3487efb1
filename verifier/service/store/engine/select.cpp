#include "verifier/service/store/engine/select.h"

namespace assay::store {

Select& Select::add(Sql condition, std::optional<Value> value) {
    text_.append(has_where_ ? " AND " : " WHERE ").append(condition.text());
    has_where_ = true;
    if (value) values_.push_back(*std::move(value));
    return *this;
}

Select& Select::group_by(Sql columns) {
    text_.append(" GROUP BY ").append(columns.text());
    return *this;
}

Select& Select::order_by(Sql columns) {
    text_.append(" ORDER BY ").append(columns.text());
    return *this;
}

Select& Select::limit(std::int64_t most) {
    text_.append(" LIMIT :most");
    values_.emplace_back(most);
    return *this;
}

}  // namespace assay::store

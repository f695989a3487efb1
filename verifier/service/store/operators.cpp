#include "verifier/service/store/operators.h"

#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

constexpr const char* kSelectOperator =
    "SELECT certificate, name, role, created_at, revoked_at, person, feed FROM operators";

auto operator_columns(Operator& row) {
    return std::tie(row.certificate, row.name, row.role, row.created_at, row.revoked_at, row.person,
                    row.feed);
}

}  // namespace

Result<> Operators::add(const Operator& who) {
    return database_.write([&](soci::session& sql) -> Result<> {
        const auto rows = execute(
            sql,
            "INSERT INTO operators (certificate, name, role, created_at, revoked_at, person, feed) VALUES "
            "(:certificate, :name, :role, :created_at, 0, :person, :feed) ON CONFLICT DO NOTHING",
            who.certificate, who.name, who.role, who.created_at, who.person, who.feed);
        if (rows != 1) return fail(ErrorCode::conflict, "an operator with this certificate is there already");
        return {};
    });
}

Result<Operator> Operators::find(const std::string& certificate) {
    return database_.read([&](soci::session& sql) {
        return found(
            Query(sql, std::string(kSelectOperator) + " WHERE certificate = :certificate", certificate)
                .first<Operator>(operator_columns),
            "no operator has this certificate");
    });
}

Result<std::vector<Operator>> Operators::list() {
    return database_.read([&](soci::session& sql) {
        return Query(sql, std::string(kSelectOperator) + " ORDER BY name, certificate")
            .rows<Operator>(operator_columns);
    });
}

Result<> Operators::revoke(const std::string& certificate, std::int64_t now) {
    return database_.write([&](soci::session& sql) -> Result<> {
        const auto rows = execute(sql,
                                  "UPDATE operators SET revoked_at = :now "
                                  "WHERE certificate = :certificate AND revoked_at = 0",
                                  now, certificate);
        if (rows != 1) return fail(ErrorCode::not_found, "no valid operator has this certificate");
        return {};
    });
}

}  // namespace assay::store

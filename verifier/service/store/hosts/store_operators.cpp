#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/store.h"

namespace assay::store {
namespace {

constexpr const char* kSelectOperator =
    "SELECT certificate, name, role, created_at, revoked_at FROM operators";

}  // namespace

Result<> Store::add_operator(const Operator& who) {
    return database_->write([&](soci::session& sql) -> Result<> {
        const auto rows = rows_changed(
            sql,
            "INSERT INTO operators (certificate, name, role, created_at, revoked_at) "
            "VALUES (:certificate, :name, :role, :created_at, 0) ON CONFLICT DO NOTHING",
            soci::use(who.certificate), soci::use(who.name), soci::use(who.role), soci::use(who.created_at));
        if (rows != 1) return fail(ErrorCode::conflict, "an operator with this certificate is there already");
        return {};
    });
}

Result<Operator> Store::find_operator(const std::string& certificate) {
    return database_->read([&](soci::session& sql) -> Result<Operator> {
        Operator who;
        sql << std::string(kSelectOperator) + " WHERE certificate = :certificate", soci::use(certificate),
            soci::into(who.certificate), soci::into(who.name), soci::into(who.role),
            soci::into(who.created_at), soci::into(who.revoked_at);
        if (!sql.got_data()) return fail(ErrorCode::not_found, "no operator has this certificate");
        return who;
    });
}

Result<std::vector<Operator>> Store::operators() {
    return database_->read([&](soci::session& sql) -> Result<std::vector<Operator>> {
        std::vector<Operator> all;
        Operator who;
        soci::statement statement =
            (sql.prepare << std::string(kSelectOperator) + " ORDER BY name, certificate",
             soci::into(who.certificate), soci::into(who.name), soci::into(who.role),
             soci::into(who.created_at), soci::into(who.revoked_at));
        statement.execute();
        while (statement.fetch()) all.push_back(who);
        return all;
    });
}

Result<> Store::revoke_operator(const std::string& certificate, std::int64_t now) {
    return database_->write([&](soci::session& sql) -> Result<> {
        const auto rows = rows_changed(sql,
                                       "UPDATE operators SET revoked_at = :now "
                                       "WHERE certificate = :certificate AND revoked_at = 0",
                                       soci::use(now), soci::use(certificate));
        if (rows != 1) return fail(ErrorCode::not_found, "no valid operator has this certificate");
        return {};
    });
}

}  // namespace assay::store

#include "verifier/service/store/operators.h"

#include "evidence/base/digest.h"
#include "evidence/codec/json_writer.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {
namespace {

constexpr std::int64_t kSecond_ms = 1000;
constexpr std::int64_t kRefusalsApart_ms = 3600 * kSecond_ms;

constexpr const char* kSelectOperator =
    "SELECT certificate, name, role, created_at, revoked_at, person, feed FROM operators";

auto operator_columns(Operator& row) {
    return std::tie(row.certificate, row.name, row.role, row.created_at, row.revoked_at, row.person,
                    row.feed);
}

std::optional<Operator> operator_of(soci::session& sql, const std::string& certificate) {
    return Query(sql, std::string(kSelectOperator) + " WHERE certificate = :certificate", certificate)
        .first<Operator>(operator_columns);
}

std::string subject_of(const std::string& certificate) {
    return "certificate:" + certificate;
}

void write_operator_act(soci::session& sql, ActKind kind, const Operator& who, const std::string& hand,
                        std::int64_t now_ms) {
    const auto place = write_act(
        sql,
        {.kind = kind,
         .hand = hand,
         .subject = subject_of(who.certificate),
         .object = object_of(who),
         .document =
             Json{{"feed", who.feed}, {"name", who.name}, {"person", who.person}, {"role", who.role}}.dump()},
        now_ms);
    execute(sql, "UPDATE operators SET act = :act WHERE certificate = :certificate", place.number,
            who.certificate);
}

/// The row says what the newest act of its certificate says.
bool is_as_acted(soci::session& sql, const Operator& who) {
    std::string kind, object;
    Query(sql,
          "SELECT kind, object FROM acts WHERE subject = :subject AND kind <> 'operator.refused' ORDER BY "
          "number "
          "DESC LIMIT 1",
          subject_of(who.certificate))
        .one(kind, object);
    const auto acted = who.revoked_at == 0 ? ActKind::operator_added : ActKind::operator_revoked;
    return kind == to_string(acted) && object == object_of(who);
}

}  // namespace

std::string object_of(const Operator& who) {
    const Json said{{"certificate", who.certificate},
                    {"feed", who.feed},
                    {"name", who.name},
                    {"person", who.person},
                    {"role", who.role}};
    return sha256(as_view(said.dump())).hex();
}

void begin_operators(soci::session& sql, std::int64_t now_ms) {
    const auto all =
        Query(sql, std::string(kSelectOperator) + " ORDER BY certificate").rows<Operator>(operator_columns);
    for (const auto& who : all)
        write_operator_act(sql, who.revoked_at == 0 ? ActKind::operator_added : ActKind::operator_revoked,
                           who, "verifier", now_ms);
}

Result<> Operators::add(const Operator& who, const std::string& hand) {
    return database_.write([&](soci::session& sql) -> Result<> {
        const auto rows = execute(
            sql,
            "INSERT INTO operators (certificate, name, role, created_at, revoked_at, person, feed) VALUES "
            "(:certificate, :name, :role, :created_at, 0, :person, :feed) ON CONFLICT DO NOTHING",
            who.certificate, who.name, who.role, who.created_at, who.person, who.feed);
        if (rows != 1) return fail(ErrorCode::conflict, "an operator with this certificate is there already");
        write_operator_act(sql, ActKind::operator_added, who, hand, who.created_at * kSecond_ms);
        return {};
    });
}

Result<Operator> Operators::find(const std::string& certificate) {
    return database_.read([&](soci::session& sql) -> Result<Operator> {
        auto who = TRY(found(operator_of(sql, certificate), "no operator has this certificate"));
        if (!is_as_acted(sql, who)) return fail(ErrorCode::refused, "no act gave this certificate its role");
        return who;
    });
}

Result<> Operators::note_refused(const std::string& certificate, std::int64_t now) {
    return database_.write([&](soci::session& sql) -> Result<> {
        const auto subject = subject_of(certificate);
        const auto last = number(
            sql,
            "SELECT COALESCE(MAX(at_ms), 0) FROM acts WHERE subject = :subject AND kind = 'operator.refused'",
            subject);
        const auto now_ms = now * kSecond_ms;
        if (last != 0 && last > now_ms - kRefusalsApart_ms) return {};
        write_act(sql,
                  {.kind = ActKind::operator_refused,
                   .hand = "verifier",
                   .subject = subject,
                   .object = certificate},
                  now_ms);
        return {};
    });
}

Result<std::vector<Operator>> Operators::list() {
    return database_.read([&](soci::session& sql) {
        return Query(sql, std::string(kSelectOperator) + " ORDER BY name, certificate")
            .rows<Operator>(operator_columns);
    });
}

Result<> Operators::revoke(const std::string& certificate, const std::string& hand, std::int64_t now) {
    return database_.write([&](soci::session& sql) -> Result<> {
        const auto rows = execute(sql,
                                  "UPDATE operators SET revoked_at = :now "
                                  "WHERE certificate = :certificate AND revoked_at = 0",
                                  now, certificate);
        const auto who = operator_of(sql, certificate);
        if (rows != 1 || !who) return fail(ErrorCode::not_found, "no valid operator has this certificate");
        write_operator_act(sql, ActKind::operator_revoked, *who, hand, now * kSecond_ms);
        return {};
    });
}

}  // namespace assay::store

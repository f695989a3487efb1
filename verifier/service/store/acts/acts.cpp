#include <algorithm>
#include <array>
#include <chrono>

#include "evidence/base/hex.h"
#include "verifier/judge/ledger/act_chain.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/database.h"
#include "verifier/service/store/engine/query.h"
#include "verifier/service/store/engine/select.h"
#include "verifier/service/store/migrations.h"
#include "verifier/service/store/operators.h"

namespace assay::store {
namespace {

constexpr std::array kActKinds = {
#define ACT(name, kind, says) std::string_view(kind),
#include "verifier/service/store/acts/act_kinds.inc"
#undef ACT
};

constexpr const char* kNewestAct = "SELECT number, at_ms, head FROM acts ORDER BY number DESC LIMIT 1";

/// No function of PostgreSQL has this number; only one writer adds to the chain at a time. SQLite's
/// transaction holds everything already.
constexpr const char* kLockChain = "SELECT CAST(pg_advisory_xact_lock(4702111234474983746) AS TEXT)";

}  // namespace

std::string_view to_string(ActKind kind) {
    return kActKinds.at(static_cast<std::size_t>(kind));
}

ActPlace write_act(soci::session& sql, const Act& act, std::int64_t now_ms) {
    std::string ignored;
    if (sql.get_backend_name() == "postgresql") Query(sql, kLockChain).one(ignored);
    ActPlace before;
    auto head = judge::empty_chain().hex();
    Query(sql, kNewestAct).one(before.number, before.at_ms, head);
    const ActPlace place{before.number + 1, std::max(now_ms, before.at_ms)};
    // A head that somebody made unreadable: work goes on, and whoever verifies the chain finds it broken
    // here.
    const auto stands_on =
        Digest::from_bytes(HashAlgorithm::sha256, from_hex(head, head.size()).value_or(Bytes()))
            .value_or(judge::empty_chain());
    const auto entry = judge::entry_of({.number = place.number,
                                        .at_ms = place.at_ms,
                                        .kind = std::string(to_string(act.kind)),
                                        .hand = act.hand,
                                        .subject = act.subject,
                                        .object = act.object,
                                        .document = sha256(as_view(act.document))});
    head = judge::head_after(stands_on, entry).hex();
    execute(sql,
            "INSERT INTO acts (number, at_ms, kind, hand, subject, object, document, head) VALUES (:number, "
            ":at_ms, :kind, :hand, :subject, :object, :document, :head)",
            place.number, place.at_ms, to_string(act.kind), act.hand, act.subject, act.object, act.document,
            head);
    return place;
}

Result<> begin_acts(soci::session& sql) {
    using namespace std::chrono;
    const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    write_act(sql, {.kind = ActKind::chain_begun, .hand = "verifier", .subject = "chain"}, now);
    begin_operators(sql, now);
    return {};
}

Result<ChainHead> Acts::head() {
    return database_.read([&](soci::session& sql) -> Result<ChainHead> {
        ChainHead out;
        std::int64_t at_ms = 0;
        Query(sql, kNewestAct).one(out.number, at_ms, out.head);
        return out;
    });
}

Result<std::optional<std::string>> Acts::head_at(std::int64_t number) {
    return database_.read([&](soci::session& sql) -> Result<std::optional<std::string>> {
        std::string head;
        if (!Query(sql, "SELECT head FROM acts WHERE number = :number", number).one(head))
            return std::nullopt;
        return head;
    });
}

Result<std::vector<StoredAct>> Acts::list(const ActQuery& query) {
    return database_.read([&](soci::session& sql) -> Result<std::vector<StoredAct>> {
        Select select("SELECT number, at_ms, kind, hand, subject, object, document, head FROM acts");
        select.where_if("number > :after", query.after);
        select.where_if("at_ms >= :since", query.since_ms);
        select.where_if("subject = :subject", query.subject);
        select.where_if("hand = :hand", query.hand);
        select.where_if("kind = :kind", query.kind);
        StoredAct row;
        std::vector<StoredAct> out;
        select.order_by("number")
            .limit(query.limit)
            .on(sql)
            .each([&] { out.push_back(row); }, row.number, row.at_ms, row.kind, row.hand, row.subject,
                  row.object, row.document, row.head);
        return out;
    });
}

}  // namespace assay::store

#include <algorithm>
#include <array>
#include <chrono>

#include "evidence/base/hex.h"
#include "evidence/codec/json_writer.h"
#include "verifier/judge/ledger/act_chain.h"
#include "verifier/service/store/acts/act.h"
#include "verifier/service/store/acts/audit.h"
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

constexpr const char* kNewestAct =
    "SELECT number, at_ms, head FROM acts WHERE number = (SELECT MAX(number) FROM acts)";

// A head that somebody made unreadable is as none: work goes on, and whoever verifies the chain finds it
// broken there.
Digest digest_of(const std::string& hex) {
    return Digest::from_bytes(HashAlgorithm::sha256, from_hex(hex, hex.size()).value_or(Bytes()))
        .value_or(judge::empty_chain());
}

auto act_columns(StoredAct& row) {
    return std::tie(row.number, row.at_ms, row.kind, row.hand, row.subject, row.object, row.document,
                    row.head);
}

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
    const auto entry = judge::entry_of({.number = place.number,
                                        .at_ms = place.at_ms,
                                        .kind = std::string(to_string(act.kind)),
                                        .hand = act.hand,
                                        .subject = act.subject,
                                        .object = act.object,
                                        .document = sha256(as_view(act.document))});
    head = judge::head_after(digest_of(head), entry).hex();
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
    constexpr std::size_t kDigits = 16;  // enough to vouch for rows that nobody could choose
    Json rows = Json::object();
    for (const auto& [what, digest] : rows_of_before(sql)) rows[what] = digest.substr(0, kDigits);
    write_act(sql,
              {.kind = ActKind::chain_begun,
               .hand = "verifier",
               .subject = "chain",
               .document = Json{{"rows", std::move(rows)}}.dump()},
              now);
    begin_operators(sql, now);
    return {};
}

std::optional<ActHead> RecentHead::get() const {
    const std::scoped_lock lock(mutex_);
    if (!read_at_ || std::chrono::steady_clock::now() - *read_at_ >= std::chrono::seconds(1))
        return std::nullopt;
    return head_;
}

void RecentHead::put(const ActHead& head) {
    const std::scoped_lock lock(mutex_);
    head_ = head;
    read_at_ = std::chrono::steady_clock::now();
}

Result<ActPlace> Acts::write(const Act& act, std::int64_t now_ms) {
    return database_.write(
        [&](soci::session& sql) -> Result<ActPlace> { return write_act(sql, act, now_ms); });
}

Result<ActHead> Acts::head() {
    auto out = TRY(database_.read([&](soci::session& sql) -> Result<ActHead> {
        ActHead head;
        std::int64_t at_ms = 0;
        std::string hex;
        Query(sql, kNewestAct).one(head.number, at_ms, hex);
        head.head = digest_of(hex);
        return head;
    }));
    recent_.put(out);
    return out;
}

Result<ActHead> Acts::recent(std::int64_t at_least) {
    const auto recent = recent_.get();
    return recent && recent->number >= at_least ? *recent : head();
}

Result<std::optional<Digest>> Acts::head_at(std::int64_t number) {
    return database_.read([&](soci::session& sql) -> Result<std::optional<Digest>> {
        std::string head;
        if (!Query(sql, "SELECT head FROM acts WHERE number = :number", number).one(head))
            return std::nullopt;
        return digest_of(head);
    });
}

Result<std::optional<StoredAct>> Acts::newest_of_chain(const std::string& kind) {
    return database_.read([&](soci::session& sql) -> Result<std::optional<StoredAct>> {
        return Query(sql,
                     "SELECT number, at_ms, kind, hand, subject, object, document, head FROM acts WHERE "
                     "subject = 'chain' AND kind = :kind ORDER BY number DESC LIMIT 1",
                     kind)
            .first<StoredAct>(act_columns);
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
        return select.order_by("number").limit(query.limit).on(sql).rows<StoredAct>(act_columns);
    });
}

}  // namespace assay::store

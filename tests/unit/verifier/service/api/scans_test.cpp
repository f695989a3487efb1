#include <algorithm>
#include <mutex>
#include <numeric>

#include <sqlite3.h>

#include "tests/unit/verifier/service/casework/site_world.h"
#include "verifier/judge/devices/judged_matter.h"
#include "verifier/service/store/engine/database.h"

using namespace assay;
using namespace assay::judge;
using namespace assay::api;
using namespace assay::test;

namespace {

/// What each SQLite connection that is opened from now on runs.
class SqlRecorder {
  public:
    struct Ran {
        std::string sql;
        std::int64_t steps = 0;  ///< of SQLite's machine: its work, whatever the clock says
    };

    SqlRecorder() {
        recorder_ = this;
        sqlite3_auto_extension(entry());
    }
    ~SqlRecorder() {
        sqlite3_cancel_auto_extension(entry());
        recorder_ = nullptr;
    }
    SqlRecorder(const SqlRecorder&) = delete;
    SqlRecorder& operator=(const SqlRecorder&) = delete;

    std::vector<Ran> take() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(ran_, {});
    }

  private:
    using Entry = void (*)();
    static Entry entry() {
        return reinterpret_cast<Entry>(&SqlRecorder::opened);  // NOLINT: what SQLite wants
    }
    static int opened(sqlite3* connection, char**, const void*) {
        return sqlite3_trace_v2(connection, SQLITE_TRACE_PROFILE, &SqlRecorder::ended, nullptr);
    }
    static int ended(unsigned, void*, void* statement, void*) {
        auto* const stmt = static_cast<sqlite3_stmt*>(statement);
        if (recorder_ == nullptr) return 0;
        const std::scoped_lock lock(recorder_->mutex_);
        recorder_->ran_.push_back(
            {sqlite3_sql(stmt), sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 1)});
        return 0;
    }

    static inline SqlRecorder* recorder_ = nullptr;
    std::mutex mutex_;
    std::vector<Ran> ran_;
};

bool is_explained(std::string_view sql) {
    constexpr std::array kVerbs{"SELECT", "INSERT", "UPDATE", "DELETE"};
    return std::ranges::any_of(kVerbs, [&](std::string_view verb) { return sql.starts_with(verb); });
}

/// Lines of its plan that read a whole table, all of an index, or all that the verifier has of one kind.
std::vector<std::string> scans_of(store::Database& database, const std::string& sql) {
    return must(database.read([&](soci::session& session) -> Result<std::vector<std::string>> {
        int id = 0, parent = 0, unused = 0;
        std::string detail;
        soci::statement plan = (session.prepare << "EXPLAIN QUERY PLAN " + sql, soci::into(id),
                                soci::into(parent), soci::into(unused), soci::into(detail));
        plan.execute();
        std::vector<std::string> out;
        while (plan.fetch()) {
            // Certificates are as many as people and feeds, whatever the number of hosts.
            const bool scans =
                detail.starts_with("SCAN") && detail != "SCAN CONSTANT ROW" && detail != "SCAN operators";
            if (scans || detail.ends_with("(kind=?)")) out.push_back(detail);
        }
        return out;
    }));
}

std::vector<std::string> scans_of(const std::filesystem::path& file,
                                  const std::vector<SqlRecorder::Ran>& ran) {
    const auto database = must(store::Database::open("sqlite:" + file.string()));
    std::set<std::string> seen;
    std::vector<std::string> out;
    for (const auto& each : ran) {
        if (!is_explained(each.sql) || !seen.insert(each.sql).second) continue;
        for (const auto& scan : scans_of(*database, each.sql)) out.push_back(scan + " of " + each.sql);
    }
    return out;
}

HostComponent a_part(const std::string& serial) {
    HostComponent part;
    part.place = "slot 1";
    part.model = "Disk 1";
    part.serial = serial;
    return part;
}

/// Devices, sessions, events and verdicts of other hosts: SQL alone, without the keys that would bind them.
void add_fleet(const std::filesystem::path& file, int hosts) {
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
    const auto others = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                        std::to_string(hosts) + ") ";
    const auto now = std::to_string(kStart * 1000);
    for (const auto* kind : {"event", "verdict", "session", "session-draft"}) {
        const bool open = std::string_view(kind) == "event";
        const auto sql =
            "INSERT INTO site_documents (kind, id, number, newest, open, host, from_ms, to_ms, "
            "digest, document, stored_at, stored_by) " +
            others + "SELECT '" + kind + "', 'h' || i || '/1', 1, 1, " + (open ? "1" : "0") +
            ", 'h' || i, 0, 0, '', '{}', 0, '' FROM n";
        REQUIRE(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    const auto sightings =
        "INSERT INTO device_sightings " + others +
        "SELECT 'h' || i, i, 1, 'insert', 'd' || i, '', '', 's' || i, '', '', '', 'A', 0, '', '', '', " +
        now + ", " + now + ", " + now + ", " + now + ", 1, 0, '', 0, 0, 0 FROM n";
    REQUIRE(sqlite3_exec(connection, sightings.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    const auto sessions = "INSERT INTO sessions " + others +
                          "SELECT 's' || i, 'h' || i, '', '', '', '', 1, '', 0, 1, 1, '' FROM n";
    REQUIRE(sqlite3_exec(connection, sessions.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_close(connection) == SQLITE_OK);
}

std::int64_t work_of(const std::vector<SqlRecorder::Ran>& ran) {
    return std::accumulate(ran.begin(), ran.end(), std::int64_t{0},
                           [](std::int64_t sum, const auto& each) { return sum + each.steps; });
}

}  // namespace

TEST_CASE("no query of an attestation, whatever it brings, scans a table") {
    SqlRecorder recorder;
    Site site;
    site.give_all();
    const auto session = site.session_signed_by_both();
    recorder.take();
    site.service.parts = {a_part("1"), a_part("2")};
    site.plug(1, 10);                                                      // a device comes
    REQUIRE(site.report(site.visit(), site.right_clock()).status == 200);  // statements in the journal
    site.service.parts = {a_part("1"), a_part("3")};
    REQUIRE(site.report({}, site.right_clock()).status == 200);
    REQUIRE(site.report({}, site.right_clock()).status == 200);  // nothing new
    const auto ran = recorder.take();
    REQUIRE(ran.size() > 100);
    const auto scans = scans_of(site.service.file(), ran);
    INFO((scans.empty() ? "" : scans.front()));
    CHECK(scans.empty());
}

TEST_CASE("a final verdict is given to one report; later ones tell it and make no case for it") {
    SqlRecorder recorder;
    Site site;
    site.give_all();
    std::vector<JudgedEvent> judged;
    site.service.alter = [&](const judge::Context& context, AttestationResult&) {
        judged = context.known_host.judged.value();
    };
    const auto asks_for_badges = [&] {
        return std::ranges::any_of(recorder.take(), [](const auto& each) {
            return each.sql.contains("SELECT") && each.sql.contains("badge_rows");
        });
    };
    site.service.now += 4000;  // W-1 covers nothing any more
    site.deliver();
    recorder.take();
    site.plug(1, 310);
    REQUIRE(judged.size() == 1);
    INFO(judged.front().outcome);
    CHECK(judge::matters_of(judged.front()).size() == 1);
    CHECK_FALSE(judged.front().device);  // its record says it
    CHECK(asks_for_badges());
    for (int i = 0; i < 2; ++i) {
        REQUIRE(site.report({}, site.right_clock()).status == 200);
        CHECK(judged.empty());
        CHECK_FALSE(asks_for_badges());
    }
}

TEST_CASE("no query for one host scans a table") {
    SqlRecorder recorder;
    Site site;
    site.give_all();
    site.plug(1, 10);
    recorder.take();
    for (const auto* target :
         {"/v1/findings?host=rack-7", "/v1/sessions?host=rack-7", "/v1/sessions?host=rack-7&open=true",
          "/v1/hosts/rack-7/accompaniment", "/v1/devices?host=rack-7",
          "/v1/devices/sightings?serial=4C530001230915&host=rack-7", "/v1/refusals?host=rack-7",
          "/v1/replacements?host=rack-7", "/v1/hosts/rack-7/matters", "/v1/acknowledgements?host=rack-7"}) {
        const auto answer = site.service.get(target);
        INFO(target << ": " << answer.body);
        CHECK(answer.status == 200);
    }
    const auto scans = scans_of(site.service.file(), recorder.take());
    INFO((scans.empty() ? "" : scans.front()));
    CHECK(scans.empty());
}

TEST_CASE("what the plan of a query says is told apart: a scan is seen as one") {
    Site site;
    const auto database = must(store::Database::open("sqlite:" + site.service.file().string()));
    CHECK(scans_of(*database, "SELECT id FROM sessions WHERE technician = :who").size() == 1);
    CHECK(scans_of(*database, "SELECT id FROM sessions WHERE host = :host").empty());
    const std::string of_kind =
        "SELECT document FROM site_documents WHERE kind = :kind AND newest = 1 AND host = :host ";
    CHECK(scans_of(*database, of_kind + "ORDER BY id, number").size() == 1);  // by the key, for its order
    CHECK(scans_of(*database, of_kind + "ORDER BY id || '', number").empty());
}

TEST_CASE("an attestation costs the store no more when there are thousands of other hosts") {
    SqlRecorder recorder;
    Site site;
    site.give_all();
    const auto cost = [&](std::uint64_t record) {
        recorder.take();
        site.plug(record, 10);
        auto ran = recorder.take();
        std::ranges::sort(ran, std::greater(), &SqlRecorder::Ran::steps);
        for (std::size_t i = 0; i < std::min<std::size_t>(3, ran.size()); ++i)
            UNSCOPED_INFO(ran[i].steps << " steps: " << ran[i].sql);
        return work_of(ran);
    };
    cost(1);
    const auto before = cost(2);
    CHECK(before > 1000);
    constexpr int kOthers = 20'000;
    add_fleet(site.service.file(), kOthers);
    const auto after = cost(3);
    INFO(before << " steps, and " << after);
    CHECK(after < before + kOthers / 2);  // not one step for each of them
}

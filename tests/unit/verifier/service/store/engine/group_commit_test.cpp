#include <array>
#include <atomic>
#include <csignal>
#include <latch>
#include <set>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence/base/fault.h"
#include "tests/unit/verifier/service/store/test_database.h"

using namespace assay;
using namespace assay::store;

namespace {

constexpr int kThreads = 8;
constexpr std::chrono::seconds kLong{60};

bool insert(soci::session& sql, int number) {
    sql << "INSERT INTO written (n) VALUES (:n)", soci::use(number);
    return true;
}

struct Table {
    std::unique_ptr<TestDatabase> file = TestDatabase::sqlite();
    SessionPool pool{Engine::sqlite, file->connection().substr(7), 1};
    GroupCommit group;

    explicit Table(GroupCommit::Bounds bounds = {.gathering_time = kLong})
        : group(pool, "BEGIN IMMEDIATE", bounds) {
        file->execute("CREATE TABLE written (n BIGINT NOT NULL PRIMARY KEY)");
    }
    Result<> write(int number) {
        return group.write([number](soci::session& sql) { return insert(sql, number); });
    }
    [[nodiscard]] std::int64_t rows(const std::string& where = "1 = 1") const {
        return file->number("SELECT COUNT(*) FROM written WHERE " + where);
    }
};

std::vector<std::jthread> threads(int count, const std::function<void(int)>& write) {
    std::vector<std::jthread> out;
    for (int i = 0; i < count; ++i) out.emplace_back([write, i] { write(i); });
    return out;
}

/// Writes row -1, and meanwhile has `others` threads wait with writes of their own.
Result<> write_with(
    Table& table, int others, const std::function<void(int)>& other,
    const std::function<void()>& first_of_all = [] {}) {
    Result<> result;
    std::vector<std::jthread> waiting;
    std::latch begun(1);
    std::jthread leader([&] {
        first_of_all();
        result = table.group.write([&](soci::session& sql) {
            begun.count_down();
            while (table.group.waiting() < static_cast<std::size_t>(others)) std::this_thread::yield();
            return insert(sql, -1);
        });
    });
    begun.wait();
    waiting = threads(others, other);
    leader.join();
    waiting.clear();
    return result;
}

}  // namespace

TEST_CASE("writes that come while one is under way share its transaction, and all of them are stored") {
    Table table;
    std::atomic<int> stored = 0;
    REQUIRE(write_with(table, kThreads, [&](int i) { stored += table.write(i) ? 1 : 0; }));
    CHECK(stored == kThreads);
    CHECK(table.rows() == kThreads + 1);
    CHECK(table.group.commits() == 1);
}

TEST_CASE("under load there are fewer commits than writes, and none is lost") {
    const auto file = TestDatabase::sqlite();
    file->execute("CREATE TABLE written (n BIGINT NOT NULL PRIMARY KEY)");
    const auto database = Database::open(file->connection());
    REQUIRE(database);
    constexpr int kEach = 200;
    std::atomic<int> stored = 0;
    threads(kThreads, [&](int i) {
        for (int n = 0; n < kEach; ++n) {
            stored += (*database)->write([&](soci::session& sql) -> Result<> {
                insert(sql, i * kEach + n);
                return {};
            })
                          ? 1
                          : 0;
        }
    }).clear();
    CHECK(stored == kThreads * kEach);
    CHECK(file->number("SELECT COUNT(*) FROM written") == kThreads * kEach);
    CHECK((*database)->commits() < kThreads * kEach);
}

TEST_CASE("a write that nobody joins is a commit of its own, and waits for nobody") {
    Table table;
    for (int i = 0; i < 3; ++i) REQUIRE(table.write(i));
    CHECK(table.group.commits() == 3);
    REQUIRE(table.group.write([](soci::session& sql) { return !insert(sql, 9); }));
    CHECK(table.group.commits() == 3);
    CHECK(table.rows() == 3);
}

TEST_CASE("of writes that share a transaction one that is refused leaves nothing, and the others stay") {
    Table table;
    std::atomic<int> failed = 0;
    REQUIRE(write_with(table, kThreads, [&](int i) {
        const auto done = table.group.write([i](soci::session& sql) { return insert(sql, i) && i % 2 == 0; });
        failed += done ? 0 : 1;
    }));
    CHECK(failed == 0);
    CHECK(table.rows() == 1 + kThreads / 2);
    CHECK(table.rows("n % 2 = 1") == 0);
    CHECK(table.group.commits() == 1);
}

TEST_CASE("of writes that share a transaction one that throws leaves nothing, and the others stay") {
    Table table;
    std::atomic<int> failed = 0;
    REQUIRE(write_with(table, kThreads, [&](int i) {
        const auto done = table.group.write([i](soci::session& sql) {
            insert(sql, i);
            if (i == 3) sql << "INSERT INTO nowhere VALUES (1)";
            return true;
        });
        failed += done ? 0 : 1;
    }));
    CHECK(failed == 1);
    CHECK(table.rows() == kThreads);
    CHECK(table.rows("n = 3") == 0);
    CHECK(table.write(100));
}

TEST_CASE("a write that throws before any other came leaves nothing, and those behind it are stored") {
    Table table;
    std::atomic<int> stored = 0;
    std::latch begun(1);
    Result<> first;
    std::jthread leader([&] {
        first = table.group.write([&](soci::session& sql) {
            begun.count_down();
            while (table.group.waiting() < kThreads) std::this_thread::yield();
            insert(sql, -1);
            sql << "INSERT INTO nowhere VALUES (1)";
            return true;
        });
    });
    begun.wait();
    auto others = threads(kThreads, [&](int i) { stored += table.write(i) ? 1 : 0; });
    leader.join();
    others.clear();
    CHECK(first.error().code == ErrorCode::io);
    CHECK(stored == kThreads);
    CHECK(table.rows() == kThreads);
}

TEST_CASE("a commit that fails is an error of every write in it, also of one that was refused") {
    if (!fault::built_in()) ASSAY_SKIP("built without fault points");
    Table table;
    std::atomic<int> failed = 0;
    const auto first = write_with(
        table, kThreads,
        [&](int i) {
            // Refused, maybe, for what a neighbour wrote; and that is gone now.
            const auto done = table.group.write([i](soci::session& sql) { return insert(sql, i) && i != 3; });
            failed += done ? 0 : 1;
        },
        [] { fault::arm(0, "store: before the commit"); });
    REQUIRE_FALSE(first);
    CHECK(first.error().code == ErrorCode::io);
    CHECK(failed == kThreads);
    CHECK(table.rows() == 0);
    CHECK(table.write(100));
    CHECK(table.rows() == 1);
}

TEST_CASE("where the engine itself gives a transaction up, no write in it is said to be stored") {
    Table table;
    std::atomic<int> stored = 0;
    REQUIRE_FALSE(write_with(table, kThreads, [&](int i) {
        const auto done = table.group.write([i](soci::session& sql) {
            insert(sql, i);
            if (i == 3) sql << "INSERT OR ROLLBACK INTO written (n) VALUES (-1)";  // a row that is there
            return true;
        });
        stored += done ? 1 : 0;
    }));
    CHECK(stored == table.rows());
    CHECK(table.rows("n = -1 OR n = 3") == 0);
}

TEST_CASE("more writes than may wait are refused at once, and those that wait are stored") {
    constexpr int kWaiting = 2;
    Table table({.waiting = kWaiting, .together = 8, .gathering_time = kLong});
    std::atomic<int> stored = 0, refused = 0;
    std::latch begun(1);
    Result<> first;
    std::jthread leader([&] {
        first = table.group.write([&](soci::session& sql) {
            begun.count_down();
            while (refused < kThreads - kWaiting) std::this_thread::yield();
            return insert(sql, -1);
        });
    });
    begun.wait();
    auto others = threads(kThreads, [&](int i) { ++(table.write(i) ? stored : refused); });
    leader.join();
    others.clear();
    CHECK(first);
    CHECK(stored == kWaiting);
    CHECK(table.rows() == kWaiting + 1);
}

TEST_CASE("a transaction takes no more writes than it may, and the next takes the others") {
    Table table({.waiting = 100, .together = 3, .gathering_time = kLong});
    std::atomic<int> stored = 0;
    REQUIRE(write_with(table, kThreads, [&](int i) { stored += table.write(i) ? 1 : 0; }));
    CHECK(stored == kThreads);
    CHECK(table.group.commits() >= 3);
}

TEST_CASE("what was acknowledged before a kill is stored, however many wrote together") {
    for (int round = 0; round < 10; ++round) {
        const auto file = TestDatabase::sqlite();
        file->execute("CREATE TABLE written (n BIGINT NOT NULL PRIMARY KEY)");
        std::array<int, 2> pipe{};
        REQUIRE(::pipe(pipe.data()) == 0);
        const auto child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            close(pipe[0]);
            auto database = Database::open(file->connection());
            auto writers = threads(kThreads, [&](int i) {
                for (int n = i; database; n += kThreads) {
                    const auto done = (*database)->write([&](soci::session& sql) -> Result<> {
                        insert(sql, n);
                        return {};
                    });
                    if (!done) continue;
                    if (write(pipe[1], &n, sizeof n) != sizeof n) _exit(1);
                }
            });
            writers.clear();
            _exit(1);
        }
        close(pipe[1]);
        std::set<int> acknowledged;
        int n = 0;
        const auto enough = static_cast<std::size_t>(20 + 37 * round);
        while (read(pipe[0], &n, sizeof n) == sizeof n) {
            acknowledged.insert(n);
            if (acknowledged.size() == enough) kill(child, SIGKILL);
        }
        close(pipe[0]);
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        REQUIRE(acknowledged.size() >= enough);
        for (const int each : acknowledged)
            REQUIRE(file->number("SELECT COUNT(*) FROM written WHERE n = " + std::to_string(each)) == 1);
    }
}

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <sqlite3.h>

#include "tests/support/machine/temp_folder.h"
#include "verifier/service/store/engine/database.h"

// assay-bench-commits [THREADS [WRITES]]   writes rows of 200 bytes durably into SQLite, each a write of its
// own, by one thread and by many at once; beside them the engine alone, as many rows a commit as the many
// threads had. JSON.
namespace {

using namespace assay;
using Clock = std::chrono::steady_clock;

constexpr const char* kInsert = "INSERT INTO written (n, text) VALUES (?1, ?2)";
const std::string kText(200, 'x');

double micros(Clock::duration time) {
    return std::chrono::duration<double, std::micro>(time).count();
}

double at(std::vector<double> sorted, double share) {
    std::ranges::sort(sorted);
    return sorted.at(static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1)));
}

std::unique_ptr<store::Database> open(const std::filesystem::path& file) {
    auto database = store::Database::open("sqlite:" + file.string());
    if (!database) throw std::runtime_error(describe(database.error()));
    const auto made = (*database)->write([](soci::session& sql) -> Result<> {
        sql << "CREATE TABLE written (n BIGINT NOT NULL, text TEXT NOT NULL)";
        return {};
    });
    if (!made) throw std::runtime_error(describe(made.error()));
    return *std::move(database);
}

struct Measured {
    double per_second = 0;
    std::vector<double> latencies;  // microseconds
};

Measured through_the_store(store::Database& database, int threads, int writes) {
    std::vector<std::vector<double>> latencies(static_cast<std::size_t>(threads));
    std::atomic<int> next = 0;
    const auto begin = Clock::now();
    {
        std::vector<std::jthread> running;
        for (auto& mine : latencies) {
            running.emplace_back([&] {
                for (int n = next++; n < writes; n = next++) {
                    const auto start = Clock::now();
                    const auto done = database.write([&](soci::session& sql) -> Result<> {
                        sql << "INSERT INTO written (n, text) VALUES (:n, :text)", soci::use(n),
                            soci::use(kText);
                        return {};
                    });
                    if (!done) std::abort();
                    mine.push_back(micros(Clock::now() - start));
                }
            });
        }
    }
    Measured out{.per_second = writes / (micros(Clock::now() - begin) / 1e6), .latencies = {}};
    for (const auto& mine : latencies) out.latencies.insert(out.latencies.end(), mine.begin(), mine.end());
    return out;
}

void run(sqlite3* connection, const char* sql) {
    if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
}

/// One prepared statement, `batch` rows a commit; the latency is of a commit.
Measured bare(const std::filesystem::path& file, int batch, int rows) {
    sqlite3* connection = nullptr;
    if (sqlite3_open(file.c_str(), &connection) != SQLITE_OK) std::abort();
    run(connection, "PRAGMA journal_mode = WAL");
    run(connection, "PRAGMA synchronous = FULL");
    sqlite3_stmt* insert = nullptr;
    if (sqlite3_prepare_v2(connection, kInsert, -1, &insert, nullptr) != SQLITE_OK) std::abort();
    Measured out;
    const auto begin = Clock::now();
    for (int n = 0; n < rows;) {
        const auto start = Clock::now();
        run(connection, "BEGIN IMMEDIATE");
        for (int i = 0; i < batch; ++i, ++n) {
            sqlite3_bind_int(insert, 1, n);
            sqlite3_bind_text(insert, 2, kText.c_str(), -1, SQLITE_STATIC);
            if (sqlite3_step(insert) != SQLITE_DONE) std::abort();
            sqlite3_reset(insert);
        }
        run(connection, "COMMIT");
        out.latencies.push_back(micros(Clock::now() - start));
    }
    const auto written = static_cast<double>(out.latencies.size()) * batch;
    out.per_second = written / (micros(Clock::now() - begin) / 1e6);
    sqlite3_finalize(insert);
    sqlite3_close(connection);
    return out;
}

void keep_better(Measured& best, Measured next) {
    if (next.per_second > best.per_second) best = std::move(next);
}

int measure(int threads, int writes) {
    constexpr int kRounds = 5;  // taking turns; the best of each counts
    const test::TempFolder folder;
    const auto file = folder.path() / "bench.db";
    const auto database = open(file);
    Measured alone, many, floor_alone, floor_many;
    int batch = 1;
    for (int i = 0; i < kRounds; ++i) {
        keep_better(alone, through_the_store(*database, 1, writes / 10));
        keep_better(floor_alone, bare(file, 1, writes / 10));
        const auto before = database->commits();
        auto next = through_the_store(*database, threads, writes);
        const auto commits = static_cast<int>(database->commits() - before);
        if (next.per_second > many.per_second) batch = std::max(1, writes / commits);
        keep_better(many, std::move(next));
        keep_better(floor_many, bare(file, batch, writes));
    }
    fmt::print(
        R"({{"threads": {}, "rows_per_commit": {}, "rows_per_second": {:.0f}, "bare_rows_per_second": {:.0f}, )"
        R"("to_bare": {:.2f}, "wait_p99_ms": {:.2f}, "bare_commit_ms": {:.2f}, "alone_us": {:.0f}, "bare_alone_us": {:.0f}}})"
        "\n",
        threads, batch, many.per_second, floor_many.per_second, many.per_second / floor_many.per_second,
        at(many.latencies, 0.99) / 1e3, at(floor_many.latencies, 0.5) / 1e3, at(alone.latencies, 0.5),
        at(floor_alone.latencies, 0.5));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return measure(argc > 1 ? std::atoi(argv[1]) : 16, argc > 2 ? std::atoi(argv[2]) : 20'000);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}

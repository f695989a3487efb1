#include "verifier/service/store/engine/sqlite_statements.h"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace assay::store {
namespace {

namespace sql = sqlite_api;
using soci::details::statement_backend;

struct Finalize {
    void operator()(sql::sqlite3_stmt* statement) const { sql::sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sql::sqlite3_stmt, Finalize>;

/// Those of one session that nobody uses, by their text.
class KeptStatements {
  public:
    /// Empty where none is kept.
    Statement take(const std::string& text) {
        auto node = kept_.extract(text);
        return node.empty() ? Statement() : std::move(node.mapped());
    }
    void keep(const std::string& text, Statement statement) {
        // It gives up what it holds: a read transaction, and the caller's values.
        sql::sqlite3_reset(statement.get());
        sql::sqlite3_clear_bindings(statement.get());
        if (kept_.size() < kKeptStatements) kept_.try_emplace(text, std::move(statement));
    }

  private:
    std::unordered_map<std::string, Statement> kept_;
};

/// SOCI's statement, whose handle comes from what is kept and goes back there.
class KeptStatementBackend final : public statement_backend {
  public:
    KeptStatementBackend(soci::sqlite3_statement_backend* inner, KeptStatements& kept)
        : owned_(inner), inner_(inner), kept_(kept) {}
    KeptStatementBackend(const KeptStatementBackend&) = delete;
    KeptStatementBackend& operator=(const KeptStatementBackend&) = delete;
    ~KeptStatementBackend() override { give_back(); }

    void alloc() override { inner_->alloc(); }
    void clean_up() override {
        give_back();
        inner_->clean_up();
    }
    void prepare(const std::string& query, soci::details::statement_type type) override {
        give_back();
        if (auto statement = kept_.take(query)) {
            inner_->stmt_ = statement.release();
            inner_->databaseReady_ = true;
        } else {
            inner_->prepare(query, type);
        }
        text_ = query;
    }
    exec_fetch_result execute(int number) override { return inner_->execute(number); }
    exec_fetch_result fetch(int number) override { return inner_->fetch(number); }
    long long get_affected_rows() override { return inner_->get_affected_rows(); }
    int get_number_of_rows() override { return inner_->get_number_of_rows(); }
    std::string get_parameter_name(int index) const override { return inner_->get_parameter_name(index); }
    std::string rewrite_for_procedure_call(const std::string& query) override {
        return inner_->rewrite_for_procedure_call(query);
    }
    int prepare_for_describe() override { return inner_->prepare_for_describe(); }
    void describe_column(int column, soci::data_type& type, std::string& name) override {
        inner_->describe_column(column, type, name);
    }
    soci::details::standard_into_type_backend* make_into_type_backend() override {
        return inner_->make_into_type_backend();
    }
    soci::details::standard_use_type_backend* make_use_type_backend() override {
        return inner_->make_use_type_backend();
    }
    soci::details::vector_into_type_backend* make_vector_into_type_backend() override {
        return inner_->make_vector_into_type_backend();
    }
    soci::details::vector_use_type_backend* make_vector_use_type_backend() override {
        return inner_->make_vector_use_type_backend();
    }

  private:
    void give_back() {
        Statement statement(std::exchange(inner_->stmt_, nullptr));
        if (statement) kept_.keep(text_, std::move(statement));
    }

    // Debian's library exports none of its classes: they are made by its factory, and used through what is
    // virtual.
    std::unique_ptr<statement_backend> owned_;
    soci::sqlite3_statement_backend* inner_;
    KeptStatements& kept_;
    std::string text_;
};

class KeptSessionBackend final : public soci::details::session_backend {
  public:
    explicit KeptSessionBackend(const soci::connection_parameters& parameters)
        : owned_(soci::factory_sqlite3()->make_session(parameters)),
          // The factory makes no other kind. NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast)
          inner_(static_cast<soci::sqlite3_session_backend*>(owned_.get())) {}

    bool is_connected() override { return inner_->is_connected(); }
    void begin() override { inner_->begin(); }
    void commit() override { inner_->commit(); }
    void rollback() override { inner_->rollback(); }
    [[nodiscard]] std::string get_dummy_from_table() const override { return inner_->get_dummy_from_table(); }
    [[nodiscard]] std::string get_backend_name() const override { return inner_->get_backend_name(); }
    statement_backend* make_statement_backend() override {
        return std::make_unique<KeptStatementBackend>(inner_->make_statement_backend(), kept_).release();
    }
    soci::details::rowid_backend* make_rowid_backend() override { return inner_->make_rowid_backend(); }
    soci::details::blob_backend* make_blob_backend() override { return inner_->make_blob_backend(); }

    [[nodiscard]] sql::sqlite3* connection() const { return inner_->conn_; }

  private:
    std::unique_ptr<soci::details::session_backend> owned_;
    soci::sqlite3_session_backend* inner_;
    KeptStatements kept_;  // gone before the connection: one that has statements does not close
};

struct KeptFactory final : soci::backend_factory {
    soci::details::session_backend* make_session(
        const soci::connection_parameters& parameters) const override {
        return std::make_unique<KeptSessionBackend>(parameters).release();
    }
};

/// Each session is one thread's at a time, so the engine needs no locks of its own, nor a count of all memory
/// that all threads share.
void set_threads_apart() {
    // Refused, and nothing else, where the process has begun with SQLite already.
    static_cast<void>(sql::sqlite3_config(SQLITE_CONFIG_MULTITHREAD));
    static_cast<void>(sql::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));  // likewise
}

}  // namespace

sql::sqlite3* open_with_kept_statements(soci::session& session, const std::string& parameters) {
    static const KeptFactory factory;
    static std::once_flag once;
    std::call_once(once, set_threads_apart);
    session.open(factory, parameters);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast): made by the factory above
    return static_cast<KeptSessionBackend*>(session.get_backend())->connection();
}

}  // namespace assay::store

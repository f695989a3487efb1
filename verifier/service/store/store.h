#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "evidence/base/bytes.h"
#include "evidence/base/result.h"

/// What the verifier knows, on SQLite or PostgreSQL, by the same SQL. docs/adr/0001-one-store-two-engines.md.
namespace assay::store {

class Database;
class KnownHosts;
class RecentHead;

/// The opened database. What is in it is read and written by subject: Hosts, Devices, ... in the headers of
/// the folders beside this. Thread-safe.
class Store {
  public:
    /// "sqlite:/path/to/file" or "postgresql://...". Brings the schema up to this version's; one that a newer
    /// version has made is refused with `unsupported`.
    static Result<std::unique_ptr<Store>> open(const std::string& connection);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store();

    /// True while the database answers.
    Result<> check();
    /// 32 random bytes that all copies of the verifier share; made at the first opening.
    Result<Bytes> shared_key();

    Database& database() { return *database_; }
    /// What this process remembers, which decides nothing.
    KnownHosts& known_hosts() { return *known_hosts_; }
    RecentHead& recent_head() { return *recent_head_; }

  private:
    explicit Store(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
    std::unique_ptr<KnownHosts> known_hosts_;
    std::unique_ptr<RecentHead> recent_head_;
};

/// Why the store would not write, for who acts on it. Nothing was stored.
enum class Refused : std::uint8_t {
    nonce_used,  ///< the nonce is spent
    moved,       ///< what this was made from is not the newest any more: read it again, make it again
};

/// An Error, for who only passes it on. `refused` is not set where the database failed.
struct NotWritten : Error {
    // Implicit, so that an Error can be returned where a NotWritten is.
    NotWritten(Error error, std::optional<Refused> why = std::nullopt)  // NOLINT(google-explicit-constructor)
        : Error(std::move(error)), refused(why) {}

    std::optional<Refused> refused;
};

template <typename T = void>
using Written = std::expected<T, NotWritten>;

inline std::unexpected<NotWritten> refuse(Refused why, std::string context) {
    return std::unexpected(NotWritten({ErrorCode::conflict, std::move(context), {}}, why));
}

/// What is known of one subject, as an interface over a store, which must outlive it. It is made where it is
/// used: `Hosts(store).find(name)`; a function that needs no more takes `Hosts`. Thread-safe. A write has
/// been committed durably when its function returns; one that was interrupted, or returned an error, has left
/// nothing. Errors: `io` where the database failed; `conflict` and `not_found` as each function says. Digests
/// are lower-case hex SHA-256; times are Unix seconds, and milliseconds where they say _ms.
class Subject {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor)
    Subject(Store& store) : database_(store.database()), known_hosts_(store.known_hosts()) {}

  protected:
    Database& database_;
    KnownHosts& known_hosts_;
};

}  // namespace assay::store

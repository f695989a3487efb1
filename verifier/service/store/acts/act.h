#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "evidence/wire/act_head.h"
#include "verifier/service/store/store.h"

/// What people and feeds did, and what the verifier concluded: never changed or removed, each chained to the
/// one before. docs/adr/0024-late-and-single-handed.md.
namespace assay::store {

enum class ActKind : std::uint8_t {
#define ACT(name, kind, says) name,
#include "verifier/service/store/acts/act_kinds.inc"
#undef ACT
};
std::string_view to_string(ActKind kind);  ///< "orders.imported"

struct Act {
    ActKind kind = ActKind::chain_begun;
    std::string hand;             ///< Caller::hand(), "host:rack-7", "verifier" or "local:root"
    std::string subject;          ///< "host:rack-7", "order:W-1", "directory": what its history is asked by
    std::string object = {};      ///< what it is of: a digest or an id
    std::string document = "{}";  ///< canonical JSON, with before and after where something changed
};

/// Where an act stands: its receipt is that of all that was written with it.
struct ActPlace {
    std::int64_t number = 0;
    std::int64_t at_ms = 0;
};

/// In the caller's transaction, and last in it, behind `hold_host` and all rows but for the act's number in
/// them: so that the lock of the chain is short and every writer takes locks in one order. `at_ms` is
/// `now_ms`, or that of the act before where the clock went back. Throws.
ActPlace write_act(soci::session& sql, const Act& act, std::int64_t now_ms);

/// The newest head that this process read, so that reports do not each ask for it. Thread-safe.
class RecentHead {
  public:
    /// Nothing once it is a second old.
    [[nodiscard]] std::optional<ActHead> get() const;
    void put(const ActHead& head);

  private:
    mutable std::mutex mutex_;
    ActHead head_;
    std::optional<std::chrono::steady_clock::time_point> read_at_;
};

struct StoredAct {
    std::int64_t number = 0;
    std::int64_t at_ms = 0;
    std::string kind, hand, subject, object, document;
    std::string head;  ///< hex, of the chain up to this act; whatever stands there
};

struct ActQuery {
    std::optional<std::int64_t> after = std::nullopt;  ///< number
    std::optional<std::int64_t> since_ms = std::nullopt;
    std::optional<std::string> subject = std::nullopt;
    std::optional<std::string> hand = std::nullopt;
    std::optional<std::string> kind = std::nullopt;
    std::int64_t limit = 1000;
};

class Acts : Subject {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): as Subject
    Acts(Store& store) : Subject(store), recent_(store.recent_head()) {}
    /// Where nothing else is stored with it.
    Result<ActPlace> write(const Act& act, std::int64_t now_ms);
    Result<ActHead> head();
    /// The same, or as it was up to a second ago, if it is no older than `at_least`.
    Result<ActHead> recent(std::int64_t at_least = 0);
    /// Of the chain up to act `number`; nothing where there is no such act.
    Result<std::optional<Digest>> head_at(std::int64_t number);
    /// Of this kind and about the chain itself; nothing where there is none.
    Result<std::optional<StoredAct>> newest_of_chain(const std::string& kind);
    /// By number.
    Result<std::vector<StoredAct>> list(const ActQuery& query);

  private:
    RecentHead& recent_;
};

}  // namespace assay::store

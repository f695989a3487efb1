#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "verifier/service/server/limits.h"
#include "verifier/service/shared/metrics.h"

namespace assay::server {

/// What a connection is doing, in the order in which strangers' connections are given up.
enum class Phase : std::uint8_t { handshake, idle, transfer, working };

/// Shares out connections and the bytes of bodies. Thread-safe; outlives its places and rooms.
class Admission {
    struct Entry;
    using Line = std::list<Entry>;

  public:
    Admission(const ServerLimits& limits, api::Metrics& metrics) : limits_(limits), metrics_(metrics) {}

    /// One connection's place, until it ends or the connection is evicted.
    class Place {
      public:
        Place(Admission& admission, Line::iterator entry) : admission_(admission), entry_(entry) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() { admission_.leave(entry_); }

        void enter(Phase phase) { admission_.enter(entry_, phase); }
        /// An operator's connection is not evicted.
        void set_operator(bool is_operator) { admission_.set_operator(entry_, is_operator); }

      private:
        Admission& admission_;
        Line::iterator entry_;
    };

    /// A place in the phase `handshake`. Where all are taken, the stranger's connection that has been in the
    /// earliest phase for longest is evicted for it: `evict` of that one is called, from any thread, under
    /// this object's lock, at most once. Null where the address has its share, or nobody can be evicted.
    std::unique_ptr<Place> connection(const std::string& source, std::function<void()> evict);
    [[nodiscard]] std::size_t connections() const;

    /// The bytes that one body may take.
    class Room {
      public:
        Room(Admission& admission, std::string source, bool is_operator)
            : admission_(admission), source_(std::move(source)), is_operator_(is_operator) {}
        Room(const Room&) = delete;
        Room& operator=(const Room&) = delete;
        ~Room() { admission_.give_back(source_, is_operator_, charged_); }

        /// False, and nothing is charged, where a share has not so much left.
        bool grow_to(std::size_t bytes);

      private:
        Admission& admission_;
        std::string source_;
        bool is_operator_;
        std::size_t charged_ = 0;
    };

  private:
    struct Entry {
        std::string source;
        std::function<void()> evict;
        Phase phase = Phase::handshake;
        bool is_operator = false;
        bool evicted = false;
    };
    struct Share {
        std::size_t connections = 0;
        std::size_t bytes = 0;
    };

    Line& line_of(const Entry& entry);
    void enter(Line::iterator entry, Phase phase);
    void set_operator(Line::iterator entry, bool is_operator);
    void leave(Line::iterator entry);
    void forget(const Entry& entry);
    bool evict_one();
    bool charge(const std::string& source, bool is_operator, std::size_t bytes);
    void give_back(const std::string& source, bool is_operator, std::size_t bytes);
    void drop_if_unused(const std::string& source);

    const ServerLimits limits_;
    api::Metrics& metrics_;
    mutable std::mutex mutex_;
    std::array<Line, 3> strangers_;  // by phase, who entered it first in front
    Line kept_;                      // operators, and who is being worked for
    Line evicted_;                   // not gone yet
    std::size_t connections_ = 0;    // without the evicted
    std::size_t strangers_bytes_ = 0;
    std::size_t operators_bytes_ = 0;
    std::unordered_map<std::string, Share> by_source_;
};

}  // namespace assay::server

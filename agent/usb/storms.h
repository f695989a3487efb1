#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evidence/wire/section/journal.h"

namespace assay::agent {

/// The storm rule: keeps a port that flaps, or a machine full of them, from filling journal and TPM. Above a
/// rate the events of a port are only counted, until it is quiet or a minute is over. Other ports are
/// recorded as ever. Each event is either admitted or in the count of exactly one storm.
class Storms {
  public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds kWindow{60};
    static constexpr std::chrono::seconds kQuiet{5};  ///< without an event: the storm is over
    static constexpr std::size_t kPerPort = 12;       ///< records of one port within the window
    static constexpr std::size_t kOverall = 600;      ///< records of all ports within the window

    /// Whether an event of this port is to be recorded; if not, it is counted.
    bool admits(const std::string& port, const JournalRecord& event, Time now);

    struct Storm {
        std::string port;
        JournalRecord record;  ///< of kind `storm`: the count, and the device of the newest event
    };
    /// Those that are over, or are to be told of because the window is.
    std::vector<Storm> take_due(Time now);
    [[nodiscard]] std::optional<Time> next_due() const;

  private:
    struct Port {
        std::deque<Time> records;
        JournalRecord storm;  // `count` where there is one
        Time begun, newest;
    };
    static Time due(const Port& port);
    static void forget(std::deque<Time>& records, Time now);

    std::map<std::string, Port> ports_;
    std::deque<Time> overall_;
};

}  // namespace assay::agent

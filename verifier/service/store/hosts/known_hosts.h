#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "verifier/service/store/attestations/occasions.h"
#include "verifier/service/store/hosts/hosts.h"

namespace assay::store {

/// What a steady report reads of a host, as it was at one revision (`Host::revision`, `Host::told`).
struct RememberedHost {
    Host host;
    std::map<std::string, std::string> held;  ///< its sections: name, hex digest
    std::optional<Standing> standing = {};    ///< of its newest attestation; absent: not looked for yet
    std::string boots = {}, inventory = {};   ///< digests as written, hex; empty: not looked for yet
    std::string secure_boot = {};             ///< judge::secure_boot_mark as written, likewise
};

/// Hosts that this process has heard of lately, one string of bytes each. Nothing in here is the truth:
/// whoever acts on it compares revision and `told` with the database in the transaction that acts.
/// Thread-safe.
class KnownHosts {
  public:
    static constexpr std::size_t kMostBytes = 256U << 20U;

    explicit KnownHosts(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

    /// Read from its bytes anew each time: who needs it twice keeps it. Null: not here.
    [[nodiscard]] std::shared_ptr<const RememberedHost> find(const std::string& name) const;
    /// The same, if it is of this revision.
    [[nodiscard]] std::shared_ptr<const RememberedHost> find(const std::string& name, std::int64_t revision,
                                                             std::int64_t told) const;
    /// Hosts that were not put for the longest time go for it. One that is older than what is here is left
    /// out.
    void put(const RememberedHost& host);
    void drop(const std::string& name);
    /// That names, entries and their places take.
    [[nodiscard]] std::size_t bytes() const;

  private:
    struct Entry {
        std::int64_t revision = 0, told = 0;
        Bytes bytes;
    };
    using Table = std::unordered_map<std::string, Entry>;
    [[nodiscard]] const Entry* entry(const std::string& name) const;
    [[nodiscard]] std::shared_ptr<const RememberedHost> find_if(const std::string& name, auto&& wanted) const;
    void erase(const std::string& name);

    const std::size_t most_bytes_;
    mutable std::mutex mutex_;
    // Those that were put lately, and those before them: when the first are half of what may be, the others
    // go.
    Table young_, old_;
    std::size_t young_bytes_ = 0, old_bytes_ = 0;
};

/// One string of bytes without its name, and back; nothing where the bytes are no such thing.
Bytes encode_remembered(const RememberedHost& host);
std::optional<RememberedHost> decode_remembered(ByteView bytes);

}  // namespace assay::store

#include "verifier/judge/appraisal/steps/event_log_cache.h"

#include <deque>
#include <utility>

namespace assay {
namespace {

/// A log and the bytes that it borrows.
struct Kept {
    Kept(Bytes of, tcg::ParsedEventLog log, HashAlgorithm bank)
        : bytes(std::move(of)), digested(std::move(log), bank) {}
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() = default;

    Bytes bytes;
    tcg::DigestedEventLog digested;
};

struct Cache {
    struct Entry {
        Digest digest;
        std::shared_ptr<const Kept> kept;
    };
    std::deque<Entry> entries;  // the newest last
    std::size_t bytes = 0;
    std::size_t parsed = 0;

    void add(const Digest& digest, std::shared_ptr<const Kept> kept) {
        if (kept->bytes.size() > kKeptLogBytes) return;
        bytes += kept->bytes.size();
        entries.push_back({digest, std::move(kept)});
        while (bytes > kKeptLogBytes || entries.size() > kKeptLogs) {
            bytes -= entries.front().kept->bytes.size();
            entries.pop_front();
        }
    }
};

Cache& cache() {
    thread_local Cache kept;
    return kept;
}

std::shared_ptr<const tcg::DigestedEventLog> with_its_bytes(std::shared_ptr<const Kept> kept) {
    const auto* digested = &kept->digested;
    return {std::move(kept), digested};
}

}  // namespace

Result<std::shared_ptr<const tcg::DigestedEventLog>> digested_event_log(ByteView bytes, const Digest& digest,
                                                                        HashAlgorithm bank) {
    auto& cached = cache();
    for (const auto& entry : cached.entries) {
        if (entry.digest == digest && entry.kept->digested.bank() == bank) return with_its_bytes(entry.kept);
    }
    auto copy = to_bytes(bytes);
    auto log =
        TRY(tcg::parse_event_log(copy));  // borrows the copy, whose bytes stay where they are when it moves
    ++cached.parsed;
    auto kept = std::make_shared<const Kept>(std::move(copy), std::move(log), bank);
    cached.add(digest, kept);
    return with_its_bytes(std::move(kept));
}

std::size_t parsed_event_logs() {
    return cache().parsed;
}

}  // namespace assay

#include "verifier/judge/appraisal/steps/event_log_cache.h"

#include <utility>

#include "evidence/base/bounded_cache.h"

namespace assay::judge {
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

thread_local std::size_t parsed_logs = 0;

std::shared_ptr<const tcg::DigestedEventLog> with_its_bytes(std::shared_ptr<const Kept> kept) {
    const auto* digested = &kept->digested;
    return {std::move(kept), digested};
}

}  // namespace

Result<std::shared_ptr<const tcg::DigestedEventLog>> digested_event_log(ByteView bytes, const Digest& digest,
                                                                        HashAlgorithm bank) {
    thread_local BoundedCache<std::pair<Digest, HashAlgorithm>, std::shared_ptr<const Kept>> logs(
        {.bytes = kKeptLogBytes, .entries = kKeptLogs});
    if (const auto* found = logs.find(std::pair(digest, bank))) return with_its_bytes(*found);
    auto copy = to_bytes(bytes);
    auto log =
        TRY(tcg::parse_event_log(copy));  // borrows the copy, whose bytes stay where they are when it moves
    ++parsed_logs;
    auto kept = std::make_shared<const Kept>(std::move(copy), std::move(log), bank);
    logs.add({digest, bank}, kept, kept->bytes.size());
    return with_its_bytes(std::move(kept));
}

std::size_t parsed_event_logs() {
    return parsed_logs;
}

}  // namespace assay::judge

#include "verifier/service/store/attestations/boot_clocks.h"

#include "verifier/service/store/columns.h"
#include "verifier/service/store/engine/query.h"

namespace assay::store {

std::optional<BootClock> newest_boot_clock(soci::session& sql, const std::string& host) {
    BootClock clock;
    if (!Query(
             sql,
             "SELECT c.reset_count, c.restart_count, c.boot_id, c.first_tpm_ms, c.first_not_before, "
             "c.first_not_after, s.newest_tpm_ms, s.newest_not_before, s.newest_not_after FROM boot_clocks c "
             "JOIN hosts h ON h.name = c.host AND h.ek_digest = c.ek_digest "
             "JOIN host_state s ON s.host = c.host WHERE c.host = :host "
             "ORDER BY c.revision DESC LIMIT 1",
             host)
             .one(clock.reset_count, clock.restart_count, clock.boot_id, clock.first.tpm_ms,
                  clock.first.not_before, clock.first.not_after, clock.newest.tpm_ms, clock.newest.not_before,
                  clock.newest.not_after))
        return std::nullopt;
    return clock;
}

bool goes_on(const BootClock& before, const BootClock& clock) {
    return before.reset_count == clock.reset_count && before.restart_count == clock.restart_count &&
           before.boot_id == clock.boot_id && before.first == clock.first;
}

void begin_boot_clock(soci::session& sql, const std::string& host, const std::optional<BootClock>& before,
                      const BootClock& clock, std::int64_t revision) {
    if (before) {
        execute(sql,
                "UPDATE boot_clocks SET newest_tpm_ms = :ms, newest_not_before = :from, newest_not_after = "
                ":to "
                "WHERE host = :host AND revision = (SELECT MAX(b.revision) FROM boot_clocks b WHERE b.host = "
                ":same)",
                before->newest.tpm_ms, before->newest.not_before, before->newest.not_after, host, host);
    }
    execute(
        sql,
        "INSERT INTO boot_clocks (host, ek_digest, reset_count, restart_count, boot_id, first_tpm_ms, "
        "first_not_before, first_not_after, newest_tpm_ms, newest_not_before, newest_not_after, revision) "
        "SELECT name, ek_digest, CAST(:resets AS BIGINT), CAST(:restarts AS BIGINT), CAST(:boot AS TEXT), "
        "CAST(:first AS BIGINT), CAST(:first_from AS BIGINT), CAST(:first_to AS BIGINT), "
        "CAST(:newest AS BIGINT), CAST(:newest_from AS BIGINT), CAST(:newest_to AS BIGINT), "
        "CAST(:revision AS BIGINT) FROM hosts WHERE name = :host ON CONFLICT (host, ek_digest, "
        "reset_count, "
        "restart_count, boot_id, first_tpm_ms) DO UPDATE SET revision = excluded.revision",
        clock.reset_count, clock.restart_count, clock.boot_id, clock.first.tpm_ms, clock.first.not_before,
        clock.first.not_after, clock.newest.tpm_ms, clock.newest.not_before, clock.newest.not_after, revision,
        host);
}

}  // namespace assay::store

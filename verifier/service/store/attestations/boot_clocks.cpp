#include "verifier/service/store/attestations/boot_clocks.h"

#include "verifier/service/store/columns.h"

namespace assay::store {

std::optional<BootClock> newest_boot_clock(soci::session& sql, const std::string& host) {
    BootClock clock;
    std::int64_t resets = 0;
    std::int64_t restarts = 0;
    std::int64_t first_ms = 0;
    std::int64_t newest_ms = 0;
    sql << "SELECT c.reset_count, c.restart_count, c.boot_id, c.first_tpm_ms, c.first_not_before, "
           "c.first_not_after, s.newest_tpm_ms, s.newest_not_before, s.newest_not_after FROM boot_clocks c "
           "JOIN hosts h ON h.name = c.host AND h.ek_digest = c.ek_digest "
           "JOIN host_state s ON s.host = c.host WHERE c.host = :host "
           "ORDER BY c.revision DESC LIMIT 1",
        soci::use(host), soci::into(resets), soci::into(restarts), soci::into(clock.boot_id),
        soci::into(first_ms), soci::into(clock.first.not_before), soci::into(clock.first.not_after),
        soci::into(newest_ms), soci::into(clock.newest.not_before), soci::into(clock.newest.not_after);
    if (!sql.got_data()) return std::nullopt;
    clock.reset_count = static_cast<std::uint32_t>(resets);
    clock.restart_count = static_cast<std::uint32_t>(restarts);
    clock.first.tpm_ms = static_cast<std::uint64_t>(first_ms);
    clock.newest.tpm_ms = static_cast<std::uint64_t>(newest_ms);
    return clock;
}

bool goes_on(const BootClock& before, const BootClock& clock) {
    return before.reset_count == clock.reset_count && before.restart_count == clock.restart_count &&
           before.boot_id == clock.boot_id && before.first == clock.first;
}

void begin_boot_clock(soci::session& sql, const std::string& host, const std::optional<BootClock>& before,
                      const BootClock& clock, std::int64_t revision) {
    if (before) {
        const auto ms = static_cast<std::int64_t>(before->newest.tpm_ms);
        sql << "UPDATE boot_clocks SET newest_tpm_ms = :ms, newest_not_before = :from, newest_not_after = "
               ":to "
               "WHERE host = :host AND revision = (SELECT MAX(b.revision) FROM boot_clocks b WHERE b.host = "
               ":same)",
            soci::use(ms), soci::use(before->newest.not_before), soci::use(before->newest.not_after),
            soci::use(host), soci::use(host);
    }
    const auto resets = static_cast<std::int64_t>(clock.reset_count);
    const auto restarts = static_cast<std::int64_t>(clock.restart_count);
    const auto first_ms = static_cast<std::int64_t>(clock.first.tpm_ms);
    const auto newest_ms = static_cast<std::int64_t>(clock.newest.tpm_ms);
    sql << "INSERT INTO boot_clocks (host, ek_digest, reset_count, restart_count, boot_id, first_tpm_ms, "
           "first_not_before, first_not_after, newest_tpm_ms, newest_not_before, newest_not_after, revision) "
           "SELECT name, ek_digest, CAST(:resets AS BIGINT), CAST(:restarts AS BIGINT), CAST(:boot AS TEXT), "
           "CAST(:first AS BIGINT), CAST(:first_from AS BIGINT), CAST(:first_to AS BIGINT), "
           "CAST(:newest AS BIGINT), CAST(:newest_from AS BIGINT), CAST(:newest_to AS BIGINT), "
           "CAST(:revision AS BIGINT) FROM hosts WHERE name = :host ON CONFLICT (host, ek_digest, "
           "reset_count, "
           "restart_count, boot_id, first_tpm_ms) DO UPDATE SET revision = excluded.revision",
        soci::use(resets), soci::use(restarts), soci::use(clock.boot_id), soci::use(first_ms),
        soci::use(clock.first.not_before), soci::use(clock.first.not_after), soci::use(newest_ms),
        soci::use(clock.newest.not_before), soci::use(clock.newest.not_after), soci::use(revision),
        soci::use(host);
}

}  // namespace assay::store

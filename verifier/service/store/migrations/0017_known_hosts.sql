-- What each report moves stands in one row of a host. told: how often somebody else than the host changed what its next report
-- is judged by; with the revision it says whether what a verifier remembers of the host still stands.
ALTER TABLE host_state ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE host_state ADD COLUMN attested_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE host_state ADD COLUMN watched_until_ms BIGINT NOT NULL DEFAULT 0;

UPDATE host_state SET
    attested_at = COALESCE((SELECT c.attested_at FROM host_contacts c WHERE c.host = host_state.host), 0),
    watched_until_ms = COALESCE((SELECT c.watched_until_ms FROM host_contacts c WHERE c.host = host_state.host), 0);

DROP TABLE host_contacts;

-- A host's parts were last seen when it last attested.
ALTER TABLE host_inventories DROP COLUMN seen_at;

-- The newest point of the newest stretch; that of an earlier one stays in its own row of boot_clocks.
ALTER TABLE host_state ADD COLUMN newest_tpm_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE host_state ADD COLUMN newest_not_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE host_state ADD COLUMN newest_not_after BIGINT NOT NULL DEFAULT 0;

UPDATE host_state SET
    newest_tpm_ms = COALESCE((SELECT b.newest_tpm_ms FROM boot_clocks b WHERE b.host = host_state.host ORDER BY b.revision DESC LIMIT 1), 0),
    newest_not_before = COALESCE((SELECT b.newest_not_before FROM boot_clocks b WHERE b.host = host_state.host ORDER BY b.revision DESC LIMIT 1), 0),
    newest_not_after = COALESCE((SELECT b.newest_not_after FROM boot_clocks b WHERE b.host = host_state.host ORDER BY b.revision DESC LIMIT 1), 0);

-- Who may enrol as whom, what was refused, and what a host was before its mainboard was replaced.

-- What the purchase says of a host: docs/formats/purchase-list.md.
CREATE TABLE registrations (
    host TEXT NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    rack TEXT NOT NULL,
    unit TEXT NOT NULL,
    tpm_digest TEXT NOT NULL UNIQUE,
    chassis_serial TEXT NOT NULL,
    registered_by TEXT NOT NULL,
    registered_at BIGINT NOT NULL
);

-- Each key by which a TPM can be recognised belongs to one host for ever, also after that host got another TPM. Only
-- an explicit release of a retired identity takes rows away. retired_by: the replacement that ended it, '' while it holds.
CREATE TABLE identity_keys (
    digest TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    host TEXT NOT NULL REFERENCES hosts (name),
    retired_by TEXT NOT NULL
);

INSERT INTO identity_keys (digest, kind, host, retired_by) SELECT ek_digest, 'EK', name, '' FROM hosts;

INSERT INTO identity_keys (digest, kind, host, retired_by) SELECT ak_digest, 'AK', name, '' FROM hosts;

CREATE INDEX identity_keys_by_host ON identity_keys (host);

-- An operator's order that a host may enrol once with another TPM, and what became of it: the history of identities.
CREATE TABLE replacements (
    id TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL REFERENCES hosts (name),
    reason TEXT NOT NULL,
    ordered_by TEXT NOT NULL,
    ordered_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tpm_digest TEXT NOT NULL,
    done_at BIGINT NOT NULL,
    old_ek_digest TEXT NOT NULL,
    old_ak_digest TEXT NOT NULL,
    new_ek_digest TEXT NOT NULL,
    new_ak_digest TEXT NOT NULL,
    old_enrolled_at BIGINT NOT NULL,
    old_ek_public {bytes} NOT NULL,
    old_ak_public {bytes} NOT NULL,
    old_ek_certificates {bytes} NOT NULL,
    released_at BIGINT NOT NULL,
    released_by TEXT NOT NULL,
    release_reason TEXT NOT NULL
);

CREATE INDEX replacements_by_host ON replacements (host, ordered_at);

-- The journal of an identity that was replaced; the new one begins with record 1.
CREATE TABLE retired_journal_records (
    replacement TEXT NOT NULL REFERENCES replacements (id),
    host TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    digest TEXT NOT NULL,
    record {bytes} NOT NULL,
    result_id TEXT NOT NULL,
    PRIMARY KEY (replacement, sequence)
);

-- Applicants that were refused for their identity; the same one again counts up.
CREATE TABLE refusals (
    group_key TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    asked_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    ek_digest TEXT NOT NULL,
    ak_digest TEXT NOT NULL,
    expected TEXT NOT NULL,
    actual TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    times BIGINT NOT NULL
);

CREATE INDEX refusals_by_time ON refusals (last_at);

CREATE INDEX refusals_by_host ON refusals (host);

-- The mapping of TPM time to verifier time, one row for each stretch of a boot (evidence/wire/saved_bundle.h); the
-- newest is the one with the greatest revision.
CREATE TABLE boot_clocks (
    host TEXT NOT NULL REFERENCES hosts (name),
    ek_digest TEXT NOT NULL,
    reset_count BIGINT NOT NULL,
    restart_count BIGINT NOT NULL,
    boot_id TEXT NOT NULL,
    first_tpm_ms BIGINT NOT NULL,
    first_not_before BIGINT NOT NULL,
    first_not_after BIGINT NOT NULL,
    newest_tpm_ms BIGINT NOT NULL,
    newest_not_before BIGINT NOT NULL,
    newest_not_after BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (host, ek_digest, reset_count, restart_count, boot_id, first_tpm_ms)
);

CREATE INDEX boot_clocks_by_revision ON boot_clocks (host, revision);

-- Enrolments live for minutes: those under way at the update begin again.
DROP TABLE enrolments;

CREATE TABLE enrolments (
    id TEXT NOT NULL PRIMARY KEY,
    token_digest TEXT NOT NULL,
    replacement TEXT NOT NULL,
    host TEXT NOT NULL,
    ek_digest TEXT NOT NULL,
    ak_digest TEXT NOT NULL,
    other_eks TEXT NOT NULL,
    ek_public {bytes} NOT NULL,
    ak_public {bytes} NOT NULL,
    ek_certificates {bytes} NOT NULL,
    secret_digest TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    activated_at BIGINT NOT NULL
);

CREATE INDEX enrolments_by_expiry ON enrolments (expires_at);

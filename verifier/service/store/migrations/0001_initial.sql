-- One schema for SQLite and PostgreSQL. {bytes} is BLOB or BYTEA; digests are lower-case hex TEXT; times are Unix
-- seconds; 0 stands for "not yet" in a time that may be missing. Nothing is NULL.

CREATE TABLE hosts (
    name TEXT NOT NULL PRIMARY KEY,
    enrolled_at BIGINT NOT NULL,
    ek_digest TEXT NOT NULL UNIQUE,
    ak_digest TEXT NOT NULL UNIQUE,
    ek_public {bytes} NOT NULL,
    ak_public {bytes} NOT NULL,
    ek_certificates {bytes} NOT NULL
);

-- What moves. The row of hosts never does: no statement of the program updates or deletes one.
CREATE TABLE host_state (
    host TEXT NOT NULL PRIMARY KEY REFERENCES hosts (name),
    revision BIGINT NOT NULL,
    clock_ms BIGINT NOT NULL,
    reset_count BIGINT NOT NULL,
    restart_count BIGINT NOT NULL,
    journal_sequence BIGINT NOT NULL,
    journal_head TEXT NOT NULL
);

CREATE TABLE tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT NOT NULL
);

CREATE TABLE enrolments (
    id TEXT NOT NULL PRIMARY KEY,
    token_digest TEXT NOT NULL REFERENCES tokens (digest),
    host TEXT NOT NULL,
    ek_digest TEXT NOT NULL,
    ak_digest TEXT NOT NULL,
    ek_public {bytes} NOT NULL,
    ak_public {bytes} NOT NULL,
    ek_certificates {bytes} NOT NULL,
    secret_digest TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    activated_at BIGINT NOT NULL
);

CREATE INDEX enrolments_by_expiry ON enrolments (expires_at);

CREATE TABLE sections (
    digest TEXT NOT NULL PRIMARY KEY,
    bytes {bytes} NOT NULL
);

CREATE TABLE host_sections (
    host TEXT NOT NULL REFERENCES hosts (name),
    name TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES sections (digest),
    PRIMARY KEY (host, name)
);

CREATE TABLE attestations (
    result_id TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL REFERENCES hosts (name),
    revision BIGINT NOT NULL,
    appraised_at BIGINT NOT NULL,
    tier TEXT NOT NULL,
    authentic BIGINT NOT NULL,
    result TEXT NOT NULL,
    jwt TEXT NOT NULL,
    nonce {bytes} NOT NULL,
    manifest {bytes} NOT NULL,
    quote {bytes} NOT NULL,
    signature {bytes} NOT NULL,
    challenge {bytes} NOT NULL,
    known_host {bytes} NOT NULL,
    sessions {bytes} NOT NULL,
    UNIQUE (host, revision)
);

-- Sections as sent that are not what the manifest names (all the others are found by the manifest's digests): they
-- were judged, so whoever appraises again needs them.
CREATE TABLE odd_sections (
    result_id TEXT NOT NULL REFERENCES attestations (result_id),
    name TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES sections (digest),
    PRIMARY KEY (result_id, name)
);

CREATE TABLE findings (
    result_id TEXT NOT NULL REFERENCES attestations (result_id),
    position BIGINT NOT NULL,
    host TEXT NOT NULL,
    revision BIGINT NOT NULL,
    appraised_at BIGINT NOT NULL,
    id TEXT NOT NULL,
    tier TEXT NOT NULL,
    basis TEXT NOT NULL,
    subject TEXT NOT NULL,
    expected TEXT NOT NULL,
    actual TEXT NOT NULL,
    evidence TEXT NOT NULL,
    remedy TEXT NOT NULL,
    group_key TEXT NOT NULL,
    PRIMARY KEY (result_id, position)
);

CREATE INDEX findings_by_time ON findings (appraised_at);

CREATE INDEX findings_by_host ON findings (host, appraised_at);

CREATE INDEX findings_by_id ON findings (id, appraised_at);

CREATE INDEX findings_by_group ON findings (group_key);

CREATE TABLE used_nonces (
    nonce TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX used_nonces_by_expiry ON used_nonces (expires_at);

CREATE TABLE journal_records (
    host TEXT NOT NULL REFERENCES hosts (name),
    sequence BIGINT NOT NULL,
    digest TEXT NOT NULL,
    record {bytes} NOT NULL,
    result_id TEXT NOT NULL REFERENCES attestations (result_id),
    PRIMARY KEY (host, sequence)
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    work_order TEXT NOT NULL,
    technician TEXT NOT NULL,
    escort TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_by TEXT NOT NULL,
    closed_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_host ON sessions (host, opened_at);

CREATE TABLE operators (
    certificate TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);

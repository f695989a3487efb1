-- What was concluded is stored once; each attestation is a small row: docs/adr/0015. The rows of the tables below that end
-- in _before are moved by the program (move_attestations.cpp) in the same transaction.

ALTER TABLE attestations RENAME TO attestations_before;
ALTER TABLE odd_sections RENAME TO odd_sections_before;
ALTER TABLE host_sections RENAME TO host_sections_before;
ALTER TABLE journal_records RENAME TO journal_records_before;
DROP TABLE findings;

-- A document in DEFLATE. It names its host, so no two hosts share one.
CREATE TABLE conclusions (
    number BIGINT NOT NULL PRIMARY KEY,
    digest {bytes} NOT NULL UNIQUE,
    host TEXT NOT NULL REFERENCES hosts (name),
    tier TEXT NOT NULL,
    document {bytes} NOT NULL
);

CREATE TABLE findings (
    conclusion BIGINT NOT NULL REFERENCES conclusions (number),
    position BIGINT NOT NULL,
    id TEXT NOT NULL,
    tier TEXT NOT NULL,
    basis TEXT NOT NULL,
    subject TEXT NOT NULL,
    expected TEXT NOT NULL,
    actual TEXT NOT NULL,
    evidence TEXT NOT NULL,
    remedy TEXT NOT NULL,
    group_key TEXT NOT NULL,
    PRIMARY KEY (conclusion, position)
);

CREATE INDEX findings_by_id ON findings (id, conclusion);

-- From when to when a host's attestations came to one conclusion, in a row; result_id is of the newest of them.
CREATE TABLE stays (
    host TEXT NOT NULL REFERENCES hosts (name),
    first_revision BIGINT NOT NULL,
    last_revision BIGINT NOT NULL,
    conclusion BIGINT NOT NULL REFERENCES conclusions (number),
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    result_id {bytes} NOT NULL,
    PRIMARY KEY (host, first_revision)
);

CREATE INDEX stays_by_time ON stays (last_at);

CREATE INDEX stays_by_conclusion ON stays (conclusion);

-- One row an attestation, in the order of their coming. parts: occasion_parts.cpp in DEFLATE, told from the parts of the
-- occasion that key_conclusion and key_revision name; of one that names itself, whole.
CREATE TABLE occasions (
    conclusion BIGINT NOT NULL REFERENCES conclusions (number),
    revision BIGINT NOT NULL,
    key_conclusion BIGINT NOT NULL,
    key_revision BIGINT NOT NULL,
    appraised_at BIGINT NOT NULL,
    id {bytes} NOT NULL,
    parts {bytes} NOT NULL,
    PRIMARY KEY (conclusion, revision)
);

CREATE INDEX occasions_by_id ON occasions (substr(id, 1, 8));

-- bytes: of a small section, which is in no other table; empty for those in `sections`.
CREATE TABLE host_sections (
    host TEXT NOT NULL REFERENCES hosts (name),
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    bytes {bytes} NOT NULL,
    PRIMARY KEY (host, name)
);

INSERT INTO host_sections (host, name, digest, bytes)
SELECT host, name, digest, decode('', 'hex') FROM host_sections_before;
DROP TABLE host_sections_before;

CREATE TABLE journal_records (
    host TEXT NOT NULL REFERENCES hosts (name),
    sequence BIGINT NOT NULL,
    digest TEXT NOT NULL,
    record {bytes} NOT NULL,
    result_id TEXT NOT NULL,
    PRIMARY KEY (host, sequence)
);

INSERT INTO journal_records (host, sequence, digest, record, result_id)
SELECT host, sequence, digest, record, result_id FROM journal_records_before;
DROP TABLE journal_records_before;

-- What accompaniment is judged by, as documents in the forms of docs/formats/accompaniment-case.md: the directory, the
-- policy, work orders, feeds, sessions, device events. A new number takes the place of the one before, which is kept.
-- open: of a device event, 1 while its verdict may change by the passing of time or by a feed that moves.
-- from_ms, to_ms: the time that it is about, Unix milliseconds. host: of the fleet, empty where it is of none.

CREATE TABLE site_documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    newest BIGINT NOT NULL,
    open BIGINT NOT NULL,
    host TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    digest TEXT NOT NULL,
    document TEXT NOT NULL,
    stored_at BIGINT NOT NULL,
    stored_by TEXT NOT NULL,
    PRIMARY KEY (kind, id, number)
);
CREATE INDEX site_documents_of_time ON site_documents (kind, newest, to_ms);
CREATE INDEX site_documents_open ON site_documents (kind, newest, open);
CREATE INDEX site_documents_of_host ON site_documents (kind, newest, host, to_ms);

-- One row of a badge feed. The same row again changes nothing.
CREATE TABLE badge_rows (
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (source, event_id)
);
CREATE INDEX badge_rows_of_time ON badge_rows (to_ms);

-- Rows that could not be read: the rest of their feed went on.
CREATE TABLE rejected_rows (
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    line BIGINT NOT NULL,
    reason TEXT NOT NULL,
    content TEXT NOT NULL,
    rejected_at BIGINT NOT NULL,
    PRIMARY KEY (source, digest)
);

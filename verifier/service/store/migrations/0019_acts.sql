-- What people and feeds did and what was concluded, each chained to the one before: docs/adr/0024. Never changed or removed.
CREATE TABLE acts (
    number BIGINT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    hand TEXT NOT NULL,
    subject TEXT NOT NULL,
    object TEXT NOT NULL,
    document TEXT NOT NULL,
    head TEXT NOT NULL
);
CREATE INDEX acts_by_subject ON acts (subject, number);

-- The act that a row was written with; 1 for those of before there were acts. person: who keeps the key, '' where it is not known.
ALTER TABLE operators ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE operators ADD COLUMN feed TEXT NOT NULL DEFAULT '';
ALTER TABLE operators ADD COLUMN act BIGINT NOT NULL DEFAULT 1;
ALTER TABLE site_documents ADD COLUMN act BIGINT NOT NULL DEFAULT 1;
ALTER TABLE badge_rows ADD COLUMN act BIGINT NOT NULL DEFAULT 1;
ALTER TABLE rejected_rows ADD COLUMN act BIGINT NOT NULL DEFAULT 1;
ALTER TABLE registrations ADD COLUMN act BIGINT NOT NULL DEFAULT 1;
ALTER TABLE host_labels ADD COLUMN act BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sessions ADD COLUMN act BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sessions ADD COLUMN closed_act BIGINT NOT NULL DEFAULT 1;
-- Who opened it for an order or persons that were not here; '' where all were.
ALTER TABLE sessions ADD COLUMN unlisted TEXT NOT NULL DEFAULT '';
CREATE INDEX badge_rows_by_act ON badge_rows (act);

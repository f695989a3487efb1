-- What the newest authentic quote of a host had in its PCRs (lower-case hex), and since when (Unix seconds, of the
-- appraisal that first had it) each has its value. digest: SHA-256 over bank, PCRs and values, so that nothing is
-- written where nothing changed.

CREATE TABLE boots (
    host TEXT NOT NULL PRIMARY KEY REFERENCES hosts (name),
    bank TEXT NOT NULL,
    digest TEXT NOT NULL
);

CREATE TABLE boot_values (
    host TEXT NOT NULL REFERENCES hosts (name),
    pcr BIGINT NOT NULL,
    value TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (host, pcr)
);

-- What an operator says of a host, by which policies are chosen.
CREATE TABLE host_labels (
    host TEXT NOT NULL REFERENCES hosts (name),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (host, name)
);

-- Where USB devices were, from authentic evidence alone: one row a journal record of kind insert, present or remove.
-- device: SHA-256 over ids and serial. The three times are the verifier's, Unix milliseconds; claimed_ms is the host's
-- clock. The end of a stay is kept with its beginning; open is 1 while it lasts. Nothing is deleted.

CREATE TABLE device_sightings (
    host TEXT NOT NULL REFERENCES hosts (name),
    digest TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    device TEXT NOT NULL,
    vid TEXT NOT NULL,
    pid TEXT NOT NULL,
    serial TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    product TEXT NOT NULL,
    descriptors TEXT NOT NULL,
    form TEXT NOT NULL,
    hub BIGINT NOT NULL,
    port TEXT NOT NULL,
    controller TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    claimed_ms BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    earliest_ms BIGINT NOT NULL,
    latest_ms BIGINT NOT NULL,
    open BIGINT NOT NULL,
    end_sequence BIGINT NOT NULL,
    end_kind TEXT NOT NULL,
    end_at_ms BIGINT NOT NULL,
    end_earliest_ms BIGINT NOT NULL,
    end_latest_ms BIGINT NOT NULL,
    PRIMARY KEY (host, digest)
);

CREATE INDEX device_sightings_of_device ON device_sightings (device, open, at_ms);

CREATE INDEX device_sightings_of_serial ON device_sightings (serial, at_ms);

CREATE INDEX device_sightings_open ON device_sightings (host, open);

-- When a host last showed authentic evidence (Unix seconds), and up to when (Unix milliseconds) its journal is known
-- from a monitor that ran.
CREATE TABLE host_contacts (
    host TEXT NOT NULL PRIMARY KEY REFERENCES hosts (name),
    attested_at BIGINT NOT NULL,
    watched_until_ms BIGINT NOT NULL
);

INSERT INTO host_contacts (host, attested_at, watched_until_ms)
SELECT host, MAX(appraised_at), 0 FROM attestations WHERE authentic = 1 GROUP BY host;

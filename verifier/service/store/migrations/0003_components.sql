-- The parts of the hosts, from authentic evidence alone. What many hosts have in common (class, model and the
-- identifiers that name the maker) is stored once; makers are resolved when somebody asks, so that new vendor data
-- needs no rewriting.

CREATE TABLE part_types (
    id BIGINT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    model TEXT NOT NULL
);

CREATE TABLE part_makers (
    part_type BIGINT NOT NULL REFERENCES part_types (id),
    position BIGINT NOT NULL,
    namespace TEXT NOT NULL,
    value TEXT NOT NULL,
    layer TEXT NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (part_type, position)
);

CREATE INDEX part_makers_by_value ON part_makers (namespace, value);

-- One row a stay of a part in a place. last_seen is 0 while it is there: then it was last seen when the host was.
CREATE TABLE components (
    host TEXT NOT NULL REFERENCES hosts (name),
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    part_type BIGINT NOT NULL REFERENCES part_types (id),
    serial TEXT NOT NULL,
    mac TEXT NOT NULL,
    revision TEXT NOT NULL,
    evidence TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (host, kind, place, first_seen, part_type, serial)
);

CREATE INDEX components_by_type ON components (part_type, last_seen, host);

CREATE INDEX components_by_serial ON components (serial);

CREATE TABLE host_inventories (
    host TEXT NOT NULL PRIMARY KEY REFERENCES hosts (name),
    digest TEXT NOT NULL,
    seen_at BIGINT NOT NULL
);

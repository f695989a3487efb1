-- Every vendor bundle that was ever loaded: none with a lower version is loaded again.

CREATE TABLE vendor_bundles (
    version BIGINT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    loaded_at BIGINT NOT NULL
);

-- What was told of a host and is not over, as its newest report left it: CBOR in hexadecimal, as ima_state; '' where nothing is open.
ALTER TABLE host_state ADD COLUMN open_matters TEXT NOT NULL DEFAULT '';
-- Open beyond those that are kept one by one.
ALTER TABLE host_state ADD COLUMN open_more BIGINT NOT NULL DEFAULT 0;
-- The device monitor's sign of life as of the newest report; '' where there was none.
ALTER TABLE host_state ADD COLUMN watch TEXT NOT NULL DEFAULT '';
-- Revision of the newest attestation whose boot could be compared whole, and that boot's mark: '12:0f3a...'; '' before the first.
ALTER TABLE host_state ADD COLUMN boot_of TEXT NOT NULL DEFAULT '';
-- Where a part sits, if its place is but the kernel's name for it; '' where nothing says so.
ALTER TABLE components ADD COLUMN slot TEXT NOT NULL DEFAULT '';

-- What people said to have found out about a matter. Never changed or removed.
CREATE TABLE acknowledgements (
    host TEXT NOT NULL REFERENCES hosts (name),
    matter TEXT NOT NULL,
    by_person TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (host, matter, by_person)
);

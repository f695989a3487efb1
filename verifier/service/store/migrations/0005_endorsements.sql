-- What a host was delivered with, as operators said it; the newest counts, the others are kept as they were given.
-- files: the platform certificates or the list themselves. ek_digest: of the TPM that the host had then.

CREATE TABLE endorsements (
    host TEXT NOT NULL REFERENCES hosts (name),
    number BIGINT NOT NULL,
    ek_digest TEXT NOT NULL,
    endorsed_at BIGINT NOT NULL,
    delivery {bytes} NOT NULL,
    files {bytes} NOT NULL,
    PRIMARY KEY (host, number)
);

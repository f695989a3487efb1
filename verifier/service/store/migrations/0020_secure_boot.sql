-- What boots showed of Secure Boot, each document once: CBOR in hexadecimal, judge::SecureBootFacts and judge::RevokedEntries. digest: SHA-256 of it, hex.
CREATE TABLE secure_boot_documents (
    digest TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
);

-- Which of them the newest authentic report of a host showed. mark: judge::secure_boot_mark, so that nothing is written where nothing
-- changed. since: Unix seconds, of the appraisal that first had it.
CREATE TABLE host_secure_boot (
    host TEXT NOT NULL PRIMARY KEY REFERENCES hosts (name),
    mark TEXT NOT NULL,
    facts TEXT NOT NULL,
    revoked TEXT NOT NULL,
    since BIGINT NOT NULL
);

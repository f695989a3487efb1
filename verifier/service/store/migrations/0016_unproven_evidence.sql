-- Evidence whose proof failed: nothing of it but how often it came. At most kUnprovenRows rows (verifier/service/store/attestations/unproven.h). host: '' for every
-- name that is no host's.
CREATE TABLE unproven_evidence (
    host TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    times BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (host, source, reason)
);

CREATE INDEX unproven_evidence_by_time ON unproven_evidence (last_at);

-- Refusals have a bound in all (kRefusals), and what is asked for a name is found by it.
CREATE INDEX refusals_by_name ON refusals (asked_name);

-- What the TPM's indices held at journal_sequence: the EXTEND index in hex, and the counter. Empty and 0 before the TPM vouched
-- for a journal of this host for the first time, and after its TPM was replaced.

ALTER TABLE host_state ADD COLUMN journal_value TEXT NOT NULL DEFAULT '';
ALTER TABLE host_state ADD COLUMN journal_counter BIGINT NOT NULL DEFAULT 0;

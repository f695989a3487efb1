-- Where the replay of the host's IMA list stands (evidence/wire/section/ima_state.h), as hex of CBOR. Empty: the next list is wanted whole.

ALTER TABLE host_state ADD COLUMN ima_state TEXT NOT NULL DEFAULT '';

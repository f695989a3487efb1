-- IAK and IDevID of a host's TPM, as hex of a CBOR array: the TPMT_PUBLIC, then the certificates, the key's own first.
-- Empty where the TPM showed none. In `hosts` each has certified the AK.

ALTER TABLE enrolments ADD COLUMN iak TEXT NOT NULL DEFAULT '';
ALTER TABLE enrolments ADD COLUMN idevid TEXT NOT NULL DEFAULT '';
ALTER TABLE hosts ADD COLUMN iak TEXT NOT NULL DEFAULT '';
ALTER TABLE hosts ADD COLUMN idevid TEXT NOT NULL DEFAULT '';
ALTER TABLE replacements ADD COLUMN old_iak TEXT NOT NULL DEFAULT '';
ALTER TABLE replacements ADD COLUMN old_idevid TEXT NOT NULL DEFAULT '';

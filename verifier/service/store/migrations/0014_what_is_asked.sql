-- The open device events of one host, out of those of a fleet. The columns that are always 1 in it stand there because SQLite,
-- without statistics, takes the index in which the most columns are given.

DROP INDEX site_documents_open;

CREATE INDEX site_documents_open ON site_documents (kind, newest, open, host, to_ms) WHERE open = 1;

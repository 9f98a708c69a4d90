-- Who wrote the commit of a change, as its host names people. NULL where the host does not say.

ALTER TABLE change ADD COLUMN author TEXT;

-- Call sheets: who must be told about an event, and who has been.
--
-- A sheet is its entries, which are only ever appended; `call_sheet` repeats what lists need. `alert_key` is what makes two
-- messages of an alerting tool speak of the same event; one open sheet has each key at most. A verdict says whether the
-- catalog was right about an owner or a dependency; `entity_seq` is the change that the entity stood at, so that a wrong
-- answer is a problem until the entity changes or somebody settles it. `other` is empty where there is none.

CREATE TABLE call_sheet (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    opened_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    alert_key TEXT
) STRICT;
CREATE INDEX call_sheet_opened_at ON call_sheet (opened_at);
CREATE UNIQUE INDEX call_sheet_open_alert_key ON call_sheet (alert_key) WHERE is_open = 1;

CREATE TABLE call_sheet_entry (
    sheet_id TEXT NOT NULL REFERENCES call_sheet (id),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (sheet_id, number)
) STRICT;

CREATE TABLE call_sheet_verdict (
    sheet_id TEXT NOT NULL REFERENCES call_sheet (id),
    question TEXT NOT NULL,
    entity_ref TEXT NOT NULL,
    other TEXT NOT NULL,
    is_right INTEGER NOT NULL,
    note TEXT,
    entity_seq INTEGER,
    answered_at INTEGER NOT NULL,
    settled_at INTEGER,
    PRIMARY KEY (sheet_id, question, entity_ref, other)
) STRICT;
CREATE INDEX call_sheet_verdict_entity_ref ON call_sheet_verdict (entity_ref);

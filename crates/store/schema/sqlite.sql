-- The schema that all migrations together make. Written by the test `schema`; reasons are in migrations/.

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

CREATE UNIQUE INDEX call_sheet_open_alert_key ON call_sheet (alert_key) WHERE is_open = 1;

CREATE INDEX call_sheet_opened_at ON call_sheet (opened_at);

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

CREATE TABLE change (
    seq INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    entity_ref TEXT NOT NULL,
    kind INTEGER NOT NULL,
    uid BLOB NOT NULL,
    root_id BLOB,
    location TEXT,
    revision TEXT,
    actor TEXT,
    payload BLOB
, author TEXT) STRICT;

CREATE INDEX change_entity_ref ON change (entity_ref, seq);

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE delivery (
    id INTEGER NOT NULL PRIMARY KEY,
    webhook_id BLOB NOT NULL REFERENCES webhook (id),
    message TEXT NOT NULL,
    kind INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    status INTEGER,
    error TEXT
) STRICT;

CREATE INDEX delivery_webhook_id ON delivery (webhook_id, id);

CREATE TABLE entity (
    seq INTEGER NOT NULL PRIMARY KEY,
    entity_ref TEXT NOT NULL,
    uid BLOB NOT NULL,
    hash BLOB NOT NULL,
    file_id INTEGER NOT NULL REFERENCES file (id),
    CONSTRAINT entity_entity_ref_key UNIQUE (entity_ref)
) STRICT;

CREATE INDEX entity_file_id ON entity (file_id);

CREATE TABLE event (
    id INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    kind INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    subject TEXT,
    title TEXT NOT NULL,
    link TEXT,
    actor TEXT,
    outcome TEXT,
    reporter TEXT NOT NULL,
    CONSTRAINT event_source_key UNIQUE (source, source_id)
) STRICT;

CREATE INDEX event_at ON event (at, id);

CREATE TABLE event_entity (
    entity_ref TEXT NOT NULL,
    at INTEGER NOT NULL,
    event_id INTEGER NOT NULL REFERENCES event (id),
    PRIMARY KEY (entity_ref, at, event_id)
) STRICT;

CREATE INDEX event_entity_event_id ON event_entity (event_id);

CREATE TABLE file (
    id INTEGER NOT NULL PRIMARY KEY,
    root_id BLOB NOT NULL REFERENCES root (id),
    location TEXT NOT NULL,
    parents TEXT NOT NULL,
    etag TEXT,
    content_hash INTEGER,
    processing_hash INTEGER NOT NULL,
    nested TEXT NOT NULL,
    self_contained INTEGER NOT NULL,
    failing INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    CONSTRAINT file_location_key UNIQUE (root_id, location)
) STRICT;

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE TABLE letter (
    id INTEGER NOT NULL PRIMARY KEY,
    webhook_id BLOB NOT NULL REFERENCES webhook (id),
    message TEXT NOT NULL,
    kind INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    body TEXT,
    wanted INTEGER NOT NULL
) STRICT;

CREATE INDEX letter_webhook_id ON letter (webhook_id, id);

CREATE TABLE problem (
    id INTEGER NOT NULL PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES file (id),
    phase INTEGER NOT NULL,
    entity_ref TEXT,
    served INTEGER NOT NULL,
    diagnostic TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT;

CREATE INDEX problem_file_id ON problem (file_id);

CREATE TABLE problem_count (
    at INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    code TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, severity, code)
) STRICT;

CREATE TABLE replica (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;

CREATE TABLE root (
    id BLOB NOT NULL PRIMARY KEY,
    origin INTEGER NOT NULL,
    location TEXT NOT NULL,
    entity_ref TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    last_ok_at INTEGER,
    last_tried_at INTEGER,
    last_error TEXT,
    entities INTEGER NOT NULL,
    CONSTRAINT root_location_key UNIQUE (origin, location)
) STRICT;

CREATE TABLE schema_version (
            version BIGINT NOT NULL PRIMARY KEY
        );

CREATE TABLE shadow (
    id INTEGER NOT NULL PRIMARY KEY,
    entity_ref TEXT NOT NULL,
    file_id INTEGER NOT NULL REFERENCES file (id),
    hash BLOB NOT NULL,
    payload BLOB NOT NULL,
    line INTEGER NOT NULL,
    since INTEGER NOT NULL,
    CONSTRAINT shadow_claim_key UNIQUE (entity_ref, file_id)
) STRICT;

CREATE INDEX shadow_file_id ON shadow (file_id);

CREATE TABLE star (
    person TEXT NOT NULL,
    entity_ref TEXT NOT NULL,
    starred_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (person, entity_ref)
) STRICT;

CREATE TABLE stored_key (
    purpose TEXT NOT NULL,
    id TEXT NOT NULL,
    pem TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (purpose, id)
) STRICT;

CREATE TABLE webhook (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    filter TEXT NOT NULL,
    form TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until INTEGER,
    state INTEGER NOT NULL,
    reason TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    message_end INTEGER,
    attempts INTEGER NOT NULL,
    failing_since INTEGER,
    next_try_at INTEGER NOT NULL,
    last_error TEXT,
    last_ok_at INTEGER,
    delivered INTEGER NOT NULL
) STRICT;

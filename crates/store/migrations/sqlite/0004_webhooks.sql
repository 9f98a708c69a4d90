-- Webhooks and replicas.
--
-- `webhook`: who is told of changes over HTTP. `position` says how far: every change up to it was delivered, put aside as a
-- dead letter, or left out by the filter. A message under way ends at `message_end`, so that a retry sends the same message.
-- `delivery` has the newest attempts for people; `letter` has whole messages that wait for somebody (kind 1, dead letters)
-- or for the loop (kind 2, tests; `wanted`: to be sent now).
--
-- `lease` says which replica runs which loop, and until when by the clock of the database; `replica` which ones there are.

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

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE TABLE replica (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;

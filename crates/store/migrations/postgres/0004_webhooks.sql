-- Webhooks and replicas.
--
-- `webhook`: who is told of changes over HTTP. `position` says how far: every change up to it was delivered, put aside as a
-- dead letter, or left out by the filter. A message under way ends at `message_end`, so that a retry sends the same message.
-- `delivery` has the newest attempts for people; `letter` has whole messages that wait for somebody (kind 1, dead letters)
-- or for the loop (kind 2, tests; `wanted`: to be sent now).
--
-- `lease` says which replica runs which loop, and until when by the clock of the database; `replica` which ones there are.

CREATE TABLE webhook (
    id BYTEA NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    filter TEXT NOT NULL,
    form TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT,
    state SMALLINT NOT NULL,
    reason TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    position BIGINT NOT NULL,
    message_end BIGINT,
    attempts BIGINT NOT NULL,
    failing_since BIGINT,
    next_try_at BIGINT NOT NULL,
    last_error TEXT,
    last_ok_at BIGINT,
    delivered BIGINT NOT NULL
);

CREATE TABLE delivery (
    id BIGINT NOT NULL PRIMARY KEY,
    webhook_id BYTEA NOT NULL REFERENCES webhook (id),
    message TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT
);
CREATE INDEX delivery_webhook_id ON delivery (webhook_id, id);

CREATE TABLE letter (
    id BIGINT NOT NULL PRIMARY KEY,
    webhook_id BYTEA NOT NULL REFERENCES webhook (id),
    message TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    body TEXT,
    wanted SMALLINT NOT NULL
);
CREATE INDEX letter_webhook_id ON letter (webhook_id, id);

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);

CREATE TABLE replica (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    seq BIGINT NOT NULL
);

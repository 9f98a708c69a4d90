-- What others report: deployments, switched flags, alerts. It stands beside the catalog's own history and is no part of it.
--
-- A sender names each event once, so that sending it again is harmless. Entities are found when an event arrives, and kept by
-- name: one that is gone later keeps its events.

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

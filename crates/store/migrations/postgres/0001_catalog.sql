-- The catalog, where it comes from, and its history.
--
-- A body is written once: `entity.seq` names the change row that holds it. Moments are milliseconds since 1970,
-- uids are 16 bytes, hashes are xxh3-128 of the payload before compression.

-- Numbers that only grow. They are read and written by the one writer at a time, so numbers follow the order of commits.
CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('newest_seq', 0), ('oldest_seq', 0), ('newest_id', 0);

CREATE TABLE root (
    id BYTEA NOT NULL PRIMARY KEY,
    origin SMALLINT NOT NULL,
    location TEXT NOT NULL,
    entity_ref TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    last_ok_at BIGINT,
    last_tried_at BIGINT,
    last_error TEXT,
    entities BIGINT NOT NULL,
    CONSTRAINT root_location_key UNIQUE (origin, location)
);

CREATE TABLE file (
    id BIGINT NOT NULL PRIMARY KEY,
    root_id BYTEA NOT NULL REFERENCES root (id),
    location TEXT NOT NULL,
    parents TEXT NOT NULL,
    etag TEXT,
    content_hash BIGINT,
    processing_hash BIGINT NOT NULL,
    nested TEXT NOT NULL,
    self_contained BOOLEAN NOT NULL,
    failing BOOLEAN NOT NULL,
    written_at BIGINT NOT NULL,
    CONSTRAINT file_location_key UNIQUE (root_id, location)
);

CREATE TABLE change (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    entity_ref TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    uid BYTEA NOT NULL,
    root_id BYTEA,
    location TEXT,
    revision TEXT,
    actor TEXT,
    payload BYTEA
);
CREATE INDEX change_entity_ref ON change (entity_ref, seq);

-- The claim that is served for each reference.
CREATE TABLE entity (
    seq BIGINT NOT NULL PRIMARY KEY,
    entity_ref TEXT NOT NULL,
    uid BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    file_id BIGINT NOT NULL REFERENCES file (id),
    CONSTRAINT entity_entity_ref_key UNIQUE (entity_ref)
);
CREATE INDEX entity_file_id ON entity (file_id);

-- Claims on references that another file holds; the oldest takes over when that one goes.
CREATE TABLE shadow (
    id BIGINT NOT NULL PRIMARY KEY,
    entity_ref TEXT NOT NULL,
    file_id BIGINT NOT NULL REFERENCES file (id),
    hash BYTEA NOT NULL,
    payload BYTEA NOT NULL,
    line BIGINT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT shadow_claim_key UNIQUE (entity_ref, file_id)
);
CREATE INDEX shadow_file_id ON shadow (file_id);

CREATE TABLE problem (
    id BIGINT NOT NULL PRIMARY KEY,
    file_id BIGINT NOT NULL REFERENCES file (id),
    phase SMALLINT NOT NULL,
    entity_ref TEXT,
    served BOOLEAN NOT NULL,
    diagnostic TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE INDEX problem_file_id ON problem (file_id);

CREATE TABLE stored_key (
    purpose TEXT NOT NULL,
    id TEXT NOT NULL,
    pem TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (purpose, id)
);

-- The schema that all migrations together make. Written by the test `schema`; reasons are in migrations/.

CREATE TABLE call_sheet (
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    is_open SMALLINT NOT NULL,
    opened_at BIGINT NOT NULL,
    opened_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    alert_key TEXT,
    CONSTRAINT call_sheet_pkey PRIMARY KEY (id)
);

CREATE TABLE call_sheet_entry (
    sheet_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT call_sheet_entry_pkey PRIMARY KEY (sheet_id, number),
    CONSTRAINT call_sheet_entry_sheet_id_fkey FOREIGN KEY (sheet_id) REFERENCES call_sheet(id)
);

CREATE TABLE call_sheet_verdict (
    sheet_id TEXT NOT NULL,
    question TEXT NOT NULL,
    entity_ref TEXT NOT NULL,
    other TEXT NOT NULL,
    is_right SMALLINT NOT NULL,
    note TEXT,
    entity_seq BIGINT,
    answered_at BIGINT NOT NULL,
    settled_at BIGINT,
    CONSTRAINT call_sheet_verdict_pkey PRIMARY KEY (sheet_id, question, entity_ref, other),
    CONSTRAINT call_sheet_verdict_sheet_id_fkey FOREIGN KEY (sheet_id) REFERENCES call_sheet(id)
);

CREATE TABLE change (
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    entity_ref TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    uid BYTEA NOT NULL,
    root_id BYTEA,
    location TEXT,
    revision TEXT,
    actor TEXT,
    payload BYTEA,
    author TEXT,
    CONSTRAINT change_pkey PRIMARY KEY (seq)
);

CREATE TABLE counter (
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    CONSTRAINT counter_pkey PRIMARY KEY (name)
);

CREATE TABLE delivery (
    id BIGINT NOT NULL,
    webhook_id BYTEA NOT NULL,
    message TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    CONSTRAINT delivery_pkey PRIMARY KEY (id),
    CONSTRAINT delivery_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhook(id)
);

CREATE TABLE entity (
    seq BIGINT NOT NULL,
    entity_ref TEXT NOT NULL,
    uid BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    file_id BIGINT NOT NULL,
    CONSTRAINT entity_entity_ref_key UNIQUE (entity_ref),
    CONSTRAINT entity_file_id_fkey FOREIGN KEY (file_id) REFERENCES file(id),
    CONSTRAINT entity_pkey PRIMARY KEY (seq)
);

CREATE TABLE event (
    id BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    event_type TEXT NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    subject TEXT,
    title TEXT NOT NULL,
    link TEXT,
    actor TEXT,
    outcome TEXT,
    reporter TEXT NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (id),
    CONSTRAINT event_source_key UNIQUE (source, source_id)
);

CREATE TABLE event_entity (
    entity_ref TEXT NOT NULL,
    at BIGINT NOT NULL,
    event_id BIGINT NOT NULL,
    CONSTRAINT event_entity_event_id_fkey FOREIGN KEY (event_id) REFERENCES event(id),
    CONSTRAINT event_entity_pkey PRIMARY KEY (entity_ref, at, event_id)
);

CREATE TABLE file (
    id BIGINT NOT NULL,
    root_id BYTEA NOT NULL,
    location TEXT NOT NULL,
    parents TEXT NOT NULL,
    etag TEXT,
    content_hash BIGINT,
    processing_hash BIGINT NOT NULL,
    nested TEXT NOT NULL,
    self_contained BOOLEAN NOT NULL,
    failing BOOLEAN NOT NULL,
    written_at BIGINT NOT NULL,
    CONSTRAINT file_location_key UNIQUE (root_id, location),
    CONSTRAINT file_pkey PRIMARY KEY (id),
    CONSTRAINT file_root_id_fkey FOREIGN KEY (root_id) REFERENCES root(id)
);

CREATE TABLE lease (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    CONSTRAINT lease_pkey PRIMARY KEY (name)
);

CREATE TABLE letter (
    id BIGINT NOT NULL,
    webhook_id BYTEA NOT NULL,
    message TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    body TEXT,
    wanted SMALLINT NOT NULL,
    CONSTRAINT letter_pkey PRIMARY KEY (id),
    CONSTRAINT letter_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhook(id)
);

CREATE TABLE problem (
    id BIGINT NOT NULL,
    file_id BIGINT NOT NULL,
    phase SMALLINT NOT NULL,
    entity_ref TEXT,
    served BOOLEAN NOT NULL,
    diagnostic TEXT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT problem_file_id_fkey FOREIGN KEY (file_id) REFERENCES file(id),
    CONSTRAINT problem_pkey PRIMARY KEY (id)
);

CREATE TABLE problem_count (
    at BIGINT NOT NULL,
    severity SMALLINT NOT NULL,
    code TEXT NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT problem_count_pkey PRIMARY KEY (at, severity, code)
);

CREATE TABLE replica (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    CONSTRAINT replica_pkey PRIMARY KEY (id)
);

CREATE TABLE root (
    id BYTEA NOT NULL,
    origin SMALLINT NOT NULL,
    location TEXT NOT NULL,
    entity_ref TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    last_ok_at BIGINT,
    last_tried_at BIGINT,
    last_error TEXT,
    entities BIGINT NOT NULL,
    CONSTRAINT root_location_key UNIQUE (origin, location),
    CONSTRAINT root_pkey PRIMARY KEY (id)
);

CREATE TABLE schema_version (
    version BIGINT NOT NULL,
    CONSTRAINT schema_version_pkey PRIMARY KEY (version)
);

CREATE TABLE shadow (
    id BIGINT NOT NULL,
    entity_ref TEXT NOT NULL,
    file_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    payload BYTEA NOT NULL,
    line BIGINT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT shadow_claim_key UNIQUE (entity_ref, file_id),
    CONSTRAINT shadow_file_id_fkey FOREIGN KEY (file_id) REFERENCES file(id),
    CONSTRAINT shadow_pkey PRIMARY KEY (id)
);

CREATE TABLE star (
    person TEXT NOT NULL,
    entity_ref TEXT NOT NULL,
    starred_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT star_pkey PRIMARY KEY (person, entity_ref)
);

CREATE TABLE stored_key (
    purpose TEXT NOT NULL,
    id TEXT NOT NULL,
    pem TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT stored_key_pkey PRIMARY KEY (purpose, id)
);

CREATE TABLE webhook (
    id BYTEA NOT NULL,
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
    delivered BIGINT NOT NULL,
    CONSTRAINT webhook_pkey PRIMARY KEY (id)
);

CREATE UNIQUE INDEX call_sheet_open_alert_key ON public.call_sheet USING btree (alert_key) WHERE (is_open = 1);

CREATE INDEX call_sheet_opened_at ON public.call_sheet USING btree (opened_at);

CREATE INDEX call_sheet_verdict_entity_ref ON public.call_sheet_verdict USING btree (entity_ref);

CREATE INDEX change_entity_ref ON public.change USING btree (entity_ref, seq);

CREATE INDEX delivery_webhook_id ON public.delivery USING btree (webhook_id, id);

CREATE INDEX entity_file_id ON public.entity USING btree (file_id);

CREATE INDEX event_at ON public.event USING btree (at, id);

CREATE INDEX event_entity_event_id ON public.event_entity USING btree (event_id);

CREATE INDEX letter_webhook_id ON public.letter USING btree (webhook_id, id);

CREATE INDEX problem_file_id ON public.problem USING btree (file_id);

CREATE INDEX shadow_file_id ON public.shadow USING btree (file_id);

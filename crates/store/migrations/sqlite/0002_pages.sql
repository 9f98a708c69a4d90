-- What people and pages keep: stars, and how many problems there were when.
--
-- A person is a user's entity ref, or `browser:<uuid>` for a guest; browsers that stay away are forgotten, for which
-- `seen_at` is there. Counts of problems are derived, but from moments that nothing else remembers. A moment without
-- problems is one row with an empty code.

CREATE TABLE star (
    person TEXT NOT NULL,
    entity_ref TEXT NOT NULL,
    starred_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (person, entity_ref)
) STRICT;

CREATE TABLE problem_count (
    at INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    code TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, severity, code)
) STRICT;

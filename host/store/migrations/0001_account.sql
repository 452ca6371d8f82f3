-- One row an account. What is sealed is bound to id, name, endpoint and kind: none of them can be changed without the key.
CREATE TABLE account (
    id              TEXT    NOT NULL PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    endpoint        TEXT    NOT NULL,
    settings        TEXT,
    limits          TEXT    NOT NULL,
    component       TEXT,
    credential_kind TEXT    NOT NULL CHECK (credential_kind IN ('token', 'command', 'none')),
    credential      BLOB    CHECK ((credential IS NULL) = (credential_kind = 'none')),
    key             TEXT    CHECK ((key IS NULL) = (credential IS NULL)),
    created         INTEGER NOT NULL,
    rotated         INTEGER,
    checked         INTEGER,
    outcome         TEXT    CHECK ((outcome IS NULL) = (checked IS NULL))
) STRICT;

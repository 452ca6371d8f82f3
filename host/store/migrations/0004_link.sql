-- Who in a source is who in the directory at an endpoint.
CREATE TABLE link (
    endpoint TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    made     INTEGER NOT NULL,
    PRIMARY KEY (endpoint, key)
) STRICT, WITHOUT ROWID;

-- What was applied, by kind of action, for the limits of a day.
CREATE TABLE applied (
    endpoint TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    count    INTEGER NOT NULL CHECK (count > 0),
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX applied_at ON applied (endpoint, at);

-- What the last run found and left, as the JSON of whoever planned it.
CREATE TABLE run (
    endpoint TEXT    NOT NULL PRIMARY KEY,
    document TEXT    NOT NULL,
    at       INTEGER NOT NULL
) STRICT;

-- One row for each plan that was begun at an endpoint.
CREATE TABLE journal (
    run      INTEGER NOT NULL PRIMARY KEY,
    endpoint TEXT    NOT NULL,
    plan     TEXT    NOT NULL,
    started  INTEGER NOT NULL,
    ended    INTEGER,
    UNIQUE (endpoint, plan)
) STRICT;

-- One row for each action that was begun. Without an outcome its effect is unknown.
CREATE TABLE journal_action (
    run     INTEGER NOT NULL REFERENCES journal (run),
    number  INTEGER NOT NULL,
    outcome TEXT,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

-- One row: the end of the audit log as it was last written, and the key that its lines are chained with, sealed.
-- The tag is over first to length, so that none of them can be changed without the key.
CREATE TABLE audit (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    sealed BLOB    NOT NULL,
    key    TEXT    NOT NULL,
    first  INTEGER NOT NULL,
    start  BLOB    NOT NULL,
    count  INTEGER NOT NULL,
    head   BLOB    NOT NULL,
    length INTEGER NOT NULL,
    tag    BLOB    NOT NULL
) STRICT;

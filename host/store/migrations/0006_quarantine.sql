-- Who is in quarantine at an endpoint, as the JSON of whoever put them there. Gone with the quarantine.
CREATE TABLE quarantine (
    endpoint TEXT NOT NULL,
    user     TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (endpoint, user)
) STRICT, WITHOUT ROWID;

-- What providers reported over HTTP: each proof counts for one body, and once. Hashes alone.
CREATE TABLE reported (
    mark             TEXT    PRIMARY KEY,      -- of what proves it
    body             TEXT    NOT NULL,         -- of what it said
    at               BIGINT  NOT NULL,
    done             BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX reported_by_time ON reported (at);

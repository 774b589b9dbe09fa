-- One row for each process that works on this database. The lease is the node's: while it
-- holds, what the node claimed is the node's own. Leases go by the database's clock.
CREATE TABLE nodes (
    name             TEXT    PRIMARY KEY,
    place            TEXT    NOT NULL,         -- the data folder that holds its lock file
    host             TEXT    NOT NULL,
    pid              BIGINT  NOT NULL,
    version          TEXT    NOT NULL,
    since            BIGINT  NOT NULL,
    seen_at          BIGINT  NOT NULL,
    lease_until      BIGINT  NOT NULL,
    fenced           BOOLEAN NOT NULL DEFAULT FALSE  -- it lost its claims, and may record no more
);

DROP INDEX deliveries_due;
ALTER TABLE deliveries DROP COLUMN lease_until;
ALTER TABLE deliveries ADD COLUMN priority BIGINT NOT NULL DEFAULT 1;  -- 0 notices, 1 digests
-- While claimed: its bytes may be on the wire.
ALTER TABLE deliveries ADD COLUMN begun BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX deliveries_due ON deliveries (priority, next_attempt_at, id)
    WHERE state IN ('queued', 'deferred');

-- Claims of the version before have no node's row to tell whether they are alive.
UPDATE deliveries SET doubtful = TRUE, node = NULL,
    state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END
    WHERE state = 'sending';

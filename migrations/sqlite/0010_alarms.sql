-- Troubles that need a person: one row from when each was seen until it was over.
CREATE TABLE alarms (
    id               INTEGER PRIMARY KEY,
    topic            TEXT    NOT NULL,         -- source-broken | relay-resting | …
    subject          TEXT    NOT NULL,         -- what it is about, such as a source's name; may be empty
    place            TEXT    NOT NULL,         -- the machine that it is about; empty: all of them
    detail           TEXT    NOT NULL,
    opened_at        BIGINT  NOT NULL,
    seen_at          BIGINT  NOT NULL,         -- when it was last found to be there
    mailed_at        BIGINT,                   -- when a mail last told of it
    posted_at        BIGINT,                   -- when webhooks were last told
    closed_at        BIGINT                    -- when it was over
);
CREATE UNIQUE INDEX alarms_open ON alarms (topic, subject, place) WHERE closed_at IS NULL;
CREATE INDEX alarms_by_topic ON alarms (topic, opened_at);

-- What webhooks are still to be told.
CREATE TABLE alarm_posts (
    id               INTEGER PRIMARY KEY,
    hook             TEXT    NOT NULL,         -- which of the configured ones
    event            TEXT    NOT NULL,         -- JSON
    at               BIGINT  NOT NULL,
    next_at          BIGINT  NOT NULL,
    attempts         BIGINT  NOT NULL,
    reason           TEXT                      -- why the last attempt failed
);
CREATE INDEX alarm_posts_due ON alarm_posts (next_at);

-- For figures that are asked for often.
CREATE INDEX deliveries_doubtful ON deliveries (id) WHERE doubtful;
CREATE INDEX plans_by_time ON plans (planned_at) WHERE digest IS NOT NULL;
CREATE INDEX fetches_with_new ON fetches (source, at) WHERE added > 0;

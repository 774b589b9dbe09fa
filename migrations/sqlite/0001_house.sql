-- Instants are whole microseconds since 1970 in UTC; days are text, YYYY-MM-DD.

CREATE TABLE papers (
    id               INTEGER PRIMARY KEY,
    paper_key        TEXT    NOT NULL UNIQUE,  -- arXiv id without version, else doi:… or url:…
    title            TEXT    NOT NULL,
    data             TEXT    NOT NULL,         -- the paper as JSON, the newest known of each field
    source           TEXT    NOT NULL,         -- the first to list it
    first_listed_at  BIGINT  NOT NULL,
    last_listed_at   BIGINT  NOT NULL
);
CREATE INDEX papers_by_first_listed ON papers (first_listed_at);

-- Votes and stars over time: a row whenever either changed.
CREATE TABLE paper_counts (
    paper            BIGINT  NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
    at               BIGINT  NOT NULL,
    votes            BIGINT,
    stars            BIGINT,
    PRIMARY KEY (paper, at)
) WITHOUT ROWID;

-- Which list held which paper, and where in it.
CREATE TABLE listings (
    source           TEXT    NOT NULL,
    period           TEXT    NOT NULL,         -- day:YYYY-MM-DD, week:…, month:…, trending, feed
    paper            BIGINT  NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
    position         BIGINT  NOT NULL,         -- from 1, as last seen
    first_at         BIGINT  NOT NULL,
    last_at          BIGINT  NOT NULL,
    PRIMARY KEY (source, period, paper)
) WITHOUT ROWID;

CREATE TABLE fetches (
    id               INTEGER PRIMARY KEY,
    source           TEXT    NOT NULL,
    url              TEXT    NOT NULL,
    at               BIGINT  NOT NULL,
    outcome          TEXT    NOT NULL,         -- good | unchanged | empty | incomplete | broken
    reason           TEXT,
    reachable        BOOLEAN NOT NULL,
    period           TEXT,
    listed           BIGINT  NOT NULL,
    added            BIGINT  NOT NULL,
    changed          BIGINT  NOT NULL,
    rejected         BIGINT  NOT NULL,
    etag             TEXT,
    last_modified    TEXT,
    body_hash        TEXT,
    kept             TEXT,                     -- the file that keeps its raw bytes
    not_before       BIGINT                    -- the source asked for peace until then
);
CREATE INDEX fetches_by_source ON fetches (source, at);

CREATE TABLE profiles (
    id               INTEGER PRIMARY KEY,
    preferences      TEXT    NOT NULL UNIQUE   -- canonical JSON
);

CREATE TABLE histories (
    id               INTEGER PRIMARY KEY,
    hash             TEXT    NOT NULL UNIQUE,  -- SHA-256 of papers
    papers           TEXT    NOT NULL          -- JSON: the ids of papers, ascending
);

CREATE TABLE subscribers (
    id               INTEGER PRIMARY KEY,
    email            TEXT    NOT NULL,
    email_key        TEXT    NOT NULL UNIQUE,
    state            TEXT    NOT NULL,         -- pending | active | paused | unsubscribed | suppressed
    profile          BIGINT  NOT NULL REFERENCES profiles (id),
    history          BIGINT  NOT NULL REFERENCES histories (id),
    next_due_at      BIGINT,                   -- set while active
    last_digest_day  TEXT,                     -- on the reader's own calendar
    epoch            BIGINT  NOT NULL DEFAULT 0,
    created_at       BIGINT  NOT NULL,
    confirmed_at     BIGINT
);
CREATE INDEX subscribers_due ON subscribers (next_due_at, profile, history) WHERE state = 'active';
CREATE INDEX subscribers_by_profile ON subscribers (profile);
CREATE INDEX subscribers_by_history ON subscribers (history);

-- What happened to a subscription, for `why`.
CREATE TABLE subscriber_events (
    id               INTEGER PRIMARY KEY,
    subscriber       BIGINT  NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    at               BIGINT  NOT NULL,
    what             TEXT    NOT NULL,
    detail           TEXT    NOT NULL
);
CREATE INDEX subscriber_events_by_subscriber ON subscriber_events (subscriber, at);

-- One row a cohort planned, whether or not there was anything to send.
CREATE TABLE plans (
    id               INTEGER PRIMARY KEY,
    profile          BIGINT  NOT NULL,
    history_before   BIGINT  NOT NULL,
    history_after    BIGINT  NOT NULL,
    due_at           BIGINT  NOT NULL,
    planned_at       BIGINT  NOT NULL,
    day              TEXT    NOT NULL,
    readers          BIGINT  NOT NULL,
    candidates       BIGINT  NOT NULL,         -- papers inside the look-back
    digest           BIGINT,                   -- none: nothing was new
    reason           TEXT    NOT NULL
);
CREATE INDEX plans_by_profile ON plans (profile, due_at);

CREATE TABLE digests (
    id               INTEGER PRIMARY KEY,
    profile          BIGINT  NOT NULL,
    day              TEXT    NOT NULL,
    created_at       BIGINT  NOT NULL,
    papers           TEXT    NOT NULL,         -- JSON: the ids of its papers, best first
    marker           TEXT    NOT NULL,         -- stands where the personal parts go
    subject          TEXT    NOT NULL,
    html             TEXT    NOT NULL,
    body_text        TEXT    NOT NULL
);

CREATE TABLE deliveries (
    id               INTEGER PRIMARY KEY,
    kind             TEXT    NOT NULL,         -- digest
    digest           BIGINT  NOT NULL REFERENCES digests (id),
    subscriber       BIGINT  NOT NULL,
    day              TEXT    NOT NULL,
    state            TEXT    NOT NULL,         -- queued | sending | sent | deferred | failed | skipped
    attempts         BIGINT  NOT NULL DEFAULT 0,
    created_at       BIGINT  NOT NULL,
    next_attempt_at  BIGINT  NOT NULL,
    expires_at       BIGINT  NOT NULL,
    finished_at      BIGINT,
    node             TEXT,                     -- who has claimed it
    lease_until      BIGINT,
    doubtful         BOOLEAN NOT NULL DEFAULT FALSE,
    relay            TEXT,
    reason           TEXT                      -- the relay's last answer, or ours
);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at, id) WHERE state IN ('queued', 'deferred');
CREATE INDEX deliveries_claimed ON deliveries (node) WHERE state = 'sending';
CREATE UNIQUE INDEX deliveries_one_digest_a_day ON deliveries (subscriber, day) WHERE kind = 'digest';

-- Attempts that did not end in "sent": those keep the relay's answer in the delivery.
CREATE TABLE attempts (
    id               INTEGER PRIMARY KEY,
    delivery         BIGINT  NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    at               BIGINT  NOT NULL,
    relay            TEXT    NOT NULL,
    outcome          TEXT    NOT NULL,         -- deferred | failed | relay-down
    reply            TEXT    NOT NULL
);
CREATE INDEX attempts_by_delivery ON attempts (delivery, at);

CREATE TABLE settings (
    name             TEXT    PRIMARY KEY,
    value            TEXT    NOT NULL
);

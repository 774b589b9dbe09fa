-- What reports and relays said of mails to subscribers: one row for each thing said.
CREATE TABLE bounces (
    id               INTEGER PRIMARY KEY,
    subscriber       BIGINT  NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    delivery         BIGINT  NOT NULL,         -- 0: no mail of ours is known that it could be about
    at               BIGINT  NOT NULL,
    verdict          TEXT    NOT NULL,         -- hard | soft | policy | complaint | delayed | …
    way              TEXT    NOT NULL,         -- relay | report | ses | postmark | sendgrid | mailgun
    domain           TEXT    NOT NULL,         -- the receiving one
    status           TEXT,                     -- enhanced code, such as 5.1.1
    detail           TEXT    NOT NULL,
    state            TEXT    NOT NULL,         -- noted | acted | held | cleared
    acted_at         BIGINT                    -- when it had the address suppressed
);
-- The same thing said twice counts once.
CREATE UNIQUE INDEX bounces_once ON bounces (subscriber, delivery, verdict, way);
CREATE INDEX bounces_by_verdict ON bounces (verdict, at);
CREATE INDEX bounces_by_domain ON bounces (domain, verdict, at);
CREATE INDEX bounces_acted ON bounces (domain, acted_at) WHERE acted_at IS NOT NULL;
CREATE INDEX bounces_held ON bounces (domain, id) WHERE state = 'held';

-- Who is being sent a last mail, to find out whether any arrives.
CREATE TABLE probes (
    subscriber       BIGINT  PRIMARY KEY REFERENCES subscribers (id) ON DELETE CASCADE,
    delivery         BIGINT  NOT NULL,
    at               BIGINT  NOT NULL
);

-- Receiving domains that refused our mail as such: no digest goes there for a while.
CREATE TABLE domain_rests (
    domain           TEXT    PRIMARY KEY,
    until            BIGINT  NOT NULL,
    minutes          BIGINT  NOT NULL,         -- how long this rest is
    detail           TEXT    NOT NULL          -- what was said
);

-- Whether it was looked at what a refusal says of its recipient.
ALTER TABLE attempts ADD COLUMN judged BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE attempts SET judged = TRUE;
CREATE INDEX attempts_unjudged ON attempts (id) WHERE outcome = 'failed' AND NOT judged;

-- How many subscribers a domain has: what stands after the last @.
CREATE INDEX subscribers_by_domain ON subscribers
    (substr(email_key, length(rtrim(email_key, replace(email_key, '@', ''))) + 1), state);

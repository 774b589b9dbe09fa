-- Since when a subscription stands where it stands; until when it is paused; the address that
-- it may move to.
ALTER TABLE subscribers ADD COLUMN state_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscribers ADD COLUMN paused_until BIGINT;
ALTER TABLE subscribers ADD COLUMN moving_to TEXT;
UPDATE subscribers SET state_at = created_at, epoch = created_at;
CREATE INDEX subscribers_paused ON subscribers (paused_until) WHERE paused_until IS NOT NULL;
CREATE INDEX subscribers_pending ON subscribers (state_at) WHERE state = 'pending';

-- What a person agreed to: when, how, to which words, from where (a keyed hash).
CREATE TABLE consents (
    id               INTEGER PRIMARY KEY,
    subscriber       BIGINT  NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    at               BIGINT  NOT NULL,
    what             TEXT    NOT NULL,         -- asked | confirmed | returned | moved
    how              TEXT    NOT NULL,         -- web | mail | admin | import
    wording          TEXT    NOT NULL,         -- the version of the words that were agreed to
    source           TEXT                      -- keyed hash of the network address
);
CREATE INDEX consents_by_subscriber ON consents (subscriber);

-- Mails that strangers caused, for the limits on them; all names are keyed hashes.
CREATE TABLE asked_mails (
    id               INTEGER PRIMARY KEY,
    at               BIGINT  NOT NULL,
    kind             TEXT    NOT NULL,         -- confirm | link
    address          TEXT    NOT NULL,
    network          TEXT    NOT NULL,
    domain           TEXT    NOT NULL,
    quick            BOOLEAN NOT NULL          -- the form came back sooner than people type
);
CREATE INDEX asked_mails_by_time ON asked_mails (at);
CREATE INDEX asked_mails_by_address ON asked_mails (address, at);
CREATE INDEX asked_mails_by_network ON asked_mails (network, at);
CREATE INDEX asked_mails_by_domain ON asked_mails (domain, at);

-- Who must not be mailed, subscriber or not. Of those who were erased, the hash alone.
CREATE TABLE suppressions (
    address          TEXT    PRIMARY KEY,      -- keyed hash
    email            TEXT,
    at               BIGINT  NOT NULL,
    reason           TEXT    NOT NULL,         -- erased | admin | bounce | complaint
    detail           TEXT    NOT NULL
);

-- Notices lie among the digests: made once, sent to many.
ALTER TABLE digests ADD COLUMN kind TEXT NOT NULL DEFAULT 'digest';
ALTER TABLE digests ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX digests_by_hash ON digests (hash) WHERE hash IS NOT NULL;

-- To whom, where that is not the subscriber's own address.
ALTER TABLE deliveries ADD COLUMN recipient TEXT;
CREATE INDEX deliveries_notices ON deliveries (subscriber) WHERE kind <> 'digest';

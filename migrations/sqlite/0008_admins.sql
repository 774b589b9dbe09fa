-- Who may use the admin pages.
CREATE TABLE admins (
    id               INTEGER PRIMARY KEY,
    name             TEXT    NOT NULL UNIQUE,  -- lower case, NFC
    role             TEXT    NOT NULL,         -- admin | reader
    password         TEXT,                     -- argon2id, as a PHC string; none: not chosen yet
    totp             TEXT,                     -- what the secret of codes is derived from, with the server's key
    totp_next        TEXT,                     -- the same, being set up
    totp_step        BIGINT  NOT NULL DEFAULT 0,  -- codes up to this step are used up
    networks         TEXT    NOT NULL DEFAULT '[]',  -- where they logged in lately: keyed hashes
    created_at       BIGINT  NOT NULL,
    last_login_at    BIGINT
);

-- Codes for when the telephone is lost, each good once: keyed hashes.
CREATE TABLE admin_recovery (
    admin            BIGINT  NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    hash             TEXT    NOT NULL,
    PRIMARY KEY (admin, hash)
) WITHOUT ROWID;

-- One-time links, by which a password is chosen.
CREATE TABLE admin_links (
    hash             TEXT    PRIMARY KEY,
    admin            BIGINT  NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    expires_at       BIGINT  NOT NULL
);

CREATE TABLE admin_sessions (
    id               INTEGER PRIMARY KEY,
    hash             TEXT    NOT NULL UNIQUE,
    admin            BIGINT  NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
    created_at       BIGINT  NOT NULL,
    seen_at          BIGINT  NOT NULL,
    proved_at        BIGINT  NOT NULL,         -- when the password was last given
    network          TEXT    NOT NULL,         -- masked
    agent            TEXT    NOT NULL          -- what the browser calls itself
);
CREATE INDEX admin_sessions_by_admin ON admin_sessions (admin);

-- Tries to log in that failed, or are under way; names and networks are keyed hashes.
CREATE TABLE admin_tries (
    id               INTEGER PRIMARY KEY,
    at               BIGINT  NOT NULL,
    account          TEXT    NOT NULL,
    network          TEXT    NOT NULL
);
CREATE INDEX admin_tries_by_account ON admin_tries (account, at);
CREATE INDEX admin_tries_by_network ON admin_tries (network, at);
CREATE INDEX admin_tries_by_time ON admin_tries (at);

-- Who changed what, when, from where.
CREATE TABLE audit (
    id               INTEGER PRIMARY KEY,
    at               BIGINT  NOT NULL,
    who              TEXT    NOT NULL,
    network          TEXT    NOT NULL,         -- masked; empty: on the server itself
    what             TEXT    NOT NULL,         -- in a word, such as queue.drop
    about            TEXT    NOT NULL,
    detail           TEXT    NOT NULL          -- before and after, without secrets
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_who ON audit (who, id);
CREATE INDEX audit_by_what ON audit (what, id);

-- One number a day and name, for charts: a day counts in the site's zone.
CREATE TABLE day_figures (
    day              TEXT    NOT NULL,
    name             TEXT    NOT NULL,         -- such as sent, subscribers.active, fetches.good/NAME
    value            BIGINT  NOT NULL,
    PRIMARY KEY (day, name)
) WITHOUT ROWID;

-- Pages of the subscribers of one state. Not of those who are active: they are most, and their own
-- index, by when they are due, must stay the one that planning goes by.
CREATE INDEX subscribers_others ON subscribers (state, id) WHERE state <> 'active';

-- And of one domain: what stands after the last @.
DROP INDEX subscribers_by_domain;
CREATE INDEX subscribers_by_domain ON subscribers
    (substr(email_key, length(rtrim(email_key, replace(email_key, '@', ''))) + 1), state, id);

-- The texts that the config file has had, and what became of each. They may hold secrets.
CREATE TABLE config_versions (
    id               INTEGER PRIMARY KEY,
    at               BIGINT  NOT NULL,
    who              TEXT    NOT NULL,         -- a user of the system, an admin's account, or "file"
    file             TEXT    NOT NULL,
    hash             TEXT    NOT NULL,         -- SHA-256 of the body, in hex
    body             TEXT    NOT NULL,         -- empty where the file was no text
    outcome          TEXT    NOT NULL,         -- written | applied | refused
    reason           TEXT                      -- why it was refused
);

-- What the config said of the sender when a mail was made: it decides the mail's bytes, whatever
-- the config says when it is sent or tried again.
ALTER TABLE digests ADD COLUMN letterhead TEXT;

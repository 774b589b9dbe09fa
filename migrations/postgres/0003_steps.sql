-- Steps that one process at a time takes (plan, fetch a source): who has it. A step of a
-- process that is gone is free.
CREATE TABLE steps (
    name             TEXT    PRIMARY KEY,
    node             TEXT    NOT NULL
);

-- What all processes must agree on: a mark of the server's key, and what the configuration
-- says about the bytes of mails, as JSON.
ALTER TABLE nodes ADD COLUMN key_mark TEXT NOT NULL DEFAULT '';
ALTER TABLE nodes ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';

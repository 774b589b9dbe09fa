-- Mails that came in and were dealt with, so that none has an effect twice: keyed hashes.
CREATE TABLE received (
    mark             TEXT    PRIMARY KEY,
    at               BIGINT  NOT NULL
);
CREATE INDEX received_by_time ON received (at);

-- Answers to mails, for the limits on them; addresses are keyed hashes.
CREATE TABLE answers (
    id               INTEGER PRIMARY KEY,
    at               BIGINT  NOT NULL,
    address          TEXT    NOT NULL,
    kind             TEXT    NOT NULL          -- the commands that it answers
);
CREATE INDEX answers_by_address ON answers (address, at);
CREATE INDEX answers_by_time ON answers (at);

-- What was asked by mail without proof of who asks: done once they say yes.
CREATE TABLE asked_orders (
    id               INTEGER PRIMARY KEY,
    subscriber       BIGINT  NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    at               BIGINT  NOT NULL,
    commands         TEXT    NOT NULL,         -- JSON
    done             BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX asked_orders_by_subscriber ON asked_orders (subscriber);

-- The Message-ID of the mail that an answer is to, and what waits for its reader's yes.
ALTER TABLE deliveries ADD COLUMN answers TEXT;
ALTER TABLE deliveries ADD COLUMN orders BIGINT;

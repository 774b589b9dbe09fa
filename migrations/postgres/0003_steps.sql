-- Steps that one process at a time takes (plan, fetch a source): who has it. A step of a
-- process that is gone is free.
CREATE TABLE steps (
    name             TEXT    PRIMARY KEY,
    node             TEXT    NOT NULL
);

-- What a reader says of papers; gone when they take it back.
CREATE TABLE taste (
    subscriber       BIGINT  NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    paper            BIGINT  NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
    feedback         TEXT    NOT NULL,         -- more | less | hide
    at               BIGINT  NOT NULL,
    PRIMARY KEY (subscriber, paper)
) WITHOUT ROWID;

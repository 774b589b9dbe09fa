-- Of schema 3: what it was at.
INSERT INTO steps (name, node) VALUES ('plan', 'node-of-old');

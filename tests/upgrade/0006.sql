-- Of schema 6: mail that came in.
INSERT INTO received (mark, at) VALUES ('c0ffee', 1771833660000000);
INSERT INTO answers (id, at, address, kind) VALUES (1, 1771833660000000, 'aa', 'status');
INSERT INTO asked_orders (id, subscriber, at, commands, done) VALUES (1, 6, 1771833660000000, '[]', TRUE);
UPDATE deliveries SET answers = '<question@example.org>', orders = 1 WHERE id = 7;

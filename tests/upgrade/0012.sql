-- Of schema 12: a report that had its effect, and one that did not yet.
INSERT INTO reported (mark, body, at, done) VALUES
  ('aa', 'ab', 1771833660000000, TRUE),
  ('ba', 'bb', 1771833660000000, FALSE);

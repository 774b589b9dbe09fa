-- Of schema 7: taste, and the profile of its own that goes with it.
INSERT INTO taste (subscriber, paper, feedback, at) VALUES (8, 1, 'more', 1771833660000000), (8, 2, 'hide', 1771833660000000);
INSERT INTO profiles (id, preferences) VALUES
  (3, '{"rhythm":"weekdays","hour":"08:00","zone":"Europe/Berlin","max_papers":5,"taste":8}');
UPDATE subscribers SET profile = 3 WHERE id = 8;

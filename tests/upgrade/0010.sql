-- Of schema 10: a trouble that is over, and one that is not.
INSERT INTO alarms (id, topic, subject, place, detail, opened_at, seen_at, mailed_at, posted_at, closed_at) VALUES
  (1, 'source-broken', 'huggingface', '', 'no list of papers', 1771833660000000, 1771833660000000, 1771833660000000, NULL, 1771833660000001),
  (2, 'relay-resting', 'smtp://127.0.0.1', 'host', '421 later', 1771833660000000, 1771833660000000, NULL, NULL, 1771833660000002);
INSERT INTO alarm_posts (id, hook, event, at, next_at, attempts, reason) VALUES (1, 'ops', '{}', 1771833660000000, 1771833660000000, 1, 'refused');

-- What a database of schema 1 can hold: each table, each state. Monday is 2026-02-23.

INSERT INTO papers (id, paper_key, title, data, source, first_listed_at, last_listed_at) VALUES
  (1, '2602.00001', 'Flows that know when to stop', '{"id": "2602.00001", "title": "Flows that know when to stop", "summary": "We study flows that know when to stop.", "brief": null, "authors": ["Ada Lovelace", "Zoë O''Neill"], "organization": null, "published_at": "2026-02-20T00:00:00Z", "votes": 40, "stars": null, "comments": null, "keywords": ["tests"], "url": "https://huggingface.co/papers/2602.00001", "thumbnail": null, "code_url": null, "project_url": null, "withdrawn": false}', 'huggingface', 1771754400000000, 1771826400000000),
  (2, '2602.00002', 'Loops in loops', '{"id": "2602.00002", "title": "Loops in loops", "summary": "We study loops in loops.", "brief": null, "authors": ["Ada Lovelace", "Zoë O''Neill"], "organization": null, "published_at": "2026-02-20T00:00:00Z", "votes": 12, "stars": null, "comments": null, "keywords": ["tests"], "url": "https://huggingface.co/papers/2602.00002", "thumbnail": null, "code_url": null, "project_url": null, "withdrawn": false}', 'huggingface', 1771754400000000, 1771826400000000),
  (3, '2602.00003', 'Knots, untied', '{"id": "2602.00003", "title": "Knots, untied", "summary": "We study knots, untied.", "brief": null, "authors": ["Ada Lovelace", "Zoë O''Neill"], "organization": null, "published_at": "2026-02-20T00:00:00Z", "votes": 7, "stars": null, "comments": null, "keywords": ["tests"], "url": "https://huggingface.co/papers/2602.00003", "thumbnail": null, "code_url": null, "project_url": null, "withdrawn": false}', 'huggingface', 1771848000000000, 1771848000000000);
INSERT INTO paper_counts (paper, at, votes, stars) VALUES
  (1, 1771754400000000, 30, NULL), (1, 1771826400000000, 40, 5), (2, 1771754400000000, 12, NULL), (3, 1771848000000000, 7, NULL);
INSERT INTO listings (source, period, paper, position, first_at, last_at) VALUES
  ('huggingface', 'day:2026-02-22', 1, 1, 1771754400000000, 1771826400000000), ('huggingface', 'day:2026-02-22', 2, 2, 1771754400000000, 1771826400000000),
  ('huggingface', 'trending', 3, 1, 1771848000000000, 1771848000000000);
INSERT INTO fetches (id, source, url, at, outcome, reason, reachable, period, listed, added, changed, rejected, etag, last_modified, body_hash, kept, not_before) VALUES
  (1, 'huggingface', 'https://huggingface.co/papers', 1771754400000000, 'good', NULL, TRUE, 'day:2026-02-22', 2, 2, 0, 0, 'W/"1"', NULL, '00', NULL, NULL),
  (2, 'huggingface', 'https://huggingface.co/papers', 1771826400000000, 'broken', 'no list of papers', TRUE, NULL, 0, 0, 0, 0, NULL, NULL, '01', 'raw/1.html', NULL),
  (3, 'huggingface', 'https://huggingface.co/papers', 1771848000000000, 'good', NULL, TRUE, 'trending', 1, 1, 0, 0, NULL, NULL, '02', NULL, 1771848060000000);
INSERT INTO profiles (id, preferences) VALUES
  (1, '{}'), (2, '{"rhythm":"weekdays","hour":"08:00","zone":"Europe/Berlin","max_papers":5}');
INSERT INTO histories (id, hash, papers) VALUES
  (1, '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945', '[]'),
  (2, '49a64717d5d4cb19952e6eac2946415cf6879adacf9908e7d872332d32c6e684', '[1,2]');
INSERT INTO subscribers (id, email, email_key, state, profile, history, next_due_at, last_digest_day, epoch, created_at, confirmed_at) VALUES
  (1, 'Ann@example.org', 'ann@example.org', 'active', 1, 2, 1771920000000000, '2026-02-23', 0, 1764583200000000, 1764583200000000),
  (2, 'bob@example.org', 'bob@example.org', 'paused', 1, 1, NULL, NULL, 0, 1764583200000000, 1764583200000000),
  (3, 'cleo@example.org', 'cleo@example.org', 'unsubscribed', 1, 1, NULL, NULL, 0, 1764583200000000, 1764583200000000),
  (4, 'dan@example.org', 'dan@example.org', 'pending', 1, 1, NULL, NULL, 0, 1771833660000000, NULL),
  (5, 'eve@example.org', 'eve@example.org', 'suppressed', 1, 1, NULL, NULL, 0, 1764583200000000, 1764583200000000),
  (6, 'fay@example.org', 'fay@example.org', 'active', 2, 2, 1772006400000000, '2026-02-23', 0, 1764583200000000, 1764583200000000),
  (7, 'gus@example.org', 'gus@example.org', 'active', 2, 2, 1772006400000000, '2026-02-23', 0, 1764583200000000, 1764583200000000),
  (8, 'hal@example.org', 'hal@example.org', 'active', 2, 2, 1772006400000000, '2026-02-23', 0, 1764583200000000, 1764583200000000);
INSERT INTO subscriber_events (id, subscriber, at, what, detail) VALUES
  (1, 1, 1764583200000000, 'added', 'by an admin'), (2, 2, 1771833660000000, 'paused', 'by their link');
INSERT INTO plans (id, profile, history_before, history_after, due_at, planned_at, day, readers, candidates, digest, reason) VALUES
  (1, 1, 1, 2, 1771833600000000, 1771833660000000, '2026-02-23', 1, 2, 1, '2 papers'),
  (2, 2, 1, 2, 1771833600000000, 1771833660000000, '2026-02-23', 3, 2, 2, '2 papers'),
  (3, 1, 1, 1, 1771833600000000, 1771833660000000, '2026-02-23', 1, 0, NULL, 'nothing new');
INSERT INTO digests (id, profile, day, created_at, papers, marker, subject, html, body_text) VALUES
  (1, 1, '2026-02-23', 1771833660000000, '[1,2]', '0123456789abcdef01234567', 'Flows that know when to stop', '<!DOCTYPE html><html lang="en"><head><title>Papers</title></head><body><p>Two papers, for ((0123456789abcdef01234567.address)).</p><p><a href="((0123456789abcdef01234567.unsubscribe))">Unsubscribe</a></p></body></html>', 'Two papers, for ((0123456789abcdef01234567.address)).

Unsubscribe: ((0123456789abcdef01234567.unsubscribe))
'),
  (2, 2, '2026-02-23', 1771833660000000, '[1,2]', '0123456789abcdef01234567', 'Loops in loops', '<!DOCTYPE html><html lang="en"><head><title>Papers</title></head><body><p>Two papers, for ((0123456789abcdef01234567.address)).</p><p><a href="((0123456789abcdef01234567.unsubscribe))">Unsubscribe</a></p></body></html>', 'Two papers, for ((0123456789abcdef01234567.address)).

Unsubscribe: ((0123456789abcdef01234567.unsubscribe))
');
INSERT INTO deliveries (id, kind, digest, subscriber, day, state, attempts, created_at, next_attempt_at, expires_at, finished_at, node, doubtful, relay, reason) VALUES
  (1, 'digest', 1, 1, '2026-02-23', 'sent', 1, 1771833660000000, 1771833660000000, 1771992000000000, 1771833665000000, NULL, FALSE, 'smtp://127.0.0.1', '250 ok'),
  (2, 'digest', 2, 6, '2026-02-23', 'deferred', 1, 1771833660000000, 1771848000000000, 1771992000000000, NULL, NULL, FALSE, 'smtp://127.0.0.1', '451 later'),
  (3, 'digest', 1, 2, '2026-02-23', 'skipped', 0, 1771833660000000, 1771833660000000, 1771992000000000, 1771833660000001, NULL, FALSE, NULL, 'the subscription is paused'),
  (4, 'digest', 1, 5, '2026-02-23', 'failed', 1, 1771833660000000, 1771833660000000, 1771992000000000, 1771833660000002, NULL, FALSE, 'smtp://127.0.0.1', '550 5.1.1 no such user'),
  (5, 'digest', 2, 7, '2026-02-23', 'sending', 0, 1771833660000000, 1771833660000000, 1771992000000000, NULL, 'node-of-old', FALSE, NULL, NULL),
  (6, 'digest', 2, 8, '2026-02-23', 'queued', 0, 1771833660000000, 1771833660000000, 1771992000000000, NULL, NULL, TRUE, NULL, NULL);
INSERT INTO attempts (id, delivery, at, relay, outcome, reply) VALUES
  (1, 2, 1771833660000000, 'smtp://127.0.0.1', 'deferred', '451 later'),
  (2, 4, 1771833660000000, 'smtp://127.0.0.1', 'failed', '550 5.1.1 no such user');
INSERT INTO settings (name, value) VALUES ('probed', '7');

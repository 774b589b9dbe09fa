-- Of schema 4: consents, limits, suppressions, a notice that was sent.
UPDATE subscribers SET paused_until = 1773964800000000 WHERE state = 'paused';
UPDATE subscribers SET moving_to = 'ann@example.net' WHERE id = 1;
UPDATE subscribers SET epoch = 1764583200000005, state_at = 1771833660000000 WHERE id = 6;
INSERT INTO consents (id, subscriber, at, what, how, wording, source) VALUES
  (1, 1, 1764583200000000, 'confirmed', 'web', '1', 'a1b2'), (2, 6, 1764583200000000, 'asked', 'import', '1', NULL);
INSERT INTO asked_mails (id, at, kind, address, network, domain, quick) VALUES
  (1, 1771833660000000, 'confirm', 'aa', 'bb', 'cc', FALSE), (2, 1771833660000000, 'link', 'dd', 'ee', 'ff', TRUE);
INSERT INTO suppressions (address, email, at, reason, detail) VALUES
  ('0a0a', NULL, 1764583200000000, 'erased', ''), ('0b0b', 'eve@example.org', 1771833660000000, 'bounce', '550 5.1.1');
INSERT INTO digests (id, profile, day, created_at, papers, marker, subject, html, body_text, kind, hash) VALUES
  (3, 1, '2026-02-23', 1771833660000000, '[]', '0123456789abcdef01234567', 'Please confirm', '<!DOCTYPE html><html lang="en"><head><title>Papers</title></head><body><p>Two papers, for ((0123456789abcdef01234567.address)).</p><p><a href="((0123456789abcdef01234567.unsubscribe))">Unsubscribe</a></p></body></html>', 'Two papers, for ((0123456789abcdef01234567.address)).

Unsubscribe: ((0123456789abcdef01234567.unsubscribe))
', 'confirm', 'h3');
INSERT INTO deliveries (id, kind, digest, subscriber, day, state, attempts, created_at, next_attempt_at, expires_at, finished_at, doubtful, priority, relay, reason, recipient) VALUES
  (7, 'confirm', 3, 4, '2026-02-23', 'sent', 1, 1771833660000000, 1771833660000000, 1771992000000000, 1771833660000009, FALSE, 0, 'smtp://127.0.0.1', '250 ok', 'dan@example.org');

-- Of schema 5: what came back.
INSERT INTO bounces (id, subscriber, delivery, at, verdict, way, domain, status, detail, state, acted_at) VALUES
  (1, 5, 4, 1771833660000000, 'hard', 'relay', 'example.org', '5.1.1', '550 5.1.1 no such user', 'acted', 1771833660000000),
  (2, 6, 2, 1771833660000000, 'soft', 'report', 'example.org', NULL, 'mailbox full', 'noted', NULL);
INSERT INTO probes (subscriber, delivery, at) VALUES (6, 2, 1771833660000000);
INSERT INTO domain_rests (domain, until, minutes, detail) VALUES ('slow.example', 1771848000000000, 60, '421 later');
UPDATE attempts SET judged = TRUE;

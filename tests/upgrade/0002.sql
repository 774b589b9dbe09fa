-- Of schema 2: a process that died long ago.
INSERT INTO nodes (name, place, host, pid, version, since, seen_at, lease_until, fenced) VALUES
  ('node-of-old', '00', 'old.example', 4711, '0.0.1', 1764583200000000, 1764583200000000, 1764583200000000, FALSE);
UPDATE deliveries SET begun = TRUE, doubtful = FALSE WHERE state = 'sending';

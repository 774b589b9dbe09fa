-- Of schema 8: administrators, and what they did.
INSERT INTO admins (id, name, role, password, totp, totp_next, totp_step, networks, created_at, last_login_at) VALUES
  (1, 'ada', 'admin', NULL, NULL, NULL, 0, '[]', 1771833660000000, NULL);
INSERT INTO admin_recovery (admin, hash) VALUES (1, 'aa');
INSERT INTO admin_links (hash, admin, expires_at) VALUES ('bb', 1, 1771833660000000);
INSERT INTO admin_sessions (id, hash, admin, created_at, seen_at, proved_at, network, agent) VALUES
  (1, 'cc', 1, 1771833660000000, 1771833660000000, 1771833660000000, '127.0.0.0/24', 'a browser');
INSERT INTO admin_tries (id, at, account, network) VALUES (1, 1771833660000000, 'dd', 'ee');
INSERT INTO audit (id, at, who, network, what, about, detail) VALUES (1, 1771833660000000, 'ada', '', 'queue.drop', '1', '');
INSERT INTO day_figures (day, name, value) VALUES ('2026-02-23', 'sent', 1);

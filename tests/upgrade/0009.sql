-- Of schema 9: what the configuration was.
INSERT INTO config_versions (id, at, who, file, hash, body, outcome, reason) VALUES
  (1, 1771833660000000, 'root', '/etc/paperround/paperround.toml', '00', '[site]', 'refused', 'site.url is missing');

-- What happened in a span of time is counted by its moment: rows do not always come in the order of
-- time, as a command may act as of another moment, and a clock may be put back.
CREATE INDEX deliveries_by_time ON deliveries (created_at);
CREATE INDEX subscriber_events_by_time ON subscriber_events (at);
CREATE INDEX fetches_by_time ON fetches (at);

-- Days that were counted before: who came stands under a name of its own from now on.
INSERT INTO day_figures (day, name, value)
    SELECT day, 'came', value FROM day_figures WHERE name = 'events.active';

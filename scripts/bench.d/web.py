"""The site: how many answers a second each route gives, held against the file that the same
server has in memory; and how soon a person is out while a digest is being sent."""

import http.client
import json
import sqlite3
import statistics
import time

from servers import free_port, wait_for

CONFIG = """
[site]
url = "http://127.0.0.1:{site}"
data_dir = "{data}"
[database]
url = "{db}"
[server]
listen = "127.0.0.1:{site}"
[mail]
from = "Paper Round <papers@digest.example>"
[[mail.relays]]
url = "smtp://127.0.0.1:{relay}?tls=none"
{more}
[subscriptions.limits]
per_network = 1000000
per_domain = 1000000
in_all = 1000000
[log]
level = "{level}"
"""


class Site:
    """`paperround serve` over a copy of a seeded database."""

    def __init__(self, world, readers, relay, more="", level="warn"):
        self.world = world
        self.db, self.remove = world.fresh(readers)
        self.port = free_port()
        config = world.folder / f"site{self.port}.toml"
        text = CONFIG.format(
            site=self.port, data=world.data(), db=self.db, relay=relay, more=more, level=level
        )
        config.write_text(text)
        self.process = world.start([world.program, "-c", config, "serve"])
        wait_for(self.port)

    def count(self, states):
        file = self.db.removeprefix("sqlite:")
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as base:
            marks = ",".join("?" * len(states))
            words = f"SELECT count(*) FROM deliveries WHERE state IN ({marks})"
            return base.execute(words, states).fetchone()[0]

    def until_sent(self):
        until = time.monotonic() + 120
        while self.count(["queued", "sending", "deferred"]) > 0:
            if time.monotonic() > until:
                raise RuntimeError("the site did not send what was queued")
            time.sleep(0.1)

    def stop(self):
        self.world.stop(self.process)
        self.remove()


def routes(world, requests, rounds, say):
    """Of each route its answers a second, and what part that is of the file's just before: the
    medians of the rounds."""
    port, sink = world.fast_sink()
    runs = []
    for _ in range(rounds):
        site = Site(world, requests, port)
        try:
            # The digests of the seed are out of the way before anything is measured.
            site.until_sent()
            words = ["--db", site.db, "--data", world.data(), "--site", f"127.0.0.1:{site.port}"]
            words += ["--requests", requests]
            runs.append(json.loads(world.call([world.pipeline, "web", *words])))
        finally:
            site.stop()
    world.stop(sink)
    rates = {"static": statistics.median(one["static"] for run in runs for one in run.values())}
    parts = {}
    for name in runs[0]:
        rates[name] = statistics.median(run[name]["rate"] for run in runs)
        parts[name] = statistics.median(run[name]["rate"] / run[name]["static"] for run in runs)
    return rates, parts


def leaving(world, readers, say):
    """Seconds from a one-click POST, while a digest is on its way to so many, until nothing
    of it can go to that person any more: the longest of many."""
    port, sink = world.fast_sink("--delay-ms", "2")
    site = Site(world, readers, port, more="connections = 4")
    try:
        file = site.db.removeprefix("sqlite:")
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as base:
            # Those who would have got theirs last.
            words = "SELECT subscriber, id FROM deliveries ORDER BY id DESC LIMIT 40"
            last = base.execute(words).fetchall()
            words = ["--db", site.db, "--data", world.data(), "--readers"]
            words += [",".join(str(reader) for reader, _ in last)]
            tokens = json.loads(world.call([world.pipeline, "tokens", *words]))
            while site.count(["sent"]) < readers // 100:
                time.sleep(0.01)
            took = []
            for (_, delivery), token in zip(last, tokens, strict=True):
                begin = time.monotonic()
                post(site.port, token)
                # Out: skipped, and never to be claimed again.
                while True:
                    state = base.execute(
                        "SELECT d.state, s.state FROM deliveries d JOIN subscribers s "
                        "ON s.id = d.subscriber WHERE d.id = ?",
                        [delivery],
                    ).fetchone()
                    if state[0] == "skipped" or state[1] == "unsubscribed":
                        break
                    if state[0] == "sent" or time.monotonic() > begin + 30:
                        raise RuntimeError(f"a reader who left is {state}")
                    time.sleep(0.001)
                took.append(time.monotonic() - begin)
            if site.count(["queued", "sending"]) == 0:
                raise RuntimeError("the send ended before the last had left")
            site.until_sent()
            marks = ",".join("?" * len(last))
            words = f"SELECT count(*) FROM deliveries WHERE state <> 'skipped' AND id IN ({marks})"
            wrong = base.execute(words, [delivery for _, delivery in last]).fetchone()[0]
            if wrong:
                raise RuntimeError(f"{wrong} of those who left got the digest")
            return max(took)
    finally:
        site.stop()
        world.stop(sink)


def post(port, token):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/unsubscribe/{token}", "List-Unsubscribe=One-Click", form)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"one-click was answered {answer.status}")

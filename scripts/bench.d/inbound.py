"""Mail that comes in: how much of it the listener takes, and how long a bounce takes, beside
smtp-sink, which throws away what it is given; and what a mail that is ten times as long costs."""

import contextlib
import json
import os
import pathlib
import sqlite3

from servers import free_port, timed, tool, wait_for
from web import Site

OURS = "papers@digest.example"


@contextlib.contextmanager
def door(world, readers):
    """`paperround serve` with its door for mail servers, once its digests are out."""
    relay, sink = world.fast_sink()
    port = free_port()
    more = f'[inbound]\naddress = "{OURS}"\nlmtp = "127.0.0.1:{port}"\n'
    # Not a line for each of thousands of bounces that wait for their domain's hour.
    site = Site(world, readers, relay, more, level="error")
    try:
        wait_for(port)
        site.until_sent()
        yield site, port
    finally:
        site.stop()
        world.stop(sink)


def count(site, table):
    """Rows of a table."""
    file = site.db.removeprefix("sqlite:")
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as base:
        return base.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def cpu(process):
    """CPU seconds of a process so far."""
    stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(ticks) for ticks in stat[11:13]) / os.sysconf("SC_CLK_TCK")


def row(process, mails, work):
    """What `work`, which says how long it took, costs the process that takes the mails."""
    begin = cpu(process)
    wall = work()
    return {"per_s": mails / wall, "cpu_per_1000_s": (cpu(process) - begin) * 1000 / mails}


def accept(world, mails, connections, rounds):
    """Mail that nobody answers, of smtp-source: ours and smtp-sink's, a round each."""

    def blast(port):
        words = [tool("smtp-source", "postfix"), "-d", "-s", connections, "-m", mails, "-l", 4096]
        # The null sender; and each mail has a Message-Id of its own.
        return timed([*words, "-f", "", "-t", OURS, f"127.0.0.1:{port}"])[1]

    for _ in range(rounds):
        with door(world, 1) as (site, port):
            mine = row(site.process, mails, lambda: blast(port))
            taken = count(site, "received")
        if taken != mails:
            raise RuntimeError(f"{taken} of {mails} mails were taken")
        port, sink = world.smtp_sink()
        theirs = row(sink, mails, lambda: blast(port))
        world.stop(sink)
        yield mine, theirs


def bounces(world, reports, connections, rounds):
    """A bounce for each of so many sent digests: ours and smtp-sink's, a round each."""
    for _ in range(rounds):
        with door(world, reports) as (site, port):
            words = ["--db", site.db, "--data", world.data(), "--reports", reports]
            words = [world.pipeline, "report", *words, "--connections", connections, "--to"]

            def hand_over(port):
                return json.loads(world.call([*words, f"127.0.0.1:{port}"]))["wall_s"]

            sink_port, sink = world.smtp_sink()
            theirs = row(sink, reports, lambda: hand_over(sink_port))
            world.stop(sink)
            mine = row(site.process, reports, lambda: hand_over(port))
            taken = count(site, "received"), count(site, "bounces")
        if taken != (reports, reports):
            raise RuntimeError(f"of {reports} bounces {taken[0]} were taken, {taken[1]} noted")
        yield mine, theirs


def lengths(world, quick):
    """How many times as long ten times the input takes: the worst, and of what."""
    words = [world.lengths, "--json"] + (["--quick"] if quick else [])
    return json.loads(world.call(words))

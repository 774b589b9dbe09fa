"""database: what the daemon does while its database is gone, locked, full or failing.

While it cannot record, it must not go on sending: what leaves in that time is counted by the
relay. Health must say so within 5 s; afterwards it must heal by itself."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time

import house
import postgres

CONNECTIONS = 8
# Mails on the wire, and results not yet recorded: what may still arrive once nothing can be
# written any more. The sink may have as many in its own hands.
IN_FLIGHT = 2 * CONNECTIONS


def run(world, report):
    for name, part in [
        ("locked", locked),
        ("full disk", full),
        ("EIO", failing),
        ("PostgreSQL killed", killed),
    ]:
        try:
            part(world, report)
        except house.Skipped as reason:
            report.leave_out(name, str(reason))
        except house.Broken as error:
            report.check(f"{name}: went through", str(error), "yes", False)
        world.clear()


def sending(world, size, place=None, database=None):
    """A daemon in the middle of a send: house, sink, process."""
    home = house.House(world)
    # Slow enough that the fault comes in the middle.
    sink = world.sink("--slow", "1:0.02")
    told = {"connections": CONNECTIONS, "retry": ("2s", "10s")}
    home.configure(sink.port, data_dir=place or "data", database=database, **told)
    home.subscribe(house.addresses(size))
    home.take_in()
    daemon = home.start("serve")
    house.wait_for(lambda: sink.count() >= size // 10, 60, "the first tenth")
    return home, sink, daemon


def during(world, report, name, home, sink, seconds):
    """Watches a fault: how soon health is red, and how much is sent from one second after."""
    begin = time.monotonic()
    red = None
    settled = None
    while time.monotonic() - begin < seconds:
        if red is None and home.healthy() is not True:
            red = time.monotonic() - begin
        if settled is None and time.monotonic() - begin > 1:
            settled = sink.count()
        time.sleep(0.1)
    report.most(f"{name}: health red after, s", None if red is None else round(red, 1), 5)
    return sink.count() - (settled or 0)


def afterwards(world, report, name, home, sink, daemon, doubles=0, check=None):
    """Whether it heals by itself, and what everybody got."""
    listens = house.waited(lambda: home.healthy() is not None, 10)
    report.true(f"{name}: answers", listens is not None, "no answer from its site")
    green = house.waited(lambda: home.healthy() is True, 30, every=0.2)
    report.most(f"{name}: health green after, s", green and round(green, 1), 30)
    seconds = world.amount(240, 60)
    healed = house.waited(lambda: sink.has_reached() == len(home.readers), seconds, every=0.2)
    report.true(f"{name}: goes on by itself", healed is not None, f"not within {seconds} s")
    report.true(f"{name}: the daemon lives", daemon.poll() is None)
    world.end(daemon)
    books = home.json("run", "--no-fetch")["books"]
    ledger = sink.ledger()
    report.equal(f"{name}: lost", len(ledger.lost(home.readers)), 0)
    report.most(f"{name}: doubles", ledger.doubles(), doubles)
    report.equal(f"{name}: doubles that differ", len(ledger.changed("sha")), 0)
    report.equal(f"{name}: sent by the books", books["sent"], len(home.readers))
    # A mail that left without a durable row would be sent again without being listed.
    doubtful = {row["email"] for row in home.queue("--doubtful")}
    report.equal(f"{name}: doubles not listed", len(ledger.doubled() - doubtful), 0)
    report.equal(f"{name}: unasked", len(ledger.unasked(home.readers)), 0)
    if check:
        report.equal(f"{name}: integrity check", check(), "ok")


def locked(world, report):
    home, sink, daemon = sending(world, world.amount(4_000, 1_500))
    other = sqlite3.connect(home.database(), timeout=30, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sent = during(world, report, "locked", home, sink, world.amount(60, 12))
    report.most("locked: sent meanwhile", sent, IN_FLIGHT)
    other.execute("ROLLBACK")
    other.close()
    afterwards(world, report, "locked", home, sink, daemon, check=home.intact)


def full(world, report):
    for then_killed in (False, True):
        full_disk(world, report, then_killed)
        world.clear()


def full_disk(world, report, then_killed):
    name = "full disk, then killed" if then_killed else "full disk"
    if os.getuid():
        raise house.Skipped("only root can mount a small disk")
    place = world.path("small-disk")
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=24m", "paperround-faults", place]
    if subprocess.run(words, capture_output=True).returncode:
        raise house.Skipped("a small disk cannot be mounted here")
    world.mounts.append(place)
    home, sink, daemon = sending(world, world.amount(4_000, 1_500), place=place / "data")
    home.database = lambda: place / "data/paperround.db"
    filler = place / "filler"
    fill(filler)
    sent = during(world, report, name, home, sink, world.amount(30, 10))
    # The write-ahead log is used anew from time to time: what it still takes is recorded.
    report.figure(f"{name}: sent meanwhile", sent)
    if then_killed:
        world.end(daemon, signal.SIGKILL)
    filler.unlink()
    if then_killed:
        daemon = home.start("serve")
    afterwards(world, report, name, home, sink, daemon, IN_FLIGHT, home.intact)


def fill(file):
    """Leaves no room, however small."""
    with open(file, "wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while filler.write(b"x" * size):
                    pass
            except OSError:
                continue


def failing(world, report):
    if not shutil.which("strace"):
        raise house.Skipped("strace is not installed")
    for calls in ("fsync,fdatasync", "pwrite64"):
        for then_killed in (False, True):
            if not (world.quick and then_killed):
                failing_calls(world, report, calls, then_killed)
            world.clear()


def failing_calls(world, report, calls, then_killed):
    name = f"EIO on {calls}{', then killed' if then_killed else ''}"
    home, sink, daemon = sending(world, world.amount(4_000, 1_500))
    words = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}"]
    words += ["-e", f"inject={calls}:error=EIO", "-p", daemon.pid]
    tracer = world.start(words, stderr=subprocess.DEVNULL)
    sent = during(world, report, name, home, sink, world.amount(30, 10))
    if tracer.poll() is not None:
        raise house.Skipped("strace may not trace here")
    if calls == "pwrite64":
        report.most(f"{name}: sent meanwhile", sent, IN_FLIGHT)
    else:
        # A commit need not sync each time: what it takes meanwhile is recorded.
        report.figure(f"{name}: sent meanwhile", sent)
    if then_killed:
        world.end(daemon, signal.SIGKILL)
    world.end(tracer, signal.SIGINT)
    if then_killed:
        daemon = home.start("serve")
    afterwards(world, report, name, home, sink, daemon, IN_FLIGHT, home.intact)


def killed(world, report):
    times = world.amount(20, 3)
    cluster = postgres.cluster(world)
    home, sink, daemon = sending(world, times * 1_000, database=cluster.url())
    red, sent = [], 0
    for _ in range(times):
        before = sink.count()
        house.wait_for(
            lambda: sink.count() > before + 200 or sink.has_reached() == len(home.readers),
            120,
            "mail after a restart of PostgreSQL",
        )
        cluster.kill()
        begin = time.monotonic()
        time.sleep(1)
        settled = sink.count()
        red.append(house.waited(lambda: home.healthy() is False, 5, every=0.1))
        time.sleep(world.random.uniform(0, 2))
        sent = max(sent, sink.count() - settled)
        cluster.start()
        world.say(f"database: PostgreSQL was gone for {time.monotonic() - begin:.1f} s")
    report.figure("PostgreSQL killed: times", times)
    late = sum(one is None for one in red)
    report.equal("PostgreSQL killed: health not red within 5 s", late, 0)
    report.most("PostgreSQL killed: most sent meanwhile", sent, IN_FLIGHT)
    # A commit whose answer was cut off may have been made or not: at most what was in flight.
    bound = times * IN_FLIGHT
    afterwards(world, report, "PostgreSQL killed", home, sink, daemon, doubles=bound)

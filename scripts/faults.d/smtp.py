"""smtp: every kind of bad recipient and every mode of hostile-smtp in one run of 2,000 mails,
by one daemon whose relay changes its mood; then what a tarpit costs the others, what a dead
relay sees, and that nothing leaves where STARTTLS was stripped."""

import json
import subprocess
import time

import counting
import house

CONNECTIONS = 8
# Refused each time: not wanted.
REFUSED = ("hard", "soft", "full", "late5")
KINDS = (
    "hard soft full grey late5 late4 r421 d421 noack drop tar garb multi slow long wrong bare split"
).split()
MODES = [
    "banner-garbage", "banner-554", "banner-421", "banner-slow", "ehlo-502", "no-ext",
    "random-drop", "random-421", "flap", "conn-limit=2", "rcpt-limit=1", "msgs-per-conn=3",
    "slow-all", "chaos", "banner-silent", "auth-fail", "auth-ok", "fake-starttls",
]  # fmt: skip
FEW_MODES = ["banner-421", "no-ext", "conn-limit=2", "chaos"]
TLS_MODES = (
    "strip-starttls fake-starttls starttls-garbage starttls-inject starttls-bad"
).split()


def run(world, report):
    everything(world, report)
    tarpit(world, report)
    dead(world, report)
    stripped(world, report)


def everything(world, report):
    size = world.amount(2_000, 400)
    modes = world.amount(MODES, FEW_MODES)
    each = size // 40
    home = house.House(world)
    rows = [row for kind in KINDS for row in house.addresses(each, kind, f"{kind}.example")]
    # Those that answer slowly cost seconds each: fewer of them.
    few = {"slow": 8, "split": 8, "tar": 8, "multi": 8}
    rows = [row for row in rows if number(row) < few.get(kind_of(row), each)]
    rows += house.addresses(size - len(rows))
    world.random.shuffle(rows)
    relay = world.hostile("--tar-s", "2", "--grey-s", "3")
    home.configure(relay.port, retry=("2s", "8s"))
    home.subscribe(rows)
    home.take_in()
    calm = calm_peak(world, home)
    wanted = {row for row in rows if kind_of(row) not in REFUSED}
    # Planned by the first mood, a plain one with every bad recipient.
    daemon = home.start("serve")
    logs = [relay.log]
    time.sleep(world.amount(20, 8))
    for mode in modes:
        world.end(relay.process)
        relay = world.hostile("--mode", mode, "--p", "0.05", "--tar-s", "1", port=relay.port)
        logs.append(relay.log)
        time.sleep(world.amount(8, 4))
    world.end(relay.process)
    relay = world.hostile("--tar-s", "2", "--grey-s", "3", port=relay.port)
    logs.append(relay.log)
    done = lambda: not counting.Ledger(*logs).lost(wanted)
    took = house.waited(done, world.amount(900, 60), every=1)
    ledger = counting.Ledger(*logs)
    alive = daemon.poll() is None
    report.true("the daemon lives", alive)
    peak = house.peak_mib(daemon) if alive else None
    world.end(daemon)
    if took is None:
        left = sorted(ledger.lost(wanted))
        report.figure("not delivered, by kind", tally(map(kind_of, left)))
        words = {row["email"]: f"{row['state']}: {row['reason']}" for row in home.queue()}
        failed = home.queue("--state", "failed")
        words |= {row["email"]: f"failed: {row['reason']}" for row in failed}
        report.figure("a few of these", [f"{row} {words.get(row)}" for row in left[:5]])
    report.figure("mails", size)
    report.figure("modes", len(modes))
    report.figure("calm after the last mode, s", took and round(took))
    report.equal("deliverable and not delivered", len(ledger.lost(wanted)), 0)
    report.equal("delivered though refused", len(set(ledger.stored) - wanted), 0)
    unanswered = sum(not mail["acked"] for mails in ledger.stored.values() for mail in mails)
    report.figure("stored without an answer by the relay", unanswered)
    report.most("doubles", ledger.doubles(), unanswered)
    report.equal("Message-ID changed", len(ledger.changed("mid")), 0)
    report.equal("bytes changed", len(ledger.changed("sha")), 0)
    report.equal("violations of the protocol", tally(ledger.violations), {})
    second_opinion(world, report, logs, rows)
    report.figure("memory of a calm run, MiB", round(calm))
    report.most("memory above a calm run, MiB", peak and round(peak - calm), 64)


def second_opinion(world, report, logs, rows):
    """What count-smtp of the tools makes of the same logs."""
    expected = world.path("expected.txt")
    expected.write_text("\n".join(rows) + "\n")
    words = [world.tools / "count-smtp", *logs, expected]
    done = subprocess.run(words, capture_output=True, text=True)
    counts = json.loads(done.stdout)
    names = ("LOST", "NOT_ASKED", "duplicates_after_ack", "MESSAGE_ID_CHANGED", "body_changed")
    report.equal("count-smtp", {name: counts[name] for name in names if counts[name]}, {})
    report.equal("count-smtp: hard refusals tried again", counts["retried_after_5xx"], 0)


def calm_peak(world, home):
    """The memory that the same send takes with a friendly relay, in MiB."""
    calm = home.copy("calm")
    sink = world.sink()
    calm.configure(sink.port)
    daemon = calm.start("serve")
    house.wait_for(lambda: sink.has_reached() == len(calm.readers), 120, "a calm run", every=0.1)
    peak = house.peak_mib(daemon)
    world.end(daemon)
    world.end(sink.process)
    return peak


def tarpit(world, report):
    """How long the others take, alone and beside a domain whose every RCPT takes seconds."""
    size = world.amount(10_000, 3_000)
    seconds = {"alone": [], "beside": []}
    homes = {}
    for name, tar in [("alone", 0), ("beside", 100)]:
        home = homes[name] = house.House(world)
        rows = house.addresses(size) + house.addresses(tar, "tar", "tarpit.example")
        world.random.shuffle(rows)
        home.configure(1, connections=CONNECTIONS)
        home.subscribe(rows)
        home.take_in()
    for _ in range(world.amount(3, 1)):
        for name, home in homes.items():
            seconds[name].append(others(world, home.copy(name), size))
    limit = world.amount(90, 30)
    report.true("others alone: all in time", max(seconds["alone"]) < limit, f"not in {limit} s")
    if max(seconds["alone"]) >= limit:
        return
    alone, beside = (sorted(seconds[one])[len(seconds[one]) // 2] for one in ("alone", "beside"))
    report.figure("others alone, s", round(alone, 2))
    report.figure("others beside a tarpit, s", round(beside, 2))
    report.most("a tarpit slows others, % (at least)", round(100 * (beside / alone - 1)), 10)


def others(world, home, size):
    """Seconds from the first to the last mail of those who are not tarpits. Not waited for
    longer than would break the bound many times over."""
    relay = world.hostile("--tar-s", "5")
    home.configure(relay.port)
    daemon = home.start("run", "--no-fetch")

    def arrived():
        ledger = counting.Ledger(relay.log)
        return [m[0]["t"] for to, m in ledger.stored.items() if to.startswith("ok-")]

    limit = world.amount(90, 30)
    came = house.waited(lambda: len(arrived()) == size, limit, every=0.5)
    world.end(daemon, 9)
    world.end(relay.process)
    times = arrived()
    return limit if came is None else max(times) - min(times)


def dead(world, report):
    """How often a relay that drops every connection is tried."""
    home = house.House(world)
    sink = world.sink("--bad", "dead")
    home.configure(sink.port)
    home.subscribe(house.addresses(2_000))
    home.take_in()
    daemon = home.start("serve")
    # The server was tried once before, by whoever waited for it to listen.
    first = lambda: len(sink.ledger().connections) > 1
    report.true("a dead relay was tried", house.waited(first, 30) is not None, "not within 30 s")
    begin = sink.ledger().connections[-1] - 0.5
    seconds = world.amount(60, 15)
    time.sleep(seconds)
    world.end(daemon)
    tries = [at for at in sink.ledger().connections if begin <= at <= begin + seconds]
    if not tries:
        return
    report.most("connections to a dead relay", len(tries), seconds)
    # Until the first has failed nobody knows: as many as there may be connections.
    later = [at for at in tries if at > tries[0] + 1]
    thick = max((sum(at <= other < at + 1 for other in later) for at in later), default=0)
    report.most("in the first second", len(tries) - len(later), CONNECTIONS)
    report.most("in any later second", thick, 1)
    states = home.json("run", "--dry-run", "--no-fetch")["books"]
    report.equal("mail given up because of a dead relay", states["failed"] + states["skipped"], 0)


def stripped(world, report):
    """Where STARTTLS is required and not to be had as it should be, no mail leaves."""
    for mode in TLS_MODES:
        home = house.House(world)
        relay = world.hostile("--mode", mode)
        home.configure(f"smtp://localhost:{relay.port}?tls=required")
        home.subscribe(house.addresses(20))
        home.take_in()
        done = home.call("--json", "-q", "run", "--no-fetch", codes=None)
        world.end(relay.process)
        ledger = counting.Ledger(relay.log)
        report.equal(f"mails in spite of {mode}", len(ledger.stored), 0)
        waiting = home.json("run", "--dry-run", "--no-fetch")["books"]["waiting"]
        report.equal(f"mails that wait after {mode}", waiting, 20)
        report.equal(f"exit code after {mode}", done.returncode, 0)


def kind_of(address):
    return address.split("-")[0]


def number(address):
    return int(address.split("-")[1].split("@")[0])


def tally(words):
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts

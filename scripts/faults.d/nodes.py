"""nodes: three daemons on one PostgreSQL, each behind a proxy of its own. Every few seconds one of
them is killed and started again, stopped (SIGSTOP) for a while that is sometimes longer than a
lease, or cut off from the database. Readers fall due all the time, so planning is shared too."""

import shutil
import signal
import subprocess
import sys
import time

import counting
import house
import postgres

NODES = 3
CONNECTIONS = 4
# DESIGN: a claim holds for two minutes.
LEASE_S = 120
CUTS = ("drop", "c2s", "s2c", "reset")


class Node:
    """A daemon, its proxy, and what is wrong with it."""

    def __init__(self, world, cluster, relay, key):
        self.world = world
        self.port = house.free_port()
        words = [sys.executable, house.HERE / "proxy.py", self.port, cluster.port]
        self.proxy = world.server(words, self.port, stdin=subprocess.PIPE)
        self.home = house.House(world, "node")
        database = cluster.url(self.port)
        self.home.configure(
            relay, connections=CONNECTIONS, database=database, retry=("2s", "10s")
        )
        if key:
            (self.home.folder / "data").mkdir()
            shutil.copy(key, self.home.folder / "data/paperround.key")
        self.process = None
        self.until, self.what = 0, None
        self.ended = 0

    def start(self):
        self.process = self.home.start("serve")

    def order(self, word):
        self.proxy.stdin.write(f"{word}\n".encode())
        self.proxy.stdin.flush()

    def hurt(self, seconds):
        self.what = self.world.random.choice(["kill", "stop", *CUTS])
        self.until = time.monotonic() + seconds
        if self.what == "kill":
            self.world.end(self.process, signal.SIGKILL)
            # A dead machine is not started again at once.
            self.until = time.monotonic() + min(seconds, 3)
        elif self.what == "stop":
            self.process.send_signal(signal.SIGSTOP)
        else:
            self.order(self.what)
        return self.what

    def keep_up(self):
        """As a service manager does: what ended by itself is started again."""
        if self.what != "kill" and self.process.poll() is not None:
            self.ended += 1
            self.what = None
            self.order("ok")
            self.start()

    def heal(self):
        if self.what == "kill":
            self.start()
        elif self.what == "stop":
            self.process.send_signal(signal.SIGCONT)
        elif self.what:
            self.order("ok")
        self.what = None


def run(world, report):
    cluster = postgres.cluster(world)
    # Each mail waits for its answer, so that every fault finds mails on the wire.
    sink = world.sink("--slow", "1:0.2")
    readers = int(world.minutes * 60 * 40)
    first = Node(world, cluster, sink.port, None)
    home = first.home
    minutes = max(1, int(world.minutes))
    subscribe(home, readers, minutes)
    home.take_in()
    nodes = [first]
    nodes += [
        Node(world, cluster, sink.port, home.folder / "data/paperround.key")
        for _ in range(NODES - 1)
    ]
    for node in nodes:
        node.start()
    faults, long_ones = trouble(world, nodes)
    for node in nodes:
        node.heal()
    begin = time.monotonic()
    # Longer than a lease, so that what a cut-off node held comes back.
    left = house.waited(lambda: sink.has_reached() == readers, 60 * minutes + 300, every=1)
    for node in nodes:
        node.keep_up()
    for node in nodes:
        world.end(node.process)
    books = home.json("run", "--no-fetch")["books"]
    # A short cut or stop costs nobody a lease, so nothing may be sent again because of it.
    fences = faults.get("kill", 0) + long_ones
    bound = fences * 2 * CONNECTIONS
    ledger = sink.ledger()
    report.figure("faults", faults)
    report.figure("fences: killed, or gone longer than a lease", fences)
    report.figure("daemons that ended by themselves", sum(node.ended for node in nodes))
    report.figure("all delivered after the last fault, s", left and round(time.monotonic() - begin))
    counting.count_mail(report, ledger, home.readers, bound)
    two = sum(len({mail["mid"] for mail in mails}) > 1 for mails in ledger.stored.values())
    report.equal("two digests of one person and day", two, 0)
    report.equal("sent by the books", books["sent"], readers)
    report.equal("planned by the books", books["planned"], readers)


def subscribe(home, readers, minutes):
    """Two thirds are due at once, in many cohorts; the others minute by minute."""
    now = time.time()
    at_once, later = [], []
    for number, address in enumerate(house.addresses(readers)):
        if number % 3:
            at_once.append(f"{address},,{number % 12 + 1}")
        else:
            hour = time.strftime("%H:%M", time.gmtime(now + 60 * (2 + number // 3 % minutes)))
            later.append(f"{address},{hour},{number % 5 + 1}")
    # Those of past days would have an hour of today twice otherwise.
    home.subscribe(at_once, "email,hour,max_papers")
    home.subscribe(later, "email,hour,max_papers", at=house.moment(now))


def trouble(world, nodes):
    """Hurts and heals until the time is over; how often each thing was done, and how often for
    longer than a lease."""
    fences = {}
    end = time.monotonic() + world.minutes * 60
    next_at = time.monotonic() + 5
    long_ones = 0
    while time.monotonic() < end:
        now = time.monotonic()
        for node in nodes:
            node.keep_up()
            if node.what and now >= node.until:
                node.heal()
        well = [node for node in nodes if not node.what]
        if now >= next_at and well:
            next_at = now + world.random.uniform(2, 8)
            # One of them longer than a lease from time to time, where there is time for it.
            seconds = world.random.uniform(1, 12)
            if end - now > LEASE_S + 30 and len(well) == len(nodes) and long_ones < 4:
                seconds, long_ones = LEASE_S + 15, long_ones + 1
            what = world.random.choice(well).hurt(seconds)
            fences[what] = fences.get(what, 0) + 1
        time.sleep(0.1)
    return fences, long_ones

"""kill: kill -9 at random moments of large sends, in `run` and in `serve`.

Each round is a fresh house with the same readers; it is killed until everybody has their mail,
then settled. Rounds follow until there were enough kills."""

import signal
import time

import house

CONNECTIONS = 8


def run(world, report):
    wanted = world.amount(200, 14)
    size = world.amount(10_000, 2_000)
    first = house.House(world)
    first.configure(1, connections=CONNECTIONS)
    first.subscribe(house.addresses(size))
    first.take_in()
    kills = doubles = listed = unlisted = rounds = 0
    sums = {"lost": 0, "unasked": 0, "Message-ID changed": 0, "bytes changed": 0}
    resumed, off = [], 0
    while kills < wanted:
        rounds += 1
        home = first.copy()
        sink = world.sink()
        home.configure(sink.port)
        killed, times = send_and_kill(world, home, sink)
        kills += killed
        resumed += times
        # What is left, and what the last kill left behind.
        home.json("run", "--no-fetch")
        told = home.json("run", "--no-fetch")
        books = told["books"]
        off += not (books["planned"] == books["sent"] == size)
        ledger = sink.ledger()
        doubles += ledger.doubles()
        sums["lost"] += len(ledger.lost(home.readers))
        sums["unasked"] += len(ledger.unasked(home.readers))
        sums["Message-ID changed"] += len(ledger.changed("mid"))
        sums["bytes changed"] += len(ledger.changed("sha"))
        doubtful = {row["email"] for row in home.queue("--doubtful")}
        listed += len(doubtful)
        unlisted += len(ledger.doubled() - doubtful)
        world.end(sink.process)
        world.say(f"kill: round {rounds}, {kills} kills, {doubles} doubles, {listed} listed")
    bound = kills * 2 * CONNECTIONS
    report.figure("kills", kills)
    report.figure("mails", rounds * size)
    for what, value in sums.items():
        report.equal(what, value, 0)
    report.most("doubles", doubles, bound)
    report.most("doubtful listed", listed, bound)
    report.equal("doubles not listed", unlisted, 0)
    report.equal("rounds with wrong books", off, 0)
    report.figure("resumed, median s", round(sorted(resumed)[len(resumed) // 2], 2))
    report.most("restart to first mail, most s", round(max(resumed), 2), 5)


def send_and_kill(world, home, sink):
    """(kills, seconds from each restart to its first mail)"""
    sink.settle()
    kills, resumed = 0, []
    while sink.has_reached() < len(home.readers):
        before, resuming = sink.stored, sink.stored > 0
        # The plan first, so that serve finds work whenever it is started.
        serving = resuming and world.random.random() < 0.6
        begin = time.time()
        process = home.start(*(["serve"] if serving else ["run", "--no-fetch"]))
        life = world.random.uniform(0.0, 0.6)
        if world.random.random() < 0.7:
            moved = lambda: sink.count() > before or process.poll() is not None
            house.wait_for(moved, 60, "the first mail after a start", every=0.005)
            if resuming and sink.stored > before:
                resumed.append(first_after(sink, begin) - begin)
        end = time.monotonic() + life
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.005)
        alive = process.poll() is None
        world.end(process, signal.SIGKILL)
        sink.settle()
        kills += alive
    return kills, resumed


def first_after(sink, begin):
    return min(at for at in sink.ledger().times if at >= begin)

"""kill-points: one kill at each point at which something becomes durable or leaves the process.

Builds with the cargo feature `fault-points` name their own points (`paperround fault-points`)
and end there when PAPERROUND_TEST_KILL asks. Any other build is killed by strace just before
its N-th system call of each kind that writes: on disk, or to the relay."""

import os
import shutil
import signal
import subprocess

import house

CONNECTIONS = 4
READERS = 40
# What writes. sendto, sendmsg and writev go to the relay, the others to the disk.
CALLS = ["pwrite64", "fdatasync", "fsync", "ftruncate", "sendto", "writev"]
STEPS = {
    "plan and send": ["run", "--no-fetch"],
    "fetch": ["fetch", "--from", "PAGE"],
}


def run(world, report):
    named = named_points(world)
    if not named and not shutil.which("strace"):
        raise house.Skipped("this build names no fault points, and strace is not installed")
    fresh = house.House(world)
    fresh.configure(1, connections=CONNECTIONS)
    fresh.subscribe(house.addresses(READERS))
    ready = fresh.copy()
    ready.configure(1)
    ready.take_in()
    count = Count()
    for point in named:
        prefix, env = [], {"PAPERROUND_TEST_KILL": point}
        count.add(point, trial(world, ready, "plan and send", prefix, env))
    if shutil.which("strace"):
        for step, home in [("plan and send", ready), ("fetch", fresh)]:
            for call in CALLS:
                sweep(world, count, home, step, call)
    elif named:
        report.leave_out("every system call that writes", "strace is not installed")
    report.figure("named points", len(named))
    report.figure("kills", count.kills)
    report.figure("kills by point", ", ".join(f"{k} {v}" for k, v in count.by_point.items()))
    if named:
        missed = [point for point in named if not count.by_point.get(point)]
        report.equal("named points never reached", missed, [])
    report.true("killed at all", count.kills > 0)
    for what in ("lost", "unasked", "changed", "not listed", "wrong books", "over bound"):
        report.equal(what, count.sums.get(what, 0), 0)
    report.most("doubles", count.doubles, count.kills * 2 * CONNECTIONS)
    report.most("doubtful listed", count.listed, count.kills * 2 * CONNECTIONS)
    report.most("most listed after one kill", count.most_listed, 2 * CONNECTIONS)
    for what in count.worst[:5]:
        report.figure("worst", what)


def named_points(world):
    """What the build says of itself; nothing where it knows no such command."""
    done = subprocess.run([world.binary, "fault-points"], capture_output=True, text=True)
    return done.stdout.split() if done.returncode == 0 else []


class Count:
    """What all trials came to."""

    def __init__(self):
        self.kills = self.doubles = self.listed = self.most_listed = 0
        self.by_point, self.sums, self.worst = {}, {}, []

    def add(self, point, found):
        killed, sums, doubles, listed = found
        if not killed:
            return False
        self.kills += 1
        self.by_point[point] = self.by_point.get(point, 0) + 1
        self.doubles += doubles
        self.listed += listed
        self.most_listed = max(self.most_listed, listed)
        sums["over bound"] = doubles > 2 * CONNECTIONS
        for what, value in sums.items():
            self.sums[what] = self.sums.get(what, 0) + value
            if value:
                self.worst.append(f"{point} {self.by_point[point]}: {what} {value}")
        return True


def sweep(world, count, home, step, call):
    """The N-th call, for growing N, until the step ends before that."""
    point = f"{call} ({step})"
    numbers = range(1, 41) if not world.quick else (1, 2, 3, 5, 9, 16, 27)
    for number in numbers:
        inject = f"inject={call}:signal=SIGKILL:when={number}"
        prefix = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", inject]
        if not count.add(point, trial(world, home, step, prefix, {})):
            break


def trial(world, home, step, prefix, env):
    """(killed, what is wrong, doubles, listed) of one kill and what follows."""
    home = home.copy("trial")
    sink = world.sink()
    home.configure(sink.port)
    page = home.folder / "first.xml"
    page.write_text(house.feed("first", 8))
    words = [page if word == "PAGE" else word for word in STEPS[step]]
    process = home.start(*words, prefix=prefix, env=env)
    try:
        code = process.wait(120)
    except subprocess.TimeoutExpired:
        raise house.Broken(f"{step} under {prefix or env} did not end") from None
    killed = code in (-signal.SIGKILL, 128 + signal.SIGKILL)
    if not killed:
        world.end(sink.process)
        shutil.rmtree(home.folder)
        return False, {}, 0, 0
    if step == "fetch":
        home.call(*words)
    home.json("run", "--no-fetch")
    books = home.json("run", "--no-fetch")["books"]
    world.end(sink.process)
    ledger = sink.ledger()
    listed = {row["email"] for row in home.queue("--doubtful")}
    sums = {
        "lost": len(ledger.lost(home.readers)),
        "unasked": len(ledger.unasked(home.readers)),
        "changed": len(set(ledger.changed("mid")) | set(ledger.changed("sha"))),
        "not listed": len(ledger.doubled() - listed),
        "wrong books": not (books["planned"] == books["sent"] == READERS),
    }
    shutil.rmtree(home.folder)
    return True, sums, ledger.doubles(), len(listed)

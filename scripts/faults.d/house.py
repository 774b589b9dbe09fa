"""house: what every scenario shares. One installation of Paper Round in a temporary folder
(House), and the processes started for a run (World). Drives the real binary by its command
line and configuration alone."""

import dataclasses
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from counting import Ledger

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DAY_S = 86_400


class Skipped(Exception):
    """The scenario cannot be run here; says why."""


class Broken(Exception):
    """Something that no bound speaks of went wrong: a command failed, a wait had no end."""


# -- what runs


class World:
    """One run: its temporary folder, its processes, and how much of everything."""

    def __init__(self, binary, tools, quick, minutes, seed):
        self.binary = binary
        self.tools = tools
        self.quick = quick
        self.minutes = minutes
        self.random = random.Random(seed)
        self.seed = seed
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="paperround-faults-"))
        self.processes = []
        self.mounts = []
        self.numbers = 0

    def say(self, words):
        print(f"faults: {words}", file=sys.stderr, flush=True)

    def amount(self, whole, quick):
        return quick if self.quick else whole

    def path(self, name):
        """A fresh path of that name."""
        self.numbers += 1
        return self.folder / f"{self.numbers:04d}-{name}"

    def start(self, words, **options):
        # A session of its own: Ctrl-C is for this script, which then ends the others.
        words = [str(word) for word in words]
        process = subprocess.Popen(words, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def server(self, words, port, **options):
        """A server that listens on `port` once it is ready."""
        process = self.start(words, stderr=open(self.path("server.err"), "wb"), **options)
        wait_for(lambda: process.poll() is not None or listens(port), 20, "a server to listen")
        if process.poll() is not None:
            raise Broken(f"{words[0]} ended with {process.returncode}")
        return process

    def end(self, process, number=signal.SIGTERM):
        """Ends one process that was started here."""
        if process.poll() is None:
            try:
                process.send_signal(signal.SIGCONT)
            except ProcessLookupError:
                pass
            process.send_signal(number)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        try:
            # What strace ran goes on without it.
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        if process in self.processes:
            self.processes.remove(process)

    def clear(self):
        """Ends and removes what one scenario started."""
        for process in list(reversed(self.processes)):
            self.end(process)
        for place in reversed(self.mounts):
            subprocess.run(["umount", "-l", place], check=False)
        self.mounts.clear()

    def close(self, keep):
        self.clear()
        if keep:
            self.say(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def sink(self, *words):
        """A sink on a free port; its log."""
        return Sink(self, free_port(), words)

    def hostile(self, *words, port=None):
        """hostile-smtp from the tools."""
        program = self.tools / "hostile-smtp"
        if not program.exists():
            raise Skipped(f"{program} is missing; name its folder with PAPERROUND_TOOLS")
        log = self.path("hostile.jsonl")
        port = port or free_port()
        words = [program, "--port", port, "--log", log, *words]
        return Relay(self.server(words, port), port, log)


@dataclasses.dataclass
class Relay:
    """A relay of the tools, running."""

    process: subprocess.Popen
    port: int
    log: pathlib.Path


class Sink:
    """A running sink.py, read while it writes."""

    def __init__(self, world, port, words):
        self.world, self.port, self.words = world, port, words
        self.log = world.path("sink.jsonl")
        self.log.touch()
        self.offset, self.rest = 0, b""
        self.stored, self.open, self.last = 0, 0, 0.0
        self.reached = set()
        self.start()

    def start(self):
        words = [sys.executable, HERE / "sink.py", "--port", self.port, "--log", self.log]
        self.process = self.world.server([*words, *self.words], self.port)

    def read(self):
        """Looks at what was logged since the last look."""
        with open(self.log, "rb") as file:
            file.seek(self.offset)
            data = file.read()
        self.offset += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if b'"accept"' in line:
                event = json.loads(line)
                self.stored += 1
                self.last = event["t"]
                self.reached.update(to.lower() for to in event["to"])
            elif b'"conn"' in line:
                self.open += 1
            elif b'"gone"' in line:
                self.open -= 1
        return self

    def count(self):
        return self.read().stored

    def has_reached(self):
        return len(self.read().reached)

    def settle(self):
        """Waits until all that a killed process had sent is taken in."""
        wait_for(lambda: self.read().open <= 0, 20, "the end of all connections", 0.005)

    def ledger(self):
        return Ledger(self.log)


class House:
    """One installation: configuration, data folder, commands."""

    def __init__(self, world, name="house"):
        self.world = world
        self.folder = world.path(name)
        self.folder.mkdir()
        self.config = self.folder / "paperround.toml"
        self.listen = free_port()
        self.readers = []
        self.options = {}

    def configure(self, relay, **options):
        """Writes the configuration. Options: connections, database, retry, rate, data_dir,
        schedule, expire_after, more."""
        self.options = {**self.options, **options, "relay": relay}
        told = self.options
        relay = f"smtp://127.0.0.1:{relay}" if isinstance(relay, int) else relay
        lines = [
            "[site]",
            'url = "http://127.0.0.1:8080"',
            f'data_dir = "{told.get("data_dir", "data")}"',
            "[server]",
            f'listen = "127.0.0.1:{self.listen}"',
            "[digest]",
            f'schedule = "{told.get("schedule", "0 8 * * *")}"',
            f'expire_after = "{told.get("expire_after", "20h")}"',
            # Nothing is fetched but what a scenario feeds.
            "[[sources]]",
            'name = "fixture"',
            'kind = "feed"',
            'url = "http://127.0.0.1:9/feed"',
            'schedule = "0 0 1 1 *"',
            "[mail]",
            'from = "Paper Round <papers@digest.example>"',
            "[[mail.relays]]",
            f'url = "{relay}"',
            f"connections = {told.get('connections', 8)}",
        ]
        if told.get("rate"):
            lines.append(f'rate = "{told["rate"]}"')
        first, most = told.get("retry", ("5m", "4h"))
        lines += ["[retry]", f'first = "{first}"', "factor = 2", f'most = "{most}"']
        if told.get("database"):
            lines += ["[database]", f'url = "{told["database"]}"']
        lines += told.get("more", [])
        self.config.write_text("\n".join(lines) + "\n")

    def copy(self, name="house"):
        """The same house once more, in a folder of its own."""
        other = House(self.world, name)
        shutil.copytree(self.folder / "data", other.folder / "data", copy_function=shutil.copy)
        shutil.rmtree(other.folder / "data/nodes", ignore_errors=True)
        other.readers = list(self.readers)
        other.options = dict(self.options)
        return other

    def words(self, *words, at=None):
        told = [self.world.binary, "-c", self.config, *(["--at", at] if at else []), *words]
        return [str(word) for word in told]

    def call(self, *words, at=None, env=None, codes=(0,), seconds=300):
        """One command to its end; its standard output."""
        done = subprocess.run(
            self.words(*words, at=at),
            capture_output=True,
            env=environment(env),
            timeout=seconds,
            text=True,
        )
        if codes is not None and done.returncode not in codes:
            raise Broken(
                f"paperround {' '.join(str(word) for word in words)} ended with "
                f"{done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}"
            )
        return done

    def json(self, *words, **options):
        return json.loads(self.call("--json", "-q", *words, **options).stdout)

    def queue(self, *words):
        lines = self.call("--json", "-q", "queue", "list", *words).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def start(self, *words, prefix=(), env=None):
        """A command that goes on; its log is kept."""
        log = open(self.folder / "paperround.log", "ab")
        return self.world.start(
            [*prefix, *self.words(*words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=environment(env),
        )

    def log(self):
        try:
            return (self.folder / "paperround.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def take_in(self, name="first", papers=8, at=None, env=None):
        """Papers that nobody had before."""
        page = self.folder / f"{name}.xml"
        page.write_text(feed(name, papers))
        told = self.json("fetch", "--from", page, at=at, env=env)
        if told["outcome"] != "good":
            raise Broken(f"the fixture was not taken: {told}")

    def subscribe(self, rows, head="email", at=None, env=None):
        """Readers, confirmed; those without `at` since two days, so that all are due."""
        roll = self.world.path("readers.csv")
        roll.write_text("\n".join([head, *rows]) + "\n")
        at = at or moment(time.time() - 2 * DAY_S)
        self.call("subscriber", "import", roll, "--confirmed", at=at, env=env)
        self.readers += [row.split(",")[0] for row in rows]

    def healthy(self):
        """Whether /readyz, or where there is none /healthz, says 200; None: no answer."""
        for page in ("readyz", "healthz"):
            try:
                url = f"http://127.0.0.1:{self.listen}/{page}"
                with urllib.request.urlopen(url, timeout=3) as answer:
                    return answer.status == 200
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    continue
                return False
            except OSError:
                return None
        return None

    def database(self):
        return self.folder / "data/paperround.db"

    def intact(self):
        """What SQLite says of its file."""
        import sqlite3

        with sqlite3.connect(self.database(), timeout=30) as connection:
            return connection.execute("PRAGMA integrity_check").fetchone()[0]

    def balance(self, report, **options):
        """One last pass, and its books against the readers."""
        told = self.json("run", "--no-fetch", **options)
        books = told["books"]
        report.true(
            "books balance",
            books["planned"] == sum(books[one] for one in ("sent", "waiting", "failed", "skipped")),
        )
        return books


# -- small things


def environment(more=None):
    """Without anything that would reach into the run."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PAPERROUND")}
    return {**kept, "NO_COLOR": "1", **(more or {})}


def moment(seconds):
    """RFC 3339 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def addresses(count, name="ok", domain="example.org"):
    return [f"{name}-{number:06d}@{domain}" for number in range(count)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, seconds, what, every=0.02):
    """Waits until `condition`; returns how long that took."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > seconds:
            raise Broken(f"waited {seconds} s in vain for {what}")
        time.sleep(every)
    return time.monotonic() - begin


def waited(condition, seconds, every=0.05):
    """As wait_for, but None where it was in vain."""
    try:
        return wait_for(condition, seconds, "", every)
    except Broken:
        return None


def feed(name, papers):
    """An Atom feed of made-up papers that no other name has."""
    entries = []
    for number in range(papers):
        summary = f"We study fault {number} of kind {name}, and what it leaves behind. " * 12
        entries.append(
            f"<entry><id>https://papers.example/{name}/{number}</id>"
            f'<link href="https://papers.example/{name}/{number}"/>'
            f"<title>On fault {number} of kind {name}, and how it was counted</title>"
            f"<author><name>Ada Example</name></author><summary>{summary}</summary>"
            "<updated>2026-01-01T00:00:00Z</updated></entry>"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        "<id>urn:faults</id><title>faults</title><updated>2026-01-01T00:00:00Z</updated>"
        + "".join(entries)
        + "</feed>"
    )


def peak_mib(process):
    """The most memory that the process ever held, in MiB."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return None

"""What a bench stands on: seeded databases, sinks, a PostgreSQL of its own, and ways to run and
to measure one process. Compares nothing."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time


class Missing(Exception):
    """Something is not installed here; the row is left out with this reason."""


class World:
    def __init__(self, folder, pipeline, lengths, program, say):
        self.folder = folder
        self.pipeline = pipeline
        self.lengths = lengths
        self.program = program
        self.say = say
        self.started = []
        self.seeds = {}
        self.cluster = None
        self.counter = 0
        self.keys = folder / "keys"
        made = self.call(
            [program, "key", "dkim", "--domain", "digest.example", "--selector", "bench"]
            + ["--dir", self.keys, "--json"]
        )
        files = json.loads(made)["files"]
        shutil.copy(files[0], self.keys / "rsa.pem")
        shutil.copy(files[1], self.keys / "ed25519.pem")

    def call(self, words, **more):
        words = [str(word) for word in words]
        done = subprocess.run(words, capture_output=True, text=True, cwd=self.folder, **more)
        if done.returncode != 0:
            raise RuntimeError(f"{words[0]}: {done.stderr.strip()[-600:]}")
        return done.stdout

    def start(self, words, **more):
        process = subprocess.Popen([str(word) for word in words], cwd=self.folder, **more)
        self.started.append(process)
        return process

    def stop(self, process):
        process.terminate()
        process.wait()
        self.started.remove(process)

    def close(self):
        for process in list(self.started):
            process.kill()
            process.wait()
        if self.cluster:
            self.cluster.stop()

    # -- sinks

    def smtp_sink(self):
        """Postfix's: its port and its process."""
        program = tool("smtp-sink", "postfix")
        port = free_port()
        user = ["-u", "postfix"] if os.geteuid() == 0 else []
        process = self.start([program, *user, f"127.0.0.1:{port}", "1000"])
        wait_for(port)
        return port, process

    def fast_sink(self, *words):
        """Our own, which is not what limits a sender."""
        process = self.start(
            [self.pipeline, "sink", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return json.loads(process.stdout.readline())["port"], process

    # -- databases

    def seed(self, readers, postgres=False):
        """A database with one planned digest for so many readers, made once; and what that
        took. Returns its name and the seed's own figures."""
        key = (readers, postgres)
        if key not in self.seeds:
            self.say(f"seeding {readers:,} readers on {'PostgreSQL' if postgres else 'SQLite'}")
            name = f"seed{len(self.seeds)}"
            if postgres:
                self.postgres().sql(f"CREATE DATABASE {name}")
                url = self.postgres().url(name)
            else:
                url = f"sqlite:{self.folder / name}.db"
            context = ["--context", self.folder / "context.json"]
            words = ["--db", url, "--data", self.data(), "--readers", readers, *context]
            figures = json.loads(self.call([self.pipeline, "seed", *words]))
            self.seeds[key] = (name, figures)
        return self.seeds[key]

    def fresh(self, readers, postgres=False):
        """The URL of a copy of the seeded database, and a function that removes it."""
        name, _ = self.seed(readers, postgres)
        self.counter += 1
        copy = f"copy{self.counter}"
        if postgres:
            self.postgres().sql(f"CREATE DATABASE {copy} TEMPLATE {name}")
            url = self.postgres().url(copy)
            return url, lambda: self.postgres().sql(f"DROP DATABASE {copy} WITH (FORCE)")
        shutil.copy(self.folder / f"{name}.db", self.folder / f"{copy}.db")

        def remove():
            for end in ("", "-wal", "-shm"):
                (self.folder / f"{copy}.db{end}").unlink(missing_ok=True)

        return f"sqlite:{self.folder / copy}.db", remove

    def data(self):
        folder = self.folder / "data"
        folder.mkdir(exist_ok=True)
        return folder

    def postgres(self):
        if self.cluster is None:
            self.cluster = Cluster(self.folder)
        return self.cluster


class Cluster:
    """A PostgreSQL server as it comes, over a socket of its own."""

    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            raise Missing("PostgreSQL is not installed")
        self.programs = found[-1].parent
        self.place = folder / "postgres"
        self.place.mkdir()
        folder.chmod(0o755)
        self.user = []
        if os.geteuid() == 0:
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
            shutil.chown(self.place, "postgres", "postgres")
        data = self.place / "data"
        words = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
        self.run("initdb", *words)
        log = open(self.place / "log", "w")
        self.server = subprocess.Popen(
            [*self.user, self.programs / "postgres", "-D", data, "-k", self.place]
            + ["-c", "listen_addresses="],
            stdout=log,
            stderr=log,
            cwd="/",
        )
        until = time.monotonic() + 60
        while True:
            ready = [self.programs / "pg_isready", "-q", "-h", self.place]
            if subprocess.run(ready).returncode == 0:
                return
            if time.monotonic() > until:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)

    def run(self, program, *words):
        done = subprocess.run(
            [*self.user, self.programs / program, *words], capture_output=True, text=True, cwd="/"
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr.strip()[-600:]}")

    def sql(self, text):
        self.run("psql", "-q", "-h", self.place, "-U", "postgres", "-c", text, "postgres")

    def url(self, name):
        return f"postgres://postgres@localhost/{name}?host={self.place}"

    def stop(self):
        self.server.terminate()
        subprocess.run(["kill", "-INT", str(self.server.pid)], check=False)
        self.server.wait()

    def cpu(self):
        """CPU seconds of the server and all its children so far."""
        ticks = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                text = stat.read_text()
            except OSError:
                continue
            if "(postgres)" in text:
                fields = text.rsplit(")", 1)[1].split()
                ticks += sum(int(field) for field in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")


def tool(name, package):
    """A program of a Debian package, which root may install."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=env, **quiet)
        words = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        subprocess.run(words, env=env, **quiet)
        path = shutil.which(name, path="/usr/sbin:/usr/bin")
    if path is None:
        raise Missing(f"{name} is not installed (Debian: {package})")
    return path


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise RuntimeError(f"nothing answers on port {port}") from None
            time.sleep(0.02)


def timed(words, cwd=None, env=None):
    """Runs a process: what it printed, wall and CPU seconds, peak of memory in MiB."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in words], stdout=subprocess.PIPE, text=True, cwd=cwd, env=env
    )
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begin
    if process.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}")
    return out, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

"""postgres: a throwaway PostgreSQL cluster on loopback, in the run's temporary folder."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess

import house


class Cluster:
    """A cluster with one database `paperround` of one user `paperround`, who needs no password."""

    def __init__(self, world):
        self.world = world
        programs = program_folder()
        if not programs:
            raise house.Skipped("PostgreSQL's initdb is not installed (Debian: postgresql)")
        self.programs = programs
        self.port = house.free_port()
        self.data = world.path("postgres")
        self.log = world.path("postgres.log")
        self.process = None
        self.user = self.other_user()
        self.data.mkdir()
        if self.user:
            # The server refuses to be root, and must reach its folder.
            os.chmod(world.folder, 0o711)
            shutil.chown(self.data, *self.user)
        words = ["-D", self.data, "-U", "paperround", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self.tool("initdb", *words, "--locale=C.UTF-8")
        self.start()
        self.sql("CREATE DATABASE paperround", "postgres")

    @staticmethod
    def other_user():
        if os.getuid():
            return None
        try:
            found = pwd.getpwnam("postgres")
        except KeyError:
            missing = "there is no user postgres, and root cannot run PostgreSQL"
            raise house.Skipped(missing) from None
        return found.pw_uid, found.pw_gid

    def options(self):
        if not self.user:
            return {}
        return {"user": self.user[0], "group": self.user[1], "extra_groups": [], "cwd": self.data}

    def tool(self, name, *words, check=True):
        words = [self.programs / name, *(str(word) for word in words)]
        done = subprocess.run(words, capture_output=True, text=True, **self.options())
        if check and done.returncode:
            raise house.Broken(f"{name}: {done.stderr.strip()[-300:]}")
        return done

    def start(self):
        words = [self.programs / "postgres", "-D", self.data, "-p", self.port]
        words += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        words += ["-c", "max_connections=200"]
        log = open(self.log, "ab")
        self.process = self.world.start(words, stdout=log, stderr=log, **self.options())
        house.wait_for(self.answers, 60, "PostgreSQL")

    def answers(self):
        words = ["-h", "127.0.0.1", "-p", self.port, "-U", "paperround", "-d", "postgres"]
        done = self.tool("psql", *words, "-c", "SELECT 1", check=False)
        return done.returncode == 0

    def sql(self, text, database="paperround"):
        words = ["-h", "127.0.0.1", "-p", self.port, "-U", "paperround", "-d", database]
        return self.tool("psql", *words, "-v", "ON_ERROR_STOP=1", "-Atc", text).stdout.strip()

    def kill(self):
        """As a machine that loses its power: nothing is tidied up."""
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        ).stdout.split()
        self.process.kill()
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        # The next server refuses to start while a backend of this one lives.
        house.wait_for(lambda: not any(alive(child) for child in children), 20, "its end")

    def url(self, port=None):
        return f"postgres://paperround@127.0.0.1:{port or self.port}/paperround"


def alive(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def program_folder():
    """Where initdb lies with its server: Debian keeps them out of the PATH."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    here = shutil.which("postgres")
    for initdb in [*found[::-1], *([here] if here else [])]:
        folder = pathlib.Path(os.path.realpath(initdb)).parent
        if all((folder / name).exists() for name in ("initdb", "postgres", "psql")):
            return folder
    return None


def cluster(world):
    """A cluster, if this build can use one."""
    made = Cluster(world)
    home = house.House(world, "probe")
    home.configure(1, database=made.url())
    done = home.call("--json", "-q", "run", "--dry-run", "--no-fetch", codes=None)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise house.Skipped(f"this build does not speak PostgreSQL: {said[0] if said else '?'}")
    made.sql("DROP SCHEMA public CASCADE")
    made.sql("CREATE SCHEMA public")
    return made

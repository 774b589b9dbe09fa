"""input: relays that answer nonsense, addresses that a relay cannot take, and files that are not
what they should be: refused with words, nothing lost, nothing sent twice."""

import hashlib
import shutil
import sqlite3
import subprocess
import time

import house
import postgres

# What sink.py does wrong the first time that it sees a recipient.
NONSENSE = {
    "garbage": "binary garbage",
    "long-line": "a line of 4,000 octets",
    "many-lines": "an answer of 150 lines",
    "wrong-place": "250 where 354 is due",
    "early": "250 before the mail was sent",
    "early-rcpt": "each answer one question early",
    "endless": "an answer without end",
}
READERS = 12


def run(world, report):
    relays(world, report)
    addresses(world, report)
    schema(world, report)
    not_a_database(world, report)
    dkim(world, report)
    strangers(world, report)


def relays(world, report):
    running = {}
    for name in NONSENSE:
        home = house.House(world, name)
        sink = world.sink("--bad", name)
        home.configure(sink.port, retry=("1s", "2s"), connections=2)
        home.subscribe(house.addresses(READERS))
        home.take_in()
        running[name] = home, sink, home.start("serve")
    begin = time.monotonic()
    limit = world.amount(300, 90)
    for name, (home, sink, daemon) in running.items():
        left = max(1, limit - (time.monotonic() - begin))
        house.waited(lambda sink=sink: sink.has_reached() == READERS, left, every=0.2)
    for name, (home, sink, daemon) in running.items():
        words = NONSENSE[name]
        alive = daemon.poll() is None
        report.true(f"{words}: the daemon lives", alive)
        peak = round(house.peak_mib(daemon)) if alive else None
        world.end(daemon)
        world.end(sink.process)
        ledger = sink.ledger()
        books = home.json("run", "--dry-run", "--no-fetch")["books"]
        report.equal(f"{words}: lost, though the books say sent", false_sent(home, ledger), [])
        report.equal(f"{words}: not delivered in {limit} s", len(ledger.lost(home.readers)), 0)
        report.equal(f"{words}: doubles", ledger.doubles(), 0)
        report.equal(f"{words}: given up", books["failed"] + books["skipped"], 0)
        report.most(f"{words}: memory, MiB", peak, 96)


def false_sent(home, ledger):
    """Whom the books call sent, and the relay never stored."""
    sent = {row["email"] for row in home.queue("--state", "sent")}
    return sorted(sent - set(ledger.stored))


def addresses(world, report):
    """A relay without SMTPUTF8 is never shown an address that needs it."""
    home = house.House(world)
    sink = world.sink("--no-utf8")
    home.configure(sink.port)
    rows = ["ok-1@example.org", "jörg@example.org", "ok-2@bücher.example", "ok-3@example.org"]
    home.subscribe(rows)
    home.take_in()
    known = {row["email"] for row in home.queue()}
    home.call("-q", "run", "--no-fetch")
    ledger = sink.ledger()
    report.equal("SMTPUTF8: 8-bit commands to a relay without it", len(ledger.violations), 0)
    wanted = {"ok-1@example.org", "ok-3@example.org", "ok-2@xn--bcher-kva.example"}
    report.equal("SMTPUTF8: the others are delivered", sorted(wanted - set(ledger.stored)), [])
    states = ("failed", "deferred", "queued")
    stuck = [row for state in states for row in home.queue("--state", state)]
    said = [f"{row['state']}: {row['reason']}" for row in stuck]
    report.figure("SMTPUTF8: the address that needs it", said or f"not taken ({len(known)})")
    sent = {row["email"] for row in home.queue("--state", "sent")}
    report.equal("SMTPUTF8: sent though it cannot be", [r for r in sent if "jö" in r], [])


def schema(world, report):
    home = house.House(world)
    sink = world.sink()
    home.configure(sink.port)
    home.subscribe(house.addresses(3))
    home.take_in()
    with sqlite3.connect(home.database()) as connection:
        connection.execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, "
            "execution_time) VALUES (999999, 'of the future', TRUE, x'00', 1)"
        )
    connection.close()
    refused(report, home, "newer schema", ["newer"], [78])
    report.equal("newer schema: sent", sink.count(), 0)


def not_a_database(world, report):
    home = house.House(world)
    home.configure(1)
    (home.folder / "data").mkdir()
    home.database().write_bytes(b"This is no database. " * 500)
    before = hashlib.sha256(home.database().read_bytes()).hexdigest()
    refused(report, home, "no database", ["database"], [65, 69, 78])
    after = hashlib.sha256(home.database().read_bytes()).hexdigest()
    report.true("no database: left as it was", before == after)


def refused(report, home, what, words, codes):
    """A command ends in time with one of these codes, and says these words and no panic."""
    done = home.call("run", "--no-fetch", codes=None, seconds=30)
    report.true(f"{what}: refused", done.returncode in codes, f"exit code {done.returncode}")
    said = done.stderr.lower()
    ok = all(word.lower() in said for word in words) and "panicked" not in said
    report.true(f"{what}: says why", ok, done.stderr.strip()[-200:] or "nothing")


def dkim(world, report):
    if not shutil.which("openssl"):
        report.leave_out("DKIM keys", "openssl is not installed")
        return
    folder = world.path("keys")
    folder.mkdir()
    good, wrong = keys(folder)
    _, signed, said = with_key(world, good)
    if not signed:
        report.leave_out("DKIM keys", said or "this build does not sign mail")
        return
    for what, file in wrong.items():
        sent, _, said = with_key(world, file)
        report.equal(f"DKIM, {what}: sent", sent, 0)
        report.true(f"DKIM, {what}: says why", said is not None and file.name in said, said)


def with_key(world, file):
    """(mails sent, signed ones among them, None or the words of the refusal)"""
    home = house.House(world, "dkim")
    sink = world.sink()
    home.configure(sink.port)
    home.subscribe(house.addresses(1))
    home.take_in()
    lines = ["[[mail.dkim]]", 'domain = "digest.example"', 'selector = "s"', f'key_file = "{file}"']
    home.configure(sink.port, more=lines)
    done = home.call("-q", "run", "--no-fetch", codes=None, seconds=30)
    sent = sink.count()
    world.end(sink.process)
    said = (done.stderr or done.stdout).strip()
    mails = [mail for mails in sink.ledger().stored.values() for mail in mails]
    return sent, sum(mail["signed"] for mail in mails), (said[:300] if done.returncode else None)


def keys(folder):
    """(a good key, name -> one that is not)"""

    def make(name, *words):
        file = folder / f"{name}.pem"
        subprocess.run(["openssl", *words, "-out", file], check=True, capture_output=True)
        file.chmod(0o600)
        return file

    rsa = ["genpkey", "-algorithm", "RSA", "-pkeyopt"]
    good = make("good", *rsa, "rsa_keygen_bits:2048")
    wrong = {
        "another kind": make(
            "curve", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"
        ),
        "too short": make("short", *rsa, "rsa_keygen_bits:1024"),
        "the public half": make("public", "pkey", "-in", str(good), "-pubout"),
    }
    for name, data in [("empty", b""), ("garbage", b"\x00\xff not a key\n" * 20)]:
        wrong[name] = folder / f"{name}.pem"
        wrong[name].write_bytes(data)
        wrong[name].chmod(0o600)
    wrong["readable by everybody"] = folder / "open.pem"
    shutil.copy(good, wrong["readable by everybody"])
    wrong["readable by everybody"].chmod(0o644)
    wrong["missing"] = folder / "nowhere.pem"
    return good, wrong


def strangers(world, report):
    """A second node on the same database with another key, or another sender, is refused."""
    databases = {"SQLite": lambda: f"sqlite:{world.path('shared.db')}"}
    try:
        cluster = postgres.cluster(world)
        databases["PostgreSQL"] = cluster.url
    except house.Skipped as reason:
        report.leave_out("two nodes on PostgreSQL", str(reason))
    for kind, url in databases.items():
        database = url()
        sink = world.sink()
        first = house.House(world, "first")
        first.configure(sink.port, database=database)
        first.subscribe(house.addresses(3))
        first.take_in()
        daemon = first.start("serve")
        house.wait_for(lambda: first.healthy() is True, 20, "the first node")
        for what in ("key", "sender"):
            other = house.House(world, what)
            other.configure(sink.port, database=database)
            if what == "sender":
                (other.folder / "data").mkdir()
                key = "data/paperround.key"
                shutil.copy(first.folder / key, other.folder / key)
                text = other.config.read_text().replace("papers@digest", "others@elsewhere")
                other.config.write_text(text)
            refused(report, other, f"{kind}, another {what}", [what], [1, 65, 69, 78])
        world.end(daemon)
        world.end(sink.process)

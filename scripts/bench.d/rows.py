"""The rows of the table and the ratios that are made of them. Each pair is taken in turn within
one run, so that what else the machine does hits both sides alike."""

import json
import os
import statistics

import inbound
import web
from servers import Missing, timed, tool

RATIOS = [
    ("unsigned_vs_smtp_source", 1.2, "unsigned, into smtp-sink: ours / smtp-source"),
    ("ed25519_vs_smtp_source", 1.1, "with Ed25519, into smtp-sink"),
    ("both_vs_smtp_source", 0.6, "with RSA-2048 and Ed25519, into smtp-sink"),
    ("unsigned_fast_sink", 1.5, "unsigned, into a sink that is not the limit"),
    ("ed25519_fast_sink", 1.0, "with Ed25519, into that sink"),
    ("cpu_vs_smtp_source", -0.7, "CPU of one mail, into that sink (less is better)"),
    ("rtt5ms_vs_smtp_source", 3.5, "unsigned, 5 ms of round trip"),
    ("vs_nodemailer", 20, "unsigned: ours / nodemailer with nunjucks"),
    ("vs_django", 20, "unsigned: ours / Django with Jinja2"),
    ("vs_nodemailer_signed", 12, "RSA on both sides: ours / nodemailer"),
    ("vs_django_signed", 12, "RSA on both sides: ours / Django"),
    ("postgres_vs_sqlite", 0.8, "unsigned, into smtp-sink: PostgreSQL / SQLite"),
    ("rsa_vs_raw", 0.85, "signed mails a second / (cores x raw RSA signatures a second)"),
    ("claim_vs_send", 8, "claim and record alone / the send rate"),
    ("enqueue_1m_cpu_s", -1.0, "CPU seconds to enqueue 1 M deliveries"),
    ("rss_mib_100k", -48, "peak memory in MiB while sending to 100,000"),
    ("rss_mib_1m", -48, "peak memory in MiB while sending to 1,000,000"),
    ("subscribe_vs_static", 0.05, "POST /subscribe / a file in the same server's memory"),
    ("one_click_vs_static", 0.05, "one-click unsubscription / that file"),
    ("slowest_route_vs_static", 0.05, "the slowest route / that file"),
    ("leave_during_send_s", -1.0, "seconds until one is out while a digest is being sent"),
    ("accept_vs_smtp_sink", 0.1, "mails taken a second, durably: ours / smtp-sink"),
    ("accept_32_vs_smtp_sink", 0.4, "the same over 32 connections"),
    ("bounce_vs_smtp_sink", -40, "time of a bounce, acted on: ours / smtp-sink"),
    ("bounce_32_vs_smtp_sink", -20, "the same over 32 connections"),
    ("ten_times_the_mail", -12, "reading ten times the mail: times as long, the worst"),
]


class Rows:
    def __init__(self, world, quick, rounds, say):
        self.world = world
        self.quick = quick
        self.rounds = rounds
        self.say = say
        self.rows = []
        self.notes = []
        self.found = {name: None for name, *_ in RATIOS}
        self.mails = 4_000 if quick else 20_000
        self.bytes = None

    def run(self, parts, peers):
        self.peers = peers
        for part in parts:
            self.say(part)
            try:
                (self.compare if part == "peers" else getattr(self, part))()
            except (Missing, RuntimeError, OSError) as reason:
                self.notes.append(f"{part}: {reason}")
        return {**self.found, "rows": self.rows, "notes": self.notes, "rounds": self.rounds}

    # -- what is run

    def ours(self, port, mails=None, connections=8, dkim="none", postgres=False):
        mails = mails or self.mails
        url, remove = self.world.fresh(mails, postgres)
        self.bytes = self.world.seed(mails, postgres)[1]["mail_bytes"]
        words = ["--db", url, "--data", self.world.data(), "--dkim", dkim, "--keys", self.world.keys]
        words += ["--relay", f"smtp://127.0.0.1:{port}?tls=none", "--connections", connections]
        try:
            done = json.loads(self.world.call([self.world.pipeline, "send", *words]))
        finally:
            remove()
        if done["mails"] != mails:
            raise RuntimeError(f"{done['mails']} of {mails} mails were sent: {done['books']}")
        return {
            "per_s": mails / done["wall_s"],
            "cpu_per_1000_s": done["cpu_s"] * 1000 / mails,
            "rss_mib": done["rss_peak_mib"],
        }

    def source(self, port, mails=None, connections=8):
        mails = mails or self.mails
        words = [tool("smtp-source", "postfix"), "-d", "-s", connections, "-m", mails]
        _, wall, cpu, peak = timed([*words, "-l", self.bytes, f"127.0.0.1:{port}"])
        return {"per_s": mails / wall, "cpu_per_1000_s": cpu * 1000 / mails, "rss_mib": peak}

    def note(self, sink, sender, **how):
        """Adds a row of the medians of `rounds` runs."""

        def add(runs):
            row = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
            row = {"sink": sink, "sender": sender, **how, **row, "runs": len(runs)}
            self.rows.append(row)
            return row

        return add

    def pairs(self, sink, port, kinds, rounds=None, mails=None, connections=8, postgres=False):
        """Ours in each kind of signature, and smtp-source, in turn; the median ratio of each."""
        runs = {kind: [] for kind in [*kinds, "smtp-source"]}
        for _ in range(rounds or self.rounds):
            for kind in kinds:
                runs[kind].append(self.ours(port, mails, connections, kind, postgres))
            runs["smtp-source"].append(self.source(port, mails, connections))
        theirs = runs.pop("smtp-source")
        self.note(sink, "smtp-source", connections=connections)(theirs)
        database = "postgres" if postgres else "sqlite"
        found = {}
        for kind, mine in runs.items():
            how = {"dkim": kind, "connections": connections, "database": database}
            self.note(sink, "paperround", **how)(mine)
            ratio = [a["per_s"] / b["per_s"] for a, b in zip(mine, theirs, strict=True)]
            cpu = [a["cpu_per_1000_s"] / b["cpu_per_1000_s"] for a, b in zip(mine, theirs, strict=True)]
            found[kind] = (statistics.median(ratio), statistics.median(cpu))
        return found

    # -- the parts

    def signing(self):
        done = json.loads(self.world.call([self.world.pipeline, "sign", "--keys", self.world.keys]))
        self.rows.append({"sender": "raw signatures", **done})
        port, sink = self.world.fast_sink()
        best = max(self.ours(port, dkim="both")["per_s"] for _ in range(min(3, self.rounds)))
        self.world.stop(sink)
        self.found["rsa_vs_raw"] = best / (done["rsa_per_s"] * (os.cpu_count() or 1))

    def sink(self):
        port, sink = self.world.smtp_sink()
        found = self.pairs("smtp-sink", port, ["none", "ed25519", "both"])
        self.world.stop(sink)
        self.found["unsigned_vs_smtp_source"] = found["none"][0]
        self.found["ed25519_vs_smtp_source"] = found["ed25519"][0]
        self.found["both_vs_smtp_source"] = found["both"][0]

    def fast(self):
        port, sink = self.world.fast_sink()
        found = self.pairs("fast sink", port, ["none", "ed25519", "both"])
        self.world.stop(sink)
        self.found["unsigned_fast_sink"], self.found["cpu_vs_smtp_source"] = found["none"]
        self.found["ed25519_fast_sink"] = found["ed25519"][0]

    def connections(self):
        if self.quick:
            return
        for name, start in (("smtp-sink", self.world.smtp_sink), ("fast sink", self.world.fast_sink)):
            port, sink = start()
            for count in (1, 4, 32):
                kinds = ["none", "ed25519", "both"]
                self.pairs(name, port, kinds, rounds=1, connections=count)
            self.world.stop(sink)

    def postgres(self):
        port, sink = self.world.smtp_sink()
        ratios = []
        for _ in range(self.rounds):
            there = self.ours(port, postgres=True)
            here = self.ours(port)
            ratios.append(there["per_s"] / here["per_s"])
            how = {"dkim": "none", "connections": 8, "database": "postgres"}
            self.note("smtp-sink", "paperround", **how)([there])
        self.world.stop(sink)
        self.found["postgres_vs_sqlite"] = statistics.median(ratios)
        if not self.quick:
            port, sink = self.world.fast_sink()
            for count in (1, 4, 8, 32):
                kinds = ["none", "ed25519", "both"]
                self.pairs("fast sink", port, kinds, 1, connections=count, postgres=True)
            self.world.stop(sink)

    def delay(self):
        port, sink = self.world.fast_sink("--delay-ms", "5")
        mails = 1_000 if self.quick else self.mails // 4
        found = self.pairs("fast sink, 5 ms", port, ["none"], mails=mails)
        self.world.stop(sink)
        self.found["rtt5ms_vs_smtp_source"] = found["none"][0]

    def compare(self):
        port, sink = self.world.smtp_sink()
        mails = 200 if self.quick else 1_000
        mine = {kind: self.ours(port, dkim=kind)["per_s"] for kind in ("none", "both")}
        for name in ("nodemailer", "django"):
            for signed in (False, True):
                try:
                    row = self.peers.measure(name, self.world, port, mails, 8, signed)
                except (Missing, RuntimeError, OSError) as reason:
                    self.notes.append(f"{name}: {reason}")
                    continue
                kind = "rsa" if signed else "none"
                self.rows.append({"sink": "smtp-sink", "sender": name, "dkim": kind, **row})
                ratio = mine["both" if signed else "none"] / row["per_s"]
                self.found[f"vs_{name}" + ("_signed" if signed else "")] = ratio
        self.world.stop(sink)

    def store(self):
        """The database alone: claim and record, and what enqueuing costs."""
        url, remove = self.world.fresh(self.mails)
        words = ["--db", url, "--data", self.world.data()]
        try:
            done = json.loads(self.world.call([self.world.pipeline, "claim", *words]))
        finally:
            remove()
        rate = done["rows"] / done["wall_s"]
        row = {"sender": "claim and record", "per_s": rate}
        row["cpu_per_1000_s"] = done["cpu_s"] * 1000 / done["rows"]
        self.rows.append(row)
        port, sink = self.world.smtp_sink()
        self.found["claim_vs_send"] = rate / self.ours(port)["per_s"]
        self.world.stop(sink)

    def web(self):
        """The site's routes against a file in its memory; leaving while a digest goes out."""
        rates, parts = web.routes(self.world, 2_000 if self.quick else 10_000, self.rounds, self.say)
        for name, rate in rates.items():
            self.rows.append({"sink": "site", "sender": name, "per_s": rate, "cpu_per_1000_s": 0})
        self.found["subscribe_vs_static"] = parts["subscribe"]
        self.found["one_click_vs_static"] = parts["one_click"]
        slowest = min(parts, key=parts.get)
        self.found["slowest_route_vs_static"] = parts[slowest]
        self.notes.append(f"web: the slowest route is {slowest}")
        readers = 2_000 if self.quick else 10_000
        self.found["leave_during_send_s"] = web.leaving(self.world, readers, self.say)

    def inbound(self):
        """The door for mail servers beside smtp-sink, and what long mails cost."""
        mails = 2_000 if self.quick else 10_000
        for part, ratio in (("accept", lambda a, b: a / b), ("bounces", lambda a, b: b / a)):
            for connections in (8, 32):
                runs = list(getattr(inbound, part)(self.world, mails, connections, self.rounds))
                for sender, column in (("paperround", 0), ("smtp-sink", 1)):
                    how = {"connections": connections, "database": "-" if column else "sqlite"}
                    self.note(f"{sender}", f"{part}", **how)([run[column] for run in runs])
                name = f"{part.removesuffix('s')}_vs_smtp_sink"
                if connections == 32:
                    name = name.replace("_vs_", "_32_vs_")
                found = [ratio(mine["per_s"], theirs["per_s"]) for mine, theirs in runs]
                self.found[name] = statistics.median(found)
        found = inbound.lengths(self.world, self.quick)
        self.found["ten_times_the_mail"] = found["worst"]
        self.notes.append(f"inbound: of ten times the mail the worst is {found['of']}")

    def memory(self):
        if self.quick:
            return
        for readers, name in ((100_000, "rss_mib_100k"), (1_000_000, "rss_mib_1m")):
            port, sink = self.world.fast_sink()
            row = self.ours(port, mails=readers)
            self.world.stop(sink)
            how = {"dkim": "none", "connections": 8, "database": "sqlite", "mails": readers}
            self.note("fast sink", "paperround", **how)([row])
            self.found[name] = row["rss_mib"]
        self.found["enqueue_1m_cpu_s"] = self.world.seed(1_000_000)[1]["enqueue_cpu_s"]

    # -- what is shown

    def table(self, found):
        lines = [f"{'ratio':44}{'':26}{'found':>9}{'wanted':>9}"]
        for name, bound, words in RATIOS:
            value = found[name]
            shown = "-" if value is None else f"{value:.2f}"
            wanted = f"<= {-bound:g}" if bound < 0 else f">= {bound:g}"
            lines.append(f"{words:70}{shown:>9}{wanted:>9}")
        lines += ["", f"{'sink':18}{'sender':18}{'dkim':9}{'conn.':>6}{'database':>10}"]
        lines[-1] += f"{'mails/s':>10}{'CPU s/1000':>12}{'peak MiB':>10}"
        for row in found["rows"]:
            if "rsa_per_s" in row:
                continue
            text = f"{row.get('sink', '-'):18}{row['sender']:18}{row.get('dkim', '-'):9}"
            text += f"{row.get('connections', '-'):>6}{row.get('database', '-'):>10}"
            text += f"{row['per_s']:>10,.0f}{row['cpu_per_1000_s']:>12.3f}"
            lines.append(text + f"{row.get('rss_mib', 0):>10.0f}")
        lines += [f"note: {note}" for note in found["notes"]]
        return "\n".join(lines)

"""counting: figures held against bounds (Report), and what an SMTP server's log says was stored, by
recipient (Ledger). Starts and changes nothing."""

import json


class Report:
    """Figures, and checks of figures against bounds."""

    def __init__(self, name):
        self.name = name
        self.figures = {}
        self.checks = []
        self.skipped = None
        self.seconds = 0.0

    def figure(self, what, value):
        self.figures[what] = value

    def check(self, what, value, bound, holds):
        self.checks.append({"what": what, "value": value, "bound": bound, "holds": bool(holds)})

    def most(self, what, value, bound):
        """`value` may not be above `bound`, nor unknown."""
        self.check(what, value, f"<= {bound}", value is not None and value <= bound)

    def equal(self, what, value, bound):
        self.check(what, value, f"= {bound}", value == bound)

    def true(self, what, value, why=""):
        self.check(what, value if value or not why else why, "yes", value is True)

    def leave_out(self, what, reason):
        """A part of the scenario that cannot run here. It never counts as held."""
        self.checks.append({"what": what, "value": None, "bound": reason, "holds": None})

    def status(self):
        if self.skipped:
            return "SKIPPED"
        if any(one["holds"] is False for one in self.checks):
            return "FAIL"
        if not any(one["holds"] for one in self.checks):
            return "SKIPPED"
        return "PASS"


class Ledger:
    """What the logs of sink.py or hostile-smtp say was stored, by recipient."""

    def __init__(self, *paths):
        self.stored = {}
        self.times = []
        self.connections = []
        self.violations = []
        for path in paths:
            self.read(path)

    def read(self, path):
        mails = {}
        with open(path, encoding="utf8", errors="replace") as file:
            for line in file:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue  # the last line of a log that is still being written
                kind = event.get("ev")
                if kind == "accept":
                    mail = {"acked": event.get("acked", False), **event}
                    mails[event.get("id")] = mail
                    self.times.append(event["t"])
                    for to in event["to"]:
                        self.stored.setdefault(to.lower(), []).append(mail)
                elif kind == "ack" and event["id"] in mails:
                    mails[event["id"]]["acked"] = True
                elif kind == "conn":
                    self.connections.append(event["t"])
                elif kind == "viol":
                    self.violations.append(event["what"])

    def lost(self, expected):
        return sorted(set(expected) - set(self.stored))

    def unasked(self, expected):
        return sorted(set(self.stored) - set(expected))

    def doubles(self):
        """Copies beyond the first."""
        return sum(len(mails) - 1 for mails in self.stored.values())

    def doubled(self):
        return {to for to, mails in self.stored.items() if len(mails) > 1}

    def changed(self, field):
        """Recipients whose copies differ."""
        return sorted(
            to for to, mails in self.stored.items() if len({mail[field] for mail in mails}) > 1
        )

    def in_window(self, begin, end):
        return sum(begin <= at <= end for at in self.times)


def count_mail(report, ledger, expected, doubles):
    """The checks that hold after every fault. `doubles`: how many there may be."""
    report.figure("recipients", len(expected))
    report.equal("lost", len(ledger.lost(expected)), 0)
    report.equal("unasked", len(ledger.unasked(expected)), 0)
    report.most("doubles", ledger.doubles(), doubles)
    report.equal("Message-ID changed", len(ledger.changed("mid")), 0)
    report.equal("bytes changed", len(ledger.changed("sha")), 0)

"""clock: one digest a local day, none twice, whatever the clock does.

As of one half hour after the other (`--at`), over days on which zones change their clocks; and
in a live daemon whose clock jumps (libfaketime), also while it is suspended."""

import datetime
import email.utils
import glob
import signal
import time
import zoneinfo

import house

# Zone, and the local day of its change: spring, autumn, half an hour, a day that never was,
# a midnight that never was.
CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Pacific/Apia", "2011-12-30"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Pacific/Apia", "2021-04-04"),
    ("Africa/Casablanca", "2026-02-15"),
]
HOURS = ["00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "08:00", "23:30"]
HALF_HOUR = datetime.timedelta(minutes=30)
DAY = datetime.timedelta(days=1)
# The scheduler looks at least every 15 s.
TICK_S = 18


def run(world, report):
    zones = world.amount(CHANGES, CHANGES[2:4])
    twice = missing = stray = mails = 0
    for zone, day in zones:
        found = change(world, zone, datetime.date.fromisoformat(day))
        mails += found["mails"]
        twice += found["twice"]
        missing += found["missing"]
        stray += found["stray"]
        if found["twice"] or found["missing"] or found["stray"]:
            report.figure(f"{zone} {day}", found)
    report.figure("changes of clocks", f"{len(zones)} in {len({zone for zone, _ in zones})} zones")
    report.figure("digests over these days", mails)
    report.equal("two digests on a local day", twice, 0)
    report.equal("local days without one", missing, 0)
    report.equal("digests far from their hour", stray, 0)
    live(world, report)


# -- zones


def change(world, name, day):
    """Half hour by half hour from the day before the change to two days after."""
    zone = zoneinfo.ZoneInfo(name)
    noon = datetime.datetime.combine(day, datetime.time(12), datetime.timezone.utc)
    begin = noon - world.amount(3, 2) * DAY
    end = noon + world.amount(2, 1) * DAY + 12 * HALF_HOUR
    home = house.House(world)
    sink = world.sink()
    home.configure(sink.port)
    rows = [f"ok-{hour.replace(':', '')}@example.org,{name},{hour}" for hour in HOURS]
    home.subscribe(rows, "email,zone,hour", at=stamp(begin))
    at, fed = begin, 0
    while at <= end:
        if (at - begin) % (8 * HALF_HOUR) == datetime.timedelta(0):
            # There is always something new: a second digest would not be empty.
            fed += 1
            home.take_in(f"{day}-{fed}", 2, at=stamp(at))
        home.call("-q", "run", "--no-fetch", at=stamp(at))
        at += HALF_HOUR
    world.end(sink.process)
    ledger = sink.ledger()
    days = wanted_days(zone, begin, end)
    found = {"mails": 0, "twice": 0, "missing": 0, "stray": 0}
    for row in rows:
        address, _, hour = row.split(",")
        got = [local(mail["date"], zone) for mail in ledger.stored.get(address, [])]
        on = [moment.date() for moment in got]
        found["mails"] += len(got)
        found["twice"] += len(on) - len(set(on))
        found["missing"] += len(days - set(on))
        # A slot in a gap comes up to an hour late; Apia's lost day moves nothing.
        found["stray"] += sum(distance(moment, hour) > 60 for moment in got)
    return found


def wanted_days(zone, begin, end):
    """The local days that lie whole within."""
    days, at = set(), begin
    while at <= end:
        days.add(at.astimezone(zone).date())
        at += HALF_HOUR
    return days - {begin.astimezone(zone).date(), end.astimezone(zone).date()}


def local(date, zone):
    return email.utils.parsedate_to_datetime(date).astimezone(zone)


def distance(moment, hour):
    """Minutes from the hour wished for, on the clock."""
    wanted = int(hour[:2]) * 60 + int(hour[3:])
    apart = abs(moment.hour * 60 + moment.minute - wanted)
    return min(apart, 24 * 60 - apart)


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# -- a live daemon


class FakeClock:
    """What time a process thinks that it is: the real time and an offset that can be moved."""

    def __init__(self, world, library):
        self.file = world.path("clock")
        self.offset = 0.0
        self.env = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            # Sleeps last as long as they say.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, moment):
        """`moment`: seconds since 1970, in UTC."""
        self.offset = moment - time.time()
        # Whole or not at all: the daemon reads it at any time.
        aside = self.file.with_suffix(".new")
        aside.write_text(f"{self.offset:+.3f}\n")
        aside.rename(self.file)

    def now(self):
        return time.time() + self.offset

    def move(self, seconds):
        self.set(self.now() + seconds)


def live(world, report):
    libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not libraries:
        missing = "libfaketime is not installed (Debian: faketime)"
        report.leave_out("a daemon whose clock jumps", missing)
        return
    clock = FakeClock(world, libraries[0])
    home = house.House(world, "live")
    sink = world.sink("--slow", "1:0.1")
    home.configure(sink.port)
    # A Monday, half a minute before the hour of all readers.
    hour = datetime.datetime(2026, 5, 4, 8, 0, tzinfo=datetime.timezone.utc).timestamp()
    home.subscribe(house.addresses(200), at=house.moment(hour - house.DAY_S))
    story = Story(world, report, home, sink, clock)
    clock.set(hour - 20)
    story.news()
    daemon = home.start("serve", env=clock.env)
    story.expect("its hour", 1)
    story.news()
    clock.set(hour - 5)
    story.expect("an hour back, and its hour again", 1)
    if not world.quick:
        clock.move(3600)
        story.expect("an hour forward", 1)
    clock.set(hour + 3700)
    clock.move(house.DAY_S)
    # In the middle of that send the clock goes back an hour, and forward again.
    house.wait_for(lambda: sink.count() > 240, TICK_S + 10, "a day forward to send")
    clock.move(-3600)
    time.sleep(1)
    clock.move(3600)
    story.expect("a day forward", 2)
    story.news()
    clock.move(-house.DAY_S)
    story.expect("a day back", 2)
    if not world.quick:
        clock.move(house.DAY_S)
        story.expect("and forward again", 2)
    clock.set(hour + 2 * house.DAY_S - 600)
    daemon.send_signal(signal.SIGSTOP)
    clock.move(3 * 3600)
    time.sleep(3)
    daemon.send_signal(signal.SIGCONT)
    story.expect("three hours asleep", 3)
    if not world.quick:
        story.news()
        clock.move(3 * house.DAY_S)
        story.expect("three days off, one digest", 4)
    report.true("the daemon lives", daemon.poll() is None)
    world.end(daemon)
    ledger = sink.ledger()
    utc = datetime.timezone.utc
    twice = 0
    for mails in ledger.stored.values():
        days = [local(mail["date"], utc).date() for mail in mails]
        twice += len(days) - len(set(days))
    report.equal("two digests on a day, live", twice, 0)
    report.equal("the same digest twice, live", count_repeats(ledger), 0)


def count_repeats(ledger):
    return sum(
        len(mails) - len({mail["mid"] for mail in mails}) for mails in ledger.stored.values()
    )


class Story:
    """What happens to the live daemon, step by step."""

    def __init__(self, world, report, home, sink, clock):
        self.world, self.report, self.home = world, report, home
        self.sink, self.clock = sink, clock
        self.papers = 0

    def news(self):
        self.papers += 1
        self.home.take_in(f"news-{self.papers}", 2, at=house.moment(self.clock.now()))

    def expect(self, step, each):
        """After `step` everybody has had just so many mails."""
        wanted = each * len(self.home.readers)
        # Also where nothing is to come there must be time for it to come.
        grows = self.sink.count() < wanted
        house.waited(lambda: grows and self.sink.count() >= wanted, TICK_S + grows * 25, every=0.1)
        time.sleep(1)
        self.report.equal(f"{step}: mails", self.sink.count(), wanted)

"""reload: the config changes in mid-send, 200 times (quick: 30), good and bad mixed, by hand and by
SIGHUP. The send goes on through it: nothing is lost, nothing doubled, no relay gets more connections
than any of the configs allows."""

import json
import os
import signal

import counting
import house

CONNECTIONS = (8, 3, 6, 4)
BAD = (
    "[digest]\nmax_paper = 3\n",
    "[digest]\nmax_papers = 0\n",
    "[log]\nlevel = 5\n",
    "[site]\n",
    "[retry\n",
    '[inbound]\naddress = "in@digest.example"\ntls_certificate = "nowhere.pem"\n',
)


def run(world, report):
    reloads = world.amount(200, 30)
    mails = world.amount(20_000, 3_000)
    home = house.House(world)
    # One answer in two hundred takes a while, so that reloads find mails on the wire.
    sink = world.sink("--slow", "200:0.5")
    # So slow that the send outlasts the reloads, each of which takes about a second.
    rate = mails / (reloads * 1.2 + 10)
    home.configure(sink.port, retry=("1s", "2s"), rate=f"{int(rate) + 1}/s")
    home.subscribe(house.addresses(mails))
    home.take_in()
    process = home.start("serve")
    house.wait_for(lambda: sink.count() > 0, 120, "the first mail")
    during, good, bad = 0, 0, 0
    for number in range(reloads):
        text, is_good = change(home, sink.port, number, int(rate) + 1)
        before = told(home)
        put(home, number, text)
        if number % 5 == 0:
            process.send_signal(signal.SIGHUP)
        during += sink.has_reached() < mails
        house.wait_for(lambda: told(home)[not is_good] > before[not is_good], 60, "a word of it")
        good, bad = good + is_good, bad + (not is_good)
    home.configure(sink.port, rate=None)
    house.wait_for(lambda: sink.has_reached() >= mails, 900, "the last mail")
    house.wait_for(lambda: not home.queue(), 60, "an empty queue")
    process.send_signal(signal.SIGTERM)
    report.equal("exit code", process.wait(60), 0)
    report.figure("reloads", reloads)
    report.figure("of these good", good)
    report.figure("of these refused", bad)
    report.figure("of these in mid-send", during)
    report.true("most came in mid-send", during >= reloads * 0.8, f"{during} of {reloads}")
    ledger = sink.ledger()
    counting.count_mail(report, ledger, home.readers, 0)
    books = home.balance(report)
    report.equal("sent by the books", books["sent"], mails)
    report.equal("listed as doubtful", len(home.queue("--doubtful")), 0)
    report.most("connections at a time", most_open(sink.log), max(CONNECTIONS))
    history = home.json("config", "history", "-n", "200")["versions"]
    report.most("versions kept", len(history), 101)


def change(home, port, number, rate):
    """The text of one reload, and whether it is good."""
    config, home.config = home.config, home.folder / "draft.toml"
    home.configure(
        port,
        connections=CONNECTIONS[number % len(CONNECTIONS)],
        rate=f"{rate + number % 7}/s",
        more=["[log]", f'addresses = "{("masked", "hashed")[number % 2]}"'],
    )
    text = home.config.read_text()
    home.config = config
    text = text.replace("[site]", f'[site]\ntitle = "Round {number}"', 1)
    if number % 3 == 2:
        return text + f"# {number}\n" + BAD[number // 3 % len(BAD)], False
    return text, True


def put(home, number, text):
    """As editors do it: renamed, or in place."""
    if number % 2:
        home.config.write_text(text)
    else:
        aside = home.folder / ".new"
        aside.write_text(text)
        os.replace(aside, home.config)


def told(home):
    """How often the daemon took a config over, and how often it refused one."""
    log = home.log()
    return log.count("the config is in force"), log.count("the config file is refused")


def most_open(path):
    opened, most = 0, 0
    for line in open(path, encoding="utf8", errors="replace"):
        kind = json.loads(line).get("ev") if line.endswith("\n") else None
        opened += (kind == "conn") - (kind == "gone")
        most = max(most, opened)
    return most

"""term: SIGTERM in mid-send. The daemon finishes what is on the wire and starts nothing new, so
nothing is lost and nothing doubled. One answer in a hundred takes three seconds, so that most
stops find mails whose final dot is not answered yet."""

import signal
import time

import counting
import house

MAILS_A_STOP = 400


def run(world, report):
    stops = world.amount(20, 6)
    home = house.House(world)
    sink = world.sink("--slow", "100:3")
    home.configure(sink.port)
    home.subscribe(house.addresses(stops * MAILS_A_STOP * 2))
    home.take_in()
    times, codes, stopped, waiting = [], set(), 0, 0
    while stopped < stops:
        before = sink.count()
        serving = before > 0 and stopped % 2 == 0
        process = home.start(*(["serve"] if serving else ["run", "--no-fetch"]))
        enough = before + world.random.randrange(1, MAILS_A_STOP)
        house.wait_for(
            lambda: sink.count() >= enough or process.poll() is not None, 120, "mails"
        )
        if process.poll() is not None:
            said = home.log()[-300:]
            raise house.Broken(f"all was sent after {stopped} stops, or it ended: {said}")
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        codes.add(process.wait(120))
        times.append(time.monotonic() - begin)
        stopped += 1
        waiting += bool(home.queue("--state", "sending"))
    # The rest without slow answers.
    world.end(sink.process)
    sink.words = ()
    sink.start()
    for _ in range(2):
        books = home.json("run", "--no-fetch")["books"]
    report.figure("stops", stopped)
    report.figure("of these found answers open", sum(one > 0.5 for one in times))
    counting.count_mail(report, sink.ledger(), home.readers, 0)
    report.most("slowest exit, s", round(max(times), 1), 30)
    report.equal("exit codes", sorted(codes), [0])
    report.equal("stops that left mail claimed", waiting, 0)
    report.equal("listed as doubtful", len(home.queue("--doubtful")), 0)
    report.equal("sent by the books", books["sent"], len(home.readers))

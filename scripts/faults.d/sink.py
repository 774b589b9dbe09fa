#!/usr/bin/env python3
"""sink: a small SMTP server on loopback that writes down every mail that it stores.

Its log has one JSON object a line:
  {"ev": "conn", "t"}                                           a connection, and its end:
  {"ev": "gone", "t"}
  {"ev": "accept", "id", "to", "frm", "mid", "date", "sha",
   "signed", "size", "t"}  a stored mail, not answered yet
  {"ev": "ack", "id", "t"}                                      its 250 was handed to the system
`sha` is over all octets of the mail as sent (dot-stuffing removed), headers included.

--slow P:S     the answer to one final dot in 1/P comes only after S seconds
--bad NAME     what it does wrong the first time that it sees a recipient:
  dead           closes every connection at once, for ever
  garbage        binary garbage instead of the answer to RCPT
  long-line      a 250 of 4,000 characters to RCPT
  many-lines     a 250 of 150 lines to RCPT
  wrong-place    250 instead of 354 to DATA
  early          354 and 250 at once to DATA; the mail that follows is thrown away
  early-rcpt     two 250 to one RCPT, so that each later answer comes one question too early
  endless        lines of a 250 without end to RCPT (at most 64 MB)
--no-utf8      SMTPUTF8 is not offered (nor with --bad)
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import re
import signal
import sys
import time

END = b"\r\n.\r\n"
DATE = re.compile(rb"(?im)^date:\s*([^\r\n]+)")
MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")


class Sink:
    """What all connections share."""

    def __init__(self, options):
        self.options = options
        self.log_file = open(options.log, "a", buffering=1, encoding="utf8")
        self.stored = 0
        self.seen = set()
        self.random = random.Random(options.seed)

    def log(self, event, **fields):
        record = {"ev": event, **fields, "t": round(time.time(), 4)}
        self.log_file.write(json.dumps(record) + "\n")

    def delay(self):
        chance, seconds = self.options.slow
        return seconds if chance and self.random.random() * chance < 1 else 0


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, sink):
        self.sink = sink
        self.buffer = bytearray()
        self.in_data = False
        self.bad = None
        self.thrown_away = False
        self.waits = False
        self.sender = None
        self.to = []

    def connection_made(self, transport):
        self.transport = transport
        self.sink.log("conn")
        if self.sink.options.bad == "dead":
            transport.abort()
        else:
            self.say("220 sink.example ESMTP")

    def connection_lost(self, _):
        self.transport = None
        self.sink.log("gone")

    def say(self, *lines):
        if self.transport:
            self.transport.write("".join(line + "\r\n" for line in lines).encode())

    def data_received(self, data):
        self.buffer += data
        self.go_on()

    def go_on(self):
        while not self.waits and self.transport:
            if self.in_data:
                # The dot may stand alone: then the mail is empty.
                end = 0 if self.buffer.startswith(END[2:]) else self.buffer.find(END)
                if end < 0:
                    return
                mail = bytes(self.buffer[: end + 2 if end else 0])
                del self.buffer[: end + len(END) if end else len(END) - 2]
                self.in_data = False
                self.take(mail)
            else:
                end = self.buffer.find(b"\n")
                if end < 0:
                    return
                line = bytes(self.buffer[:end]).rstrip(b"\r")
                del self.buffer[: end + 1]
                if not line.isascii() and self.sink.options.no_utf8:
                    self.sink.log("viol", what="8-bit command without SMTPUTF8")
                line = line.decode("utf8", "replace")
                self.command(line)

    def command(self, line):
        verb = line[:4].upper()
        if verb == "EHLO":
            offers = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"]
            if not self.sink.options.no_utf8:
                offers.append("SMTPUTF8")
            self.say("250-sink.example", *("250-" + one for one in offers), "250 SIZE 52428800")
        elif verb == "HELO" or verb == "NOOP":
            self.say("250 ok")
        elif verb == "MAIL":
            found = re.match(r"(?i)MAIL FROM:\s*<([^>]*)>", line)
            self.sender, self.to = (found[1] if found else ""), []
            self.say("250 2.1.0 ok")
        elif verb == "RCPT":
            self.recipient(line)
        elif verb == "DATA":
            self.data()
        elif verb == "RSET":
            self.sender, self.to = None, []
            self.say("250 2.0.0 ok")
        elif verb == "QUIT":
            self.say("221 2.0.0 bye")
            self.transport.close()
            self.transport = None
        else:
            self.say("500 5.5.2 unknown")

    def recipient(self, line):
        found = re.match(r"(?i)RCPT TO:\s*<([^>]*)>", line)
        if not found or self.sender is None:
            self.say("503 5.5.1 sequence")
            return
        to = found[1]
        first = to not in self.sink.seen
        self.sink.seen.add(to)
        self.bad = self.sink.options.bad if first else None
        if self.bad == "garbage":
            self.transport.write(b"\x00\xff\xfe999 ??\r\n" + os.urandom(600) + b"\r\n")
            return
        self.to.append(to)
        if self.bad == "long-line":
            self.say("250 " + "x" * 4000)
        elif self.bad == "many-lines":
            self.say(*["250-" + "x" * 60] * 150, "250 2.1.5 ok")
        elif self.bad == "early-rcpt":
            self.say("250 2.1.5 ok", "250 2.1.5 ok")
        elif self.bad == "endless":
            for _ in range(1024):
                self.transport.write(("250-" + "x" * 508 + "\r\n").encode() * 128)
            self.transport.close()
        else:
            self.say("250 2.1.5 ok")

    def data(self):
        if not self.to:
            self.say("554 5.5.1 no valid recipients")
        elif self.bad == "wrong-place":
            self.say("250 2.0.0 ok")
        else:
            self.in_data = True
            self.thrown_away = self.bad == "early"
            if self.thrown_away:
                self.say("354 go", "250 2.0.0 queued")
            else:
                self.say("354 go")

    def take(self, mail):
        if self.thrown_away:
            return
        if mail[:1] == b".":
            mail = mail[1:]
        mail = mail.replace(b"\r\n.", b"\r\n") if b"\r\n." in mail else mail
        found, date = MESSAGE_ID.search(mail[:8192]), DATE.search(mail[:8192])
        self.sink.stored += 1
        number = self.sink.stored
        self.sink.log(
            "accept",
            id=number,
            to=self.to,
            frm=self.sender,
            mid=found[1].decode("latin1") if found else None,
            date=date[1].decode("latin1") if date else None,
            sha=hashlib.sha256(mail).hexdigest(),
            signed=b"\r\ndkim-signature:" in b"\r\n" + mail[:8192].lower(),
            size=len(mail),
        )
        delay = self.sink.delay()
        if delay:
            self.waits = True
            asyncio.get_running_loop().call_later(delay, self.answer_late, number)
        else:
            self.answer(number)

    def answer_late(self, number):
        self.waits = False
        self.answer(number)
        self.go_on()

    def answer(self, number):
        if self.transport and not self.transport.is_closing():
            self.say(f"250 2.0.0 queued as {number}")
            self.sink.log("ack", id=number)
        self.sender, self.to = None, []


def slow(text):
    chance, _, seconds = text.partition(":")
    return int(chance), float(seconds)


async def serve(options):
    loop = asyncio.get_running_loop()
    sink = Sink(options)
    await loop.create_server(lambda: Session(sink), "127.0.0.1", options.port, backlog=512)
    print(f"sink: listening on 127.0.0.1:{options.port}", file=sys.stderr, flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--slow", type=slow, default=(0, 0.0), metavar="P:S")
    parser.add_argument("--bad", default=None)
    parser.add_argument("--no-utf8", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""proxy: a loopback TCP proxy that can be cut: python3 proxy.py LISTEN TO

Each line on its standard input changes what it does:
  ok      forward
  drop    a black hole: forward nothing either way, close nothing
  c2s     nothing from client to server; s2c: nothing from server to client
  reset   end every connection at once and refuse new ones
What a black hole held back is forwarded when it ends, as on a network that heals.
It ends with its standard input.
"""

import asyncio
import socket
import struct
import sys


class Proxy:
    def __init__(self, target):
        self.target = target
        self.mode = "ok"
        self.healed = asyncio.Event()
        self.writers = set()

    def holds(self, way):
        return self.mode in ("drop", way)

    async def pump(self, reader, writer, way):
        try:
            while chunk := await reader.read(65536):
                while self.holds(way):
                    await self.healed.wait()
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass  # one side is gone: the other is closed below
        finally:
            while self.holds(way):
                await self.healed.wait()
            writer.close()

    async def serve(self, reader, writer):
        if self.mode == "reset":
            reset(writer)
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        pair = {writer, there_writer}
        self.writers |= pair
        try:
            await asyncio.gather(
                self.pump(reader, there_writer, "c2s"), self.pump(there_reader, writer, "s2c")
            )
        finally:
            self.writers -= pair

    def obey(self, word):
        self.mode = word
        # Whoever waits looks again; those that the new mode holds wait on.
        self.healed.set()
        self.healed = asyncio.Event()
        if word == "reset":
            for writer in list(self.writers):
                reset(writer)


def reset(writer):
    """Ends the connection with a TCP reset."""
    connection = writer.get_extra_info("socket")
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass  # it is gone already
    writer.transport.abort()


async def main():
    listen, target = int(sys.argv[1]), int(sys.argv[2])
    proxy = Proxy(target)
    await asyncio.start_server(proxy.serve, "127.0.0.1", listen)
    print("proxy: listening", file=sys.stderr, flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    while line := await orders.readline():
        proxy.obey(line.decode().strip())


if __name__ == "__main__":
    asyncio.run(main())

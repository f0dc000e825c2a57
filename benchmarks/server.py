"""A static server for the benchmarks: one thread, answers made beforehand. `python benchmarks/server.py` prints its port.

Every path gives an answer by its beginning: `/text/N` 12 kB of HTML, `/image/N` 40 kB of noise, `/large/MIB` that many MiB.
`HOST` may be any of 127.0.0.1 to 127.0.0.250: on Linux they are all this machine.
"""

from __future__ import annotations

import random
import selectors
import socket
import sys

WORDS = ["house", "paper", "window", "station", "letter", "evidence", "river", "<p>", "</p>", "people", "said", "on Friday"]


def answer(kind: str, number: str) -> tuple[bytes, int]:
    """What is sent, and how many bytes of filling follow it."""
    chance = random.Random(f"{kind}{number}")  # noqa: S311 (the same pages in every run)
    if kind == "large":
        size = int(number) * 1024 * 1024
        return f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {size}\r\n\r\n".encode(), size
    if kind == "image":
        body, content_type = chance.randbytes(40_000), "image/jpeg"
    else:
        body, content_type = " ".join(chance.choices(WORDS, k=2_000)).encode(), "text/html; charset=utf-8"
    head = f"HTTP/1.1 200 OK\r\nServer: benchmark\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body, 0


class Connection:
    def __init__(self, there: socket.socket, made: dict[bytes, tuple[bytes, int]], filling: memoryview) -> None:
        self.there = there
        self.made = made
        self.filling = filling
        self.request = b""
        self.out = memoryview(b"")
        self.left = 0

    def ready(self, selector: selectors.BaseSelector) -> None:
        if self.out or self.left:
            self.send(selector)
            return
        data = self.there.recv(65536)
        if not data:
            selector.unregister(self.there)
            self.there.close()
            return
        self.request += data
        head, end, rest = self.request.partition(b"\r\n\r\n")
        if end:
            self.request = rest
            path = head.split(b" ", 2)[1]
            if path not in self.made:
                _, kind, number = path.decode().split("/")
                self.made[path] = answer(kind, number)
            made, self.left = self.made[path]
            self.out = memoryview(made)
            self.send(selector)

    def send(self, selector: selectors.BaseSelector) -> None:
        try:
            while self.out or self.left:
                if not self.out:
                    self.out = self.filling[: self.left]
                    self.left -= len(self.out)
                self.out = self.out[self.there.send(self.out) :]
        except BlockingIOError:
            selector.modify(self.there, selectors.EVENT_WRITE, self)
            return
        except OSError:
            selector.unregister(self.there)
            self.there.close()
            self.left = 0
            return
        selector.modify(self.there, selectors.EVENT_READ, self)


def main() -> None:
    listening = socket.create_server(("0.0.0.0", 0), backlog=512)  # noqa: S104 (all of 127.0.0.0/8)
    print(listening.getsockname()[1], flush=True)
    made: dict[bytes, tuple[bytes, int]] = {}
    for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 0):
        for kind in ("text", "image"):
            made[f"/{kind}/{number}".encode()] = answer(kind, str(number))
    filling = memoryview(random.Random(1).randbytes(1024 * 1024))  # noqa: S311
    selector = selectors.DefaultSelector()
    selector.register(listening, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                there, _ = listening.accept()
                there.setblocking(False)
                there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(there, selectors.EVENT_READ, Connection(there, made, filling))
            else:
                key.data.ready(selector)


if __name__ == "__main__":
    main()

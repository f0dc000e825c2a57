"""What the tests share: the program called as a user calls it, a web to take apart, and no socket beyond loopback."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import main
from archiver.model import RunFacts

PROJECT = Path(__file__).resolve().parent.parent
ARTICLE = PROJECT / "fixtures" / "articles" / "walkouts.md"
HTML_ARTICLE = PROJECT / "fixtures" / "articles" / "walkouts.html"
WEB = PROJECT / "fixtures" / "web"
SHARED = PROJECT.parent / "shared"

RUN = RunFacts("save", "a test", "a test")
FIRST, SECOND, QUOTED = "1294237906668703747", "1294198495910473733", "1294196563946971137"


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        return
    host = arguments[0] if event == "socket.getaddrinfo" else arguments[-1]
    if isinstance(host, tuple):
        host = host[0]
    if host in (None, "localhost", "") or isinstance(host, bytes):
        return
    try:
        loopback = ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        loopback = False
    if not loopback and not str(host).startswith("/"):
        raise AssertionError(f"a test went beyond loopback: {event} {host}")


sys.addaudithook(_only_loopback)


@dataclass(frozen=True)
class Result:
    """What a call of the program came to."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Cli = Callable[..., Result]


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """The program, in this process, with what it printed and how it ended."""

    def call(*arguments: str | Path) -> Result:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        code = ended.value.code
        return Result(code if isinstance(code, int) else 1, captured.out, captured.err)

    return call


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A copy of the bundled stand-in web, to be changed."""
    return Path(shutil.copytree(WEB, tmp_path / "web"))


@pytest.fixture
def saved(cli: Cli, archive: Path) -> Path:
    """An archive of the bundled article."""
    assert cli("save", ARTICLE, "--archive", archive, "--fixtures", WEB, "--offline").status == 0
    return archive


@pytest.fixture
def seed() -> Path:
    """The document that the project began with."""
    path = SHARED / "seed" / "000_1585a30bc69c64b2.txt"
    if not path.exists():
        pytest.skip("../shared is not here")
    return path


def stand_in(path: Path, url: str, status: str, headers: dict[str, str], body: str = "") -> None:
    """Write a stand-in, in the place of the one for the same address."""
    for other in path.glob("*.http"):
        if f"GET {url}\n" in other.read_text("utf-8"):
            other.unlink()
    head = "".join(f"{name}: {value}\n" for name, value in headers.items())
    name = f"test-{hashlib.sha256(url.encode()).hexdigest()[:12]}.http"
    (path / name).write_text(f"GET {url}\n\nHTTP/1.1 {status}\n{head}\n{body}", "utf-8")


def address_of(web: Path, name: str) -> str:
    """The address that a stand-in of that name stands in for."""
    return next(line[4:] for line in (web / name).read_text("utf-8").splitlines() if line.startswith("GET "))


def tweet(web: Path) -> dict[str, Any]:
    """The first post's syndication answer."""
    answer = json.loads((web / "tweet-1.http").read_text("utf-8").split("\n\n", 2)[2])
    assert isinstance(answer, dict)
    return answer


JSON = {"Content-Type": "application/json; charset=utf-8"}

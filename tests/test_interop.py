"""Programs that nobody here wrote, on what `save` leaves: pywb replays it, Datasette opens it. Each is looked for in .tools/,
where .ci/run puts it, and on the path; without it its test skips and says so."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FIRST, PROJECT, SECOND, Cli


def tool(folder: str, name: str) -> str:
    beside = PROJECT / ".tools" / folder / "bin" / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def serving(command: list[str], cwd: Path) -> Iterator[str]:
    """A server on a free port of loopback, until the block is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (cwd / "server.log").open("wb") as log:
        process = subprocess.Popen([*command, "-p", str(port)], cwd=cwd, stdout=log, stderr=log)
        try:
            for _ in range(150):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, (cwd / "server.log").read_text()
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def get(url: str) -> tuple[int, bytes]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(url, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@pytest.mark.parametrize("withheld", ["", SECOND])
def test_pywb_replays_every_capture(cli: Cli, saved: Path, tmp_path: Path, withheld: str) -> None:
    """Of an archive, and of a copy that lacks what is withheld."""
    if withheld:
        assert cli("withhold", withheld, "--why", "a test", "--archive", saved).status == 0
        assert cli("export", tmp_path / "copy", "--archive", saved).status == 0
        saved = tmp_path / "copy"
    manager, wayback = tool("pywb", "wb-manager"), tool("pywb", "wayback")
    subprocess.run([manager, "init", "kept"], cwd=tmp_path, check=True, capture_output=True)
    warcs = [str(path) for path in (saved / "warc").iterdir()]
    subprocess.run([manager, "add", "kept", *warcs], cwd=tmp_path, check=True, capture_output=True)
    shown = [line for line in cli("show", "--json", "--archive", saved).lines if not line["withheld"]]
    captures = {one["url"]: one for line in shown for one in line["captures"]}
    with serving([wayback, "-b", "127.0.0.1"], tmp_path) as base:
        replayed = 0
        for url, capture in captures.items():
            day = capture["date"][:19].translate(str.maketrans("", "", "-T:"))
            status, body = get(f"{base}/kept/{day}id_/{url}")
            assert status == capture["status"], url
            if status == 200:
                assert digest(body) == capture["payload_digest"], url  # revisits too: pywb found their payload
                replayed += 1
        assert replayed == len([one for one in captures.values() if one["status"] == 200]) >= (9 if withheld else 12)
        assert get(f"{base}/kept/id_/https://t.co/vDMk37H5B4")[0] == (404 if withheld else 200)


def digest(body: bytes) -> str:
    import base64
    import hashlib

    return "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()


def test_datasette_opens_the_index_with_keys_and_labels(saved: Path, tmp_path: Path) -> None:
    datasette = tool("datasette", "datasette")
    with serving([datasette, str(saved / "archive.db"), "-h", "127.0.0.1"], tmp_path) as base:
        status, body = get(f"{base}/archive/outcomes.json?_labels=on&_shape=objects")
        assert status == 200
        saved_row = next(row for row in json.loads(body)["rows"] if row["state"] == "saved")
        assert saved_row["embed"]["label"] == "@HannaLiubakova 2020-08-14, line 17"
        assert saved_row["post"]["label"].startswith("@HannaLiubakova: Today's slip")
        assert saved_row["run"]["label"].startswith("save ")
        status, body = get(f"{base}/archive/chain.json?_shape=objects&capture_url__contains=video.twimg.com")
        (row,) = json.loads(body)["rows"]
        assert (row["line"], row["purpose"], row["status"]) == (17, "video", 200)
        query = urllib.parse.quote(
            "SELECT p.post_id FROM posts_fts AS f JOIN posts AS p ON p.rowid = f.rowid WHERE posts_fts MATCH 'lukashenko'"
        )
        status, body = get(f"{base}/archive.json?sql={query}&_shape=array")
        assert json.loads(body) == [{"post_id": FIRST}]

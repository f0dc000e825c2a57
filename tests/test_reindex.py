"""The index made anew from the WARC files alone: it says the same, and its chain goes on."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver import verifier
from tests.conftest import ARTICLE, HTML_ARTICLE, WEB, Cli
from tests.test_archive import overwrite, snapshot

SAVE = ("save", "--offline", "--fixtures", WEB)


@pytest.fixture
def twice(cli: Cli, saved: Path) -> Path:
    """An archive of two articles, of two runs."""
    assert cli(*SAVE, HTML_ARTICLE, "--archive", saved).status == 0
    return saved


def head_of(archive: Path) -> dict[str, object]:
    connection = sqlite3.connect(archive / "archive.db")
    seq, digest = connection.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    connection.close()
    return {"seq": seq, "hash": digest}


def lose(archive: Path) -> None:
    (archive / "archive.db").unlink()


def spoil(archive: Path) -> None:
    whole = (archive / "archive.db").read_bytes()
    (archive / "archive.db").write_bytes(whole[: len(whole) // 2])


def forge(archive: Path) -> None:
    connection = sqlite3.connect(archive / "archive.db")
    with connection:
        connection.execute("UPDATE posts SET text = 'forged'")
    connection.close()


@pytest.mark.parametrize("damage", [lose, spoil, forge, snapshot])
def test_the_rebuilt_index_says_the_same(cli: Cli, twice: Path, damage: Callable[[Path], object]) -> None:
    said = [cli("show", *how, "--archive", twice).out for how in ((), ("--json",), (str(ARTICLE),))]
    anew = "What was done with this archive\n"
    head = twice.parent / "head.json"
    head.write_text(json.dumps(head_of(twice)))
    damage(twice)
    result = cli("reindex", "--archive", twice)
    assert (result.status, result.err) == (0, "")
    says = [cli("show", *how, "--archive", twice).out for how in ((), ("--json",), (str(ARTICLE),))]
    assert [one.partition(anew)[0] for one in says] == said
    assert "its index was made anew" in says[0].partition(anew)[2]
    checked = cli("verify", "--deep", "--anchor", head, "--archive", twice)
    assert (checked.status, checked.err) == (0, "")  # the chain is the one it was
    again = cli(*SAVE, ARTICLE, "--json", "--archive", twice)
    assert [line["state"] for line in again.lines] == ["saved", "gone"]
    assert cli("verify", "--archive", twice).status == 0


def test_what_was_there_is_put_aside(cli: Cli, twice: Path) -> None:
    forge(twice)
    forged = (twice / "archive.db").read_bytes()
    assert cli("reindex", "--archive", twice).status == 0
    assert [path.read_bytes() for path in (twice / "quarantine").iterdir()] == [forged]


def test_a_run_that_was_cut_off_is_rebuilt_as_far_as_it_came(cli: Cli, twice: Path) -> None:
    """The last ledger still has its open name, and ends in the middle of an entry."""
    path = max((twice / "warc").glob("ledger-*"), key=lambda one: next(iter(_seqs(one))))
    entries = len(_seqs(path))
    unsealed = path.rename(f"{path}.open")
    overwrite(unsealed, unsealed.read_bytes()[:-20])
    lose(twice)
    result = cli("reindex", "--archive", twice)
    assert result.status == 0
    assert "quarantine/" in result.err
    assert cli("verify", "--deep", "--archive", twice).status == 0
    assert len(_seqs(path)) == entries - 1


def _seqs(path: Path) -> list[int]:
    from warcio.archiveiterator import ArchiveIterator

    name = path if path.exists() else Path(f"{path}.open")
    with name.open("rb") as file:
        return [
            json.loads(record.content_stream().read())["seq"]
            for record in ArchiveIterator(file)
            if record.rec_headers.get_header("Content-Type") == "application/vnd.archiver.ledger+json"
        ]


def test_a_ledger_that_is_not_whole_makes_no_index(cli: Cli, twice: Path) -> None:
    first = min((twice / "warc").glob("ledger-*"), key=lambda one: next(iter(_seqs(one))))
    whole = first.read_bytes()

    for damaged in (whole[:-30], whole[:600] + bytes([whole[600] ^ 1]) + whole[601:], b""):
        overwrite(first, damaged)
        before = snapshot(twice)
        result = cli("reindex", "--archive", twice)
        assert (result.status, result.out) == (3, ""), len(damaged)
        assert "Traceback" not in result.err
        assert snapshot(twice) == before
    overwrite(first, whole)
    assert cli("reindex", "--archive", twice).status == 0


def test_there_has_to_be_a_ledger(cli: Cli, tmp_path: Path) -> None:
    assert cli("reindex", "--archive", tmp_path / "none").status == 2
    assert not (tmp_path / "none").exists()
    (tmp_path / "other" / "warc").mkdir(parents=True)
    assert cli("reindex", "--archive", tmp_path / "other").status == 3


def test_the_verifier_by_itself_finds_the_same(cli: Cli, twice: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Handed over with an archive: one file, and nothing but Python's own library."""
    copy = Path(shutil.copy(verifier.__file__, twice.parent / "verifier.py"))
    forge(twice)
    told = cli("verify", "--json", "--archive", twice).lines
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-I", "-S", copy, twice, "--json"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert [json.loads(line) for line in done.stdout.splitlines()] == told
    people = subprocess.run([sys.executable, "-I", "-S", copy, twice], capture_output=True, text=True)
    assert "row-altered: archive.db" in people.stdout
    none = subprocess.run([sys.executable, "-I", "-S", copy, twice / "warc"], capture_output=True, text=True)
    assert (none.returncode, none.stdout) == (2, "")

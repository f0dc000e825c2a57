"""Heads of the ledger kept elsewhere: time stamps that hold, every way in which one can fail, and what they show of an insider."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from archiver.anchoring import Anchored, Authorities, anchor
from archiver.anchors import opentimestamps, rfc3161
from archiver.api import save
from archiver.capture.guard import Door, allowance
from archiver.capture.live import LiveTransport
from archiver.capture.wire import Limits
from archiver.errors import AnchorError
from archiver.lines import ANCHOR
from archiver.model import AnchorState, RunFacts
from tests.conftest import ARTICLE, HTML_ARTICLE, PROJECT, WEB, Cli, Result
from tests.timestamps import (
    Answering,
    Calendar,
    Listening,
    Reply,
    TimeAuthority,
    always,
    of_calendar,
    pending,
    sha256,
    stamping,
)

OPENSSL = shutil.which("openssl")
OTS = PROJECT / ".tools" / "opentimestamps-client" / "bin" / "ots"
HEX = "0123456789abcdef"


@pytest.fixture(scope="module")
def saved_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("saved") / "archive"
    assert save(ARTICLE, archive=root, fixtures=[WEB], offline=True).status == 0
    return root


@pytest.fixture
def saved(saved_once: Path, archive: Path) -> Path:
    """An archive of the bundled article: a copy, for saving takes longer."""
    return Path(shutil.copytree(saved_once, archive))


@pytest.fixture
def listening() -> Iterator[Callable[[Reply], Listening]]:
    servers: list[Listening] = []

    def start(reply: Reply) -> Listening:
        servers.append(Listening(reply))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def authority() -> TimeAuthority:
    return TimeAuthority()


@pytest.fixture
def tsa(authority: TimeAuthority, listening: Callable[[Reply], Listening]) -> Listening:
    return listening(stamping(authority))


@pytest.fixture
def roots(authority: TimeAuthority, tmp_path: Path) -> Path:
    path = tmp_path / "roots.pem"
    path.write_bytes(authority.roots())
    return path


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def ots(calendar: Calendar, listening: Callable[[Reply], Listening]) -> Listening:
    server = listening(of_calendar(calendar))
    calendar.address = server.address
    return server


@pytest.fixture
def anchored(cli: Cli, saved: Path) -> Callable[..., Result]:
    """`anchor` on a saved archive, allowed to ask the servers of the test."""

    def call(*arguments: str | Path, asks: tuple[Listening, ...] = ()) -> Result:
        allowed = [word for server in asks for word in ("--allow-private", server.place)]
        return cli("anchor", "--archive", saved, *allowed, *arguments)

    return call


def rows(archive: Path) -> list[dict[str, Any]]:
    connection = sqlite3.connect(archive / "archive.db")
    connection.row_factory = sqlite3.Row
    with contextlib.closing(connection):
        return [dict(row) for row in connection.execute("SELECT * FROM anchors ORDER BY rowid")]


def files(archive: Path, pattern: str) -> list[Path]:
    return sorted((archive / "anchors").glob(pattern))


def found(result: Result) -> list[tuple[str, str]]:
    return [(line["kind"], line["detail"]) for line in result.lines]


# A file alone ---------------------------------------------------------------------------------------------------------


def test_without_options_the_head_goes_to_a_file(cli: Cli, anchored: Callable[..., Result], saved: Path) -> None:
    result = anchored()
    assert result.status == 0, result.err
    (head,) = files(saved, "*")
    said = json.loads(head.read_bytes())
    assert set(said) == {"archiver_head", "archive", "seq", "hash", "captures", "bytes", "schema", "made"}
    with contextlib.closing(sqlite3.connect(saved / "archive.db")) as index:
        assert index.execute("SELECT hash FROM ledger WHERE seq = ?", [said["seq"]]).fetchone() == (said["hash"],)
        assert index.execute("SELECT count(*) FROM captures").fetchone() == (said["captures"],)
    assert head.stat().st_mode & 0o777 == 0o444
    assert "does not prove when a page was captured" in " ".join(result.out.split())
    assert cli("verify", "--archive", saved, "--anchor", head).status == 0
    assert cli("verify", "--archive", saved, "--anchor", head.parent).status == 0


def test_a_head_is_not_put_down_again_while_nothing_was_added(cli: Cli, anchored: Callable[..., Result], saved: Path) -> None:
    anchored()
    again = anchored("--json")
    assert [line["file"] for line in again.lines] == [files(saved, "*.json")[0].name]
    assert len(files(saved, "*.json")) == 1
    assert cli("save", HTML_ARTICLE, "--archive", saved, "--fixtures", WEB, "--offline").status == 0
    anchored()
    assert len(files(saved, "*.json")) == 2


def test_the_head_goes_where_it_is_told_to(cli: Cli, anchored: Callable[..., Result], saved: Path, tmp_path: Path) -> None:
    printed = anchored("--to", "-")
    head = files(saved, "*.json")[0]
    assert printed.out == head.read_text("ascii")
    assert anchored("--to", tmp_path / "head.json").status == 0
    assert (tmp_path / "head.json").read_bytes() == head.read_bytes()
    (tmp_path / "stick").mkdir()
    assert anchored("--to", tmp_path / "stick").status == 0
    assert [path.name for path in (tmp_path / "stick").iterdir()] == [head.name]
    assert cli("verify", "--archive", saved, "--anchor", tmp_path / "stick", "--anchor", tmp_path / "head.json").status == 0
    (tmp_path / "other.json").write_text("mine")
    refused = anchored("--to", tmp_path / "other.json")
    assert (refused.status, (tmp_path / "other.json").read_text()) == (2, "mine")


def test_where_there_is_no_archive_there_is_nothing_to_anchor(cli: Cli, tmp_path: Path) -> None:
    assert cli("anchor", "--archive", tmp_path / "none").status == 2
    assert not (tmp_path / "none").exists()


# RFC 3161 -------------------------------------------------------------------------------------------------------------


def test_a_token(cli: Cli, anchored: Callable[..., Result], saved: Path, tsa: Listening, roots: Path) -> None:
    result = anchored("--tsa", f"{tsa.address}/tsr", "--tsa-roots", roots, "--json", asks=(tsa,))
    assert result.status == 0, result.err
    _, line = result.lines
    assert (line["kind"], line["authority"], line["state"]) == ("rfc3161", f"{tsa.address}/tsr", "held")
    assert set(line) == {field.name for field in ANCHOR} | {"command"}
    ((path, headers, request),) = tsa.asked
    assert (path, headers["content-type"]) == ("/tsr", "application/timestamp-query")
    (head,), (token,) = files(saved, "*.json"), files(saved, "*.tsr")
    assert sha256(head.read_bytes()) in request
    assert line["file"] == token.name
    verified = cli("verify", "--archive", saved, "--anchor", head, "--tsa-roots", roots, "--json")
    assert verified.status == 0
    assert [kind for kind, _ in found(verified)] == ["anchor-holds", "anchor-holds"]
    unverified = cli("verify", "--archive", saved, "--anchor", token, "--json")
    assert unverified.status == 0
    assert [kind for kind, _ in found(unverified)] == ["anchor-holds", "anchor-unverified"]
    assert "not checked, for no roots were given" in found(unverified)[1][1]
    said = cli("verify", "--archive", saved, "--anchor", head, "--tsa-roots", roots).out
    assert "does not prove when a page was captured" in said


def test_two_requests_are_never_the_same(anchored: Callable[..., Result], tsa: Listening) -> None:
    anchored("--tsa", f"{tsa.address}/1", "--tsa", f"{tsa.address}/2", asks=(tsa,))
    (_, _, first), (_, _, second) = tsa.asked
    assert first != second


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not here")
@pytest.mark.parametrize("ends", [timedelta(days=300), timedelta(seconds=-1)], ids=["today", "expired since"])
def test_the_command_that_is_printed(
    anchored: Callable[..., Result], saved: Path, listening: Callable[[Reply], Listening], tmp_path: Path, ends: timedelta
) -> None:
    """OpenSSL says the same of the token, of one whose certificate has expired since too; and not of a head with another letter."""
    authority = TimeAuthority(ends=datetime.now(UTC) + ends)
    when = datetime.now(UTC) - timedelta(days=2)
    tsa = listening(stamping(authority, Answering(time=when)))
    roots = tmp_path / "the roots.pem"
    roots.write_bytes(authority.roots())
    result = anchored("--tsa", tsa.address, "--tsa-roots", roots, asks=(tsa,))
    assert result.status == 0, result.err
    assert "s behind this machine's" in result.out
    (command,) = (line.partition("check it with: ")[2] for line in result.out.splitlines() if "check it with" in line)
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert (done.returncode, "Verification: OK" in done.stdout) == (0, True), done.stderr
    (head,) = files(saved, "*.json")
    head.chmod(0o644)
    head.write_bytes(head.read_bytes().replace(b'"captures":', b'"captures": '))
    assert subprocess.run(command, shell=True, capture_output=True).returncode != 0


TIME, CODE = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING
# An authority's answer, what its certificate is made for, bytes in place of the answer, or what becomes of a good one.
Fault = Answering | dict[str, Any] | tuple[int, bytes] | Callable[[bytes], bytes] | None
FAULTS: dict[str, tuple[Fault, str]] = {
    "another nonce": (Answering(nonce=5), "nonce"),
    "no nonce": (Answering(no_nonce=True), "nonce"),
    "other bytes": (Answering(imprint=sha256(b"other")), "over other bytes"),
    "another digest": (Answering(algorithm="1.3.14.3.2.26", imprint=b"1" * 20), "kind of digest"),
    "rejected": (Answering(status=2, words="no such policy"), "rejected: no such policy"),
    "waiting": (Answering(status=3), "no token: waiting"),
    "granted, and no token": (Answering(token=False), "no token"),
    "no certificate": (Answering(certificates=False), "no certificates"),
    "no usage": ({"usage_named": False}, "not made for time stamping"),
    "usage not critical": ({"usage_critical": False}, "not made for time stamping"),
    "another usage": ({"usage": (CODE,)}, "not made for time stamping"),
    "one usage more": ({"usage": (TIME, CODE)}, "not made for time stamping"),
    "garbage": ((200, b"<html>hello</html>"), "no time stamp response"),
    "nothing": ((200, b""), "no time stamp response"),
    "cut off": (lambda answer: answer[:-20], "no time stamp response"),
    "more behind it": (lambda answer: answer + b"\x05\x00", "no time stamp response"),
    "HTTP 503": ((503, b""), "HTTP 503"),
    "a redirect": ((302, b""), "HTTP 302"),
    "hangs up": (None, "no-connection"),
    "far too much": ((200, b"0" * 300_000), "more than"),
}


def faulty(authority: TimeAuthority, fault: Fault) -> Reply:
    def reply(path: str, request: bytes) -> tuple[int, bytes] | None:
        match fault:
            case Answering():
                return 200, authority.answer(request, fault)
            case dict():
                return 200, TimeAuthority(**fault).answer(request)
            case tuple() | None:
                return fault
            case _:
                return 200, fault(authority.answer(request))

    return reply


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_queued(
    cli: Cli,
    anchored: Callable[..., Result],
    saved: Path,
    authority: TimeAuthority,
    roots: Path,
    listening: Callable[[Reply], Listening],
    fault: str,
) -> None:
    how, said = FAULTS[fault]
    tsa = listening(faulty(authority, how))
    result = anchored("--tsa", tsa.address, "--json", asks=(tsa,))
    assert result.status == 1
    assert [(line["kind"], line["state"]) for line in result.lines] == [("file", "held"), ("rfc3161", "pending")]
    assert said in result.lines[1]["detail"]
    assert "pending" in result.err
    assert not files(saved, "*.tsr")
    assert cli("verify", "--archive", saved).status == 0

    tsa.reply = stamping(authority)
    later = anchored("--json", "--tsa-roots", roots, asks=(tsa,))
    assert later.status == 0
    assert [line["state"] for line in later.lines] == ["held", "held"]
    _, row = rows(saved)
    made = json.loads(files(saved, "*.json")[0].read_bytes())["made"]
    delay = datetime.fromisoformat(row["held"]) - datetime.fromisoformat(made)
    assert row["delay_seconds"] == round(delay.total_seconds())
    assert cli("verify", "--archive", saved, "--anchor", saved / "anchors", "--tsa-roots", roots).status == 0


def expired() -> TimeAuthority:
    return TimeAuthority(begins=datetime.now(UTC) - timedelta(days=60), ends=datetime.now(UTC) - timedelta(days=30))


def trusted_and_asked(fault: str) -> tuple[TimeAuthority, Reply]:
    """The authority whose root is trusted, and the one that answers."""
    good = expired() if fault == "expired then" else TimeAuthority()
    asked = {"another root": TimeAuthority(name="Another"), "a root of the same name": TimeAuthority()}.get(fault, good)
    return good, stamping(asked, Answering(signature=b"0" * 70) if fault == "a signature of nothing" else None)


@pytest.mark.parametrize("fault", ["another root", "a root of the same name", "a signature of nothing", "expired then"])
def test_what_roots_show(
    cli: Cli,
    anchored: Callable[..., Result],
    saved: Path,
    tmp_path: Path,
    listening: Callable[[Reply], Listening],
    fault: str,
) -> None:
    """Without roots such a token is taken and called unchecked; with them it is refused, and `verify` finds it."""
    trusted, reply = trusted_and_asked(fault)
    roots = tmp_path / "roots.pem"
    roots.write_bytes(trusted.roots())
    tsa = listening(reply)
    refused = anchored("--tsa", tsa.address, "--tsa-roots", roots, "--json", asks=(tsa,))
    assert refused.status == 1
    assert "no valid chain" in refused.lines[1]["detail"]
    taken = anchored("--json", asks=(tsa,))
    assert taken.status == 0
    assert "not checked" in taken.lines[1]["detail"]
    verified = cli("verify", "--archive", saved, "--anchor", saved / "anchors", "--tsa-roots", roots, "--json")
    assert verified.status == 1
    assert [kind for kind, _ in found(verified)] == ["anchor-holds", "anchor-invalid"]


def test_a_grant_with_modifications_is_a_grant(
    cli: Cli, anchored: Callable[..., Result], saved: Path, authority: TimeAuthority, roots: Path, tsa: Listening
) -> None:
    tsa.reply = stamping(authority, Answering(status=1))
    assert anchored("--tsa", tsa.address, "--tsa-roots", roots, asks=(tsa,)).status == 0
    assert cli("verify", "--archive", saved, "--anchor", saved / "anchors", "--tsa-roots", roots).status == 0
    assert files(saved, "*.tsr")[0].read_bytes()[4:9] == b"\x30\x03\x02\x01\x01"  # kept as it came


def test_a_chain_with_one_more_link(
    cli: Cli, anchored: Callable[..., Result], saved: Path, tmp_path: Path, listening: Callable[[Reply], Listening]
) -> None:
    """What leads to a root may stand beside it, and is no root: not even alone, nor beside another."""
    authority = TimeAuthority(link=True)
    tsa = listening(stamping(authority))
    assert anchored("--tsa", tsa.address, asks=(tsa,)).status == 0
    pems = {
        "both": (authority.roots() + authority.between(), 0),
        "the root alone": (authority.roots(), 1),
        "the link alone": (authority.between(), 2),
        "the link beside another root": (TimeAuthority().roots() + authority.between(), 1),
    }
    for what, (pem, status) in pems.items():
        (tmp_path / "roots.pem").write_bytes(pem)
        result = cli("verify", "--archive", saved, "--anchor", saved / "anchors", "--tsa-roots", tmp_path / "roots.pem")
        assert result.status == status, what


def test_roots_that_are_none(
    cli: Cli, anchored: Callable[..., Result], saved: Path, authority: TimeAuthority, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    (tmp_path / "none.pem").write_text("hello")
    (tmp_path / "leaf.pem").write_bytes(authority.signer.public_bytes(Encoding.PEM))
    for name in ("missing.pem", "none.pem", "leaf.pem"):
        result = anchored("--tsa-roots", tmp_path / name)
        assert (result.status, "--tsa-roots" in result.err) == (2, True)
    assert rows(saved) == []


def test_one_silent_authority_holds_up_nobody(
    saved: Path, authority: TimeAuthority, tsa: Listening, listening: Callable[[Reply], Listening]
) -> None:
    """It is asked once in a run, however much is queued there, and the others are asked all the same."""
    done = threading.Event()

    def waits(path: str, request: bytes) -> None:
        done.wait(10)

    silent = listening(waits)
    door = Door([allowance(silent.place), allowance(tsa.place)])
    facts = RunFacts("anchor", "a test", "anchor")
    states = []
    for _ in range(2):
        transport = LiveTransport(door, Limits(timeout_seconds=0.2, deadline_seconds=0.5, min_bytes_per_second=0))
        events = list(anchor(saved, facts, "a test", transport, Authorities(tsa=(silent.address, tsa.address))))
        states.append([(event.anchor.authority, event.anchor.state) for event in events if isinstance(event, Anchored)][1:])
        transport.close()
    done.set()
    assert states[0] == [(silent.address, AnchorState.PENDING), (tsa.address, AnchorState.HELD)]
    assert states[1] == [(silent.address, AnchorState.PENDING)]
    assert "timeout" in rows(saved)[1]["detail"]


class CutOff(httpx.BaseTransport):
    """The process ends while it asks."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt


def test_a_run_that_is_cut_off_while_it_asks(cli: Cli, anchored: Callable[..., Result], saved: Path, tsa: Listening) -> None:
    """What was to be asked is on record, and the next run asks it."""
    with pytest.raises(KeyboardInterrupt):
        list(anchor(saved, RunFacts("anchor", "a test", "anchor"), "a test", CutOff(), Authorities(tsa=(tsa.address,))))
    assert [row["state"] for row in rows(saved)] == ["held", "pending"]
    assert cli("verify", "--archive", saved).status == 0
    result = anchored(asks=(tsa,))
    assert (result.status, "a run was cut off" in result.err) == (0, True)
    assert [row["state"] for row in rows(saved)] == ["held", "held"]
    assert cli("verify", "--archive", saved, "--anchor", saved / "anchors").status == 0


def test_only_what_is_allowed_is_asked(anchored: Callable[..., Result], tsa: Listening) -> None:
    result = anchored("--tsa", tsa.address, "--json")
    assert (result.status, tsa.asked) == (1, [])
    assert "refused" in result.lines[1]["detail"]


def test_a_password_is_sent_and_not_kept(anchored: Callable[..., Result], saved: Path, tsa: Listening) -> None:
    address = tsa.address.replace("http://", "http://mallory:hunter2hunter2@")
    result = anchored("--tsa", address, asks=(tsa,))
    assert result.status == 0
    assert tsa.asked[0][1]["authorization"].startswith("Basic ")
    assert "hunter2" not in result.out + result.err
    assert not [path for path in saved.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


def test_what_is_given_up_is_not_asked_again(anchored: Callable[..., Result], saved: Path, tsa: Listening) -> None:
    tsa.reply = always(500)
    assert anchored("--tsa", tsa.address, asks=(tsa,)).status == 1
    assert anchored("--give-up", tsa.address, asks=(tsa,)).status == 0
    assert anchored(asks=(tsa,)).status == 0
    assert (len(tsa.asked), rows(saved)[1]["state"]) == (1, "failed")


def test_the_queue_outlives_the_index(cli: Cli, anchored: Callable[..., Result], saved: Path, tsa: Listening) -> None:
    tsa.reply = always(500)
    assert anchored("--tsa", tsa.address, asks=(tsa,)).status == 1
    before = rows(saved)
    (saved / "archive.db").unlink()
    assert cli("reindex", "--archive", saved).status == 0
    assert rows(saved) == before
    assert anchored(asks=(tsa,)).status == 1
    assert len(tsa.asked) == 2


# After save -----------------------------------------------------------------------------------------------------------


def test_save_can_be_followed(cli: Cli, archive: Path, tsa: Listening, roots: Path) -> None:
    told = ("--anchor-tsa", tsa.address, "--tsa-roots", roots, "--allow-private", tsa.place)
    result = cli("save", ARTICLE, "--archive", archive, "--fixtures", WEB, *told)
    assert (result.status, len(tsa.asked)) == (0, 1)
    assert "held" in result.out
    assert [row["state"] for row in rows(archive)] == ["held", "held"]


def test_a_failed_anchor_fails_no_save(cli: Cli, archive: Path, tsa: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    tsa.reply = always(500)
    monkeypatch.setenv("ARCHIVER_ANCHOR_TSA", tsa.address)
    result = cli("save", ARTICLE, "--archive", archive, "--fixtures", WEB, "--json", "--allow-private", tsa.place)
    assert (result.status, len(result.lines)) == (0, 2)
    assert "pending" in result.err
    assert [row["state"] for row in rows(archive)] == ["held", "pending"]
    again = cli(
        "save", ARTICLE, "--archive", archive, "--fixtures", WEB, "--tsa-roots", "none.pem", "--allow-private", tsa.place
    )
    assert (again.status, "not anchored" in again.err) == (0, True)


def test_offline_the_request_waits(cli: Cli, archive: Path, tsa: Listening) -> None:
    told = ("--offline", "--anchor-tsa", tsa.address, "--allow-private", tsa.place)
    assert cli("save", ARTICLE, "--archive", archive, "--fixtures", WEB, *told).status == 0
    assert (tsa.asked, [row["state"] for row in rows(archive)]) == ([], ["held", "pending"])
    assert cli("anchor", "--archive", archive, "--allow-private", tsa.place).status == 0
    assert [row["state"] for row in rows(archive)] == ["held", "held"]


# OpenTimestamps -------------------------------------------------------------------------------------------------------


def test_a_proof_is_pending_and_then_complete(
    cli: Cli, anchored: Callable[..., Result], saved: Path, calendar: Calendar, ots: Listening
) -> None:
    result = anchored("--ots", ots.address, asks=(ots,))
    assert result.status == 1
    (head,), (first,) = files(saved, "*.json"), files(saved, "*.ots")
    pending_bytes, digest = first.read_bytes(), sha256(head.read_bytes())
    assert pending_bytes.startswith(opentimestamps.MAGIC + b"\x01\x08" + digest + b"\xf0\x10")
    assert pending_bytes.endswith(b"\x08\xf0\x08" + calendar.salt + b"\x08" + pending(ots.address))
    assert digest not in ots.asked[0][2]  # the calendar learns nothing of it
    assert found(cli("verify", "--archive", saved, "--anchor", head, "--json"))[1][0] == "anchor-pending"

    assert anchored(asks=(ots,)).status == 1
    assert rows(saved)[1]["state"] == "pending"
    calendar.mined = True
    done = anchored("--json", asks=(ots,))
    assert (done.status, done.lines[1]["state"]) == (0, "held")
    assert rows(saved)[1]["delay_seconds"] is not None
    assert first.read_bytes() == pending_bytes
    (complete,) = files(saved, "*.complete.ots")
    assert complete.read_bytes().startswith(pending_bytes[: -len(pending(ots.address))])

    root = next(iter(calendar.commitments.values()))[::-1].hex()
    shown = found(cli("verify", "--archive", saved, "--anchor", head, "--json"))
    assert [kind for kind, _ in shown] == ["anchor-holds", "anchor-unverified"]
    assert root in shown[1][1]
    assert "870000" in shown[1][1]
    header = f"{calendar.height}:{calendar.header()}"
    checked = cli("verify", "--archive", saved, "--anchor", head, "--block-header", header, "--json")
    assert checked.status == 0
    assert "2024-11-12 13:14 UTC" in found(checked)[1][1]
    assert found(checked)[1][0] == "anchor-holds"
    other = f"{calendar.height}:{calendar.header(root=b'1' * 32)}"
    wrong = cli("verify", "--archive", saved, "--anchor", head, "--block-header", other, "--json")
    assert (wrong.status, found(wrong)[1][0]) == (1, "anchor-invalid")


@pytest.mark.skipif(not OTS.exists(), reason="the OpenTimestamps client is not here")
def test_the_client_of_opentimestamps_reads_the_proofs(
    anchored: Callable[..., Result], saved: Path, calendar: Calendar, ots: Listening
) -> None:
    anchored("--ots", ots.address, asks=(ots,))
    calendar.mined = True
    anchored(asks=(ots,))
    root = next(iter(calendar.commitments.values()))[::-1].hex()
    for path, said in zip(files(saved, "*.ots"), (f"merkle root {root}", f"PendingAttestation('{ots.address}')"), strict=True):
        done = subprocess.run([OTS, "--no-cache", "info", path], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
        assert f"File sha256 hash: {sha256(files(saved, '*.json')[0].read_bytes()).hex()}" in done.stdout


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"<html>", "cannot be followed"),
        (b"", "cut off"),
        (pending("http://a.example")[:-4], "cut off"),
        (pending("http://a.example") + b"\x00", "after its end"),
        (pending("file:///etc/passwd"), "promises nothing"),
        (b"\x08" * 300, "too deep"),
        (b"\xf3" * 20, "makes too much"),
        (b"\xf0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "without end"),
        (b"\xf0\x00\x08", "too short"),
        (b"\x00" + bytes.fromhex("06869a0d73d71b45") + b"\x01\x05", "promises nothing"),
    ],
    ids=[
        "html",
        "nothing",
        "cut off",
        "more behind it",
        "an odd address",
        "too deep",
        "too much",
        "endless",
        "empty step",
        "other chain",
    ],
)
def test_a_calendar_that_answers_badly(
    anchored: Callable[..., Result], saved: Path, ots: Listening, answer: bytes, said: str
) -> None:
    ots.reply = always(200, answer)
    result = anchored("--ots", ots.address, "--json", asks=(ots,))
    assert (result.status, result.lines[1]["state"]) == (1, "pending")
    assert said in result.lines[1]["detail"]
    assert not files(saved, "*.ots")


def test_a_proof_leads_to_nobody_elses_machine(
    anchored: Callable[..., Result], saved: Path, calendar: Calendar, ots: Listening, listening: Callable[[Reply], Listening]
) -> None:
    """What a calendar names as the place to ask later is a stranger's word."""
    inside = listening(of_calendar(calendar))
    calendar.address = inside.address
    anchored("--ots", ots.address, asks=(ots, inside))
    result = anchored("--json", asks=(ots, inside))
    assert (result.status, inside.asked) == (1, [])
    assert "is not asked" in result.lines[1]["detail"]


def test_a_header_that_is_none(cli: Cli, saved: Path, calendar: Calendar) -> None:
    header = calendar.header(root=b"1" * 32)
    worn = 0
    for place in (0, 70, 100, 159):
        flipped = HEX[HEX.index(header[place]) ^ 8]
        worn += (
            cli("verify", "--archive", saved, "--block-header", f"5:{header[:place]}{flipped}{header[place + 1 :]}").status == 2
        )
    assert worn  # half of all hashes meet the target of a test's block
    for text in ("5", "5:00", f"x:{header}", f"5:{header}0"):
        assert cli("verify", "--archive", saved, "--block-header", text).status == 2


# What an anchor shows -------------------------------------------------------------------------------------------------


def test_an_insider_takes_out_what_was_added_last(cli: Cli, saved: Path, tmp_path: Path) -> None:
    """The archive as it was a run ago is whole and consistent in itself. Only the head that was kept elsewhere tells."""
    before = Path(shutil.copytree(saved, tmp_path / "before"))
    assert cli("save", HTML_ARTICLE, "--archive", saved, "--fixtures", WEB, "--offline").status == 0
    assert cli("anchor", "--archive", saved, "--to", tmp_path / "head.json").status == 0
    assert cli("verify", "--archive", saved, "--anchor", tmp_path / "head.json").status == 0
    assert cli("verify", "--archive", before).status == 0
    result = cli("verify", "--archive", before, "--anchor", tmp_path / "head.json", "--json")
    assert result.status == 1
    ((kind, detail),) = found(result)
    assert (kind, "cut off" in detail) == ("anchor", True)


def test_an_insider_takes_out_what_was_added_last_and_rebuilds(cli: Cli, saved: Path, tmp_path: Path) -> None:
    """The same from today's archive: the last runs' files and heads are gone, and the index is made anew of what is left."""
    before = {path.name for path in (saved / "warc").iterdir()}
    assert cli("save", HTML_ARTICLE, "--archive", saved, "--fixtures", WEB, "--offline").status == 0
    assert cli("anchor", "--archive", saved, "--to", tmp_path / "head.json").status == 0
    for path in list((saved / "warc").iterdir()):
        if path.name not in before:
            path.unlink()
    shutil.rmtree(saved / "anchors")
    (saved / "archive.db").unlink()
    assert cli("reindex", "--archive", saved).status == 0
    assert cli("verify", "--archive", saved).status == 0
    result = cli("verify", "--archive", saved, "--anchor", tmp_path / "head.json", "--json")
    assert (result.status, [kind for kind, _ in found(result)]) == (1, ["anchor"])


def test_an_insider_makes_the_ledger_anew(cli: Cli, saved: Path, tmp_path: Path) -> None:
    assert cli("anchor", "--archive", saved, "--to", tmp_path / "head.json").status == 0
    anew = tmp_path / "anew"
    changed = tmp_path / "walkouts.md"
    changed.write_text(ARTICLE.read_text("utf-8").replace("Walk Out", "Stay In"), "utf-8")
    for _ in range(2):
        assert cli("save", changed, "--archive", anew, "--fixtures", WEB, "--offline").status == 0
    assert cli("verify", "--archive", anew).status == 0
    result = cli("verify", "--archive", anew, "--anchor", tmp_path / "head.json", "--json")
    assert result.status == 1
    ((kind, detail),) = found(result)
    assert (kind, "written anew" in detail) == ("anchor", True)


def test_the_archives_own_heads_tell_too(cli: Cli, anchored: Callable[..., Result], saved: Path, tmp_path: Path) -> None:
    before = Path(shutil.copytree(saved, tmp_path / "before"))
    anchored()
    shutil.copytree(saved / "anchors", before / "anchors")
    assert cli("verify", "--archive", before).status == 1


def test_an_index_that_cannot_be_read_on(cli: Cli, anchored: Callable[..., Result], saved: Path, tmp_path: Path) -> None:
    anchored("--to", tmp_path / "head.json")
    index = saved / "archive.db"
    data = bytearray(index.read_bytes())
    with contextlib.closing(sqlite3.connect(index)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ledger'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data[(page - 1) * size : page * size] = b"\xff" * size
    index.write_bytes(data)
    result = cli("verify", "--archive", saved, "--anchor", tmp_path / "head.json", "--json")
    assert (result.status, "Traceback" in result.err) == (1, False)


@pytest.mark.parametrize("pattern", ["*.json", "*.tsr"])
def test_damage_to_an_anchor_is_named(
    cli: Cli, anchored: Callable[..., Result], saved: Path, tsa: Listening, pattern: str
) -> None:
    anchored("--tsa", tsa.address, asks=(tsa,))
    (path,) = files(saved, pattern)
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:60] + bytes([data[60] ^ 1]) + data[61:])
    altered = cli("verify", "--archive", saved, "--json")
    assert altered.status == 1
    assert ("altered", f"anchors/{path.name}") in {(line["kind"], line["file"]) for line in altered.lines}
    again = anchored("--to", "-", asks=(tsa,))
    assert json.loads(again.out)["hash"] == json.loads(files(saved, "*.json")[-1].read_bytes())["hash"]
    assert len(files(saved, "*.json")) == (2 if pattern == "*.json" else 1)  # a head that was altered serves no more
    path.unlink()
    missing = cli("verify", "--archive", saved, "--json")
    assert ("missing", f"anchors/{path.name}") in {(line["kind"], line["file"]) for line in missing.lines}


HEAD = (
    b'{"archive":"a","archiver_head":1,"bytes":1,"captures":1,"hash":"' + b"b" * 64 + b'","made":"2026-01-01T00:00:00.000000Z",'
    b'"schema":1,"seq":1}\n'
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"archiver_head":2}',
        b'{"archiver_head":1,"archive":"a","bytes":1,"captures":1,"hash":"b","made":"soon","schema":1,"seq":1}\n',
        b'{"archiver_head":1,"archive":"a","bytes":1,"captures":1,"hash":"b","made":"2026-01-01T00:00:00.000000Z","schema":1,"seq":true}\n',
        HEAD.replace(b'"seq":1', b'"seq":9223372036854775808'),
        HEAD.replace(b'"seq":1', b'"seq":0'),
        HEAD.replace(b"bbb", b"BBB"),
        HEAD[:-1],
        b'{"archiver_head":1, "archive":"a","bytes":1,"captures":1,"hash":"b","made":"2026-01-01T00:00:00.000000Z","schema":1,"seq":1}\n',
    ],
)
def test_a_head_that_is_none(cli: Cli, saved: Path, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "head.json"
    path.write_bytes(data)
    result = cli("verify", "--archive", saved, "--anchor", path, "--json")
    assert (result.status, [kind for kind, _ in found(result)]) == (1, ["anchor-invalid"])
    path.write_bytes(HEAD)  # a head, only not one of this ledger
    assert found(cli("verify", "--archive", saved, "--anchor", path, "--json"))[0][0] == "anchor"


def test_a_head_on_a_piece_of_paper(cli: Cli, anchored: Callable[..., Result], saved: Path, tmp_path: Path) -> None:
    """Number and hash are enough."""
    anchored()
    said = json.loads(files(saved, "*.json")[0].read_bytes())
    for seq, status in ((said["seq"], 0), (said["seq"] - 1, 1), (said["seq"] + 1000, 1)):
        (tmp_path / "noted.json").write_text(json.dumps({"seq": seq, "hash": said["hash"]}))
        assert cli("verify", "--archive", saved, "--anchor", tmp_path / "noted.json").status == status


def test_an_anchor_that_is_not_there(cli: Cli, saved: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "none.json", tmp_path):
        assert cli("verify", "--archive", saved, "--anchor", place).status == 2
    (tmp_path / "lonely.x.tsr").write_bytes(b"0")
    result = cli("verify", "--archive", saved, "--anchor", tmp_path, "--json")
    assert (result.status, [kind for kind, _ in found(result)]) == (1, ["anchor-invalid"])


# Whatever comes in ----------------------------------------------------------------------------------------------------


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.randint(1, len(changed))] if chance.random() < 0.2 else changed)


def test_no_answer_breaks_the_reader(authority: TimeAuthority, calendar: Calendar) -> None:
    """Answers with bytes changed at random are read, or refused with a reason: nothing else comes out."""
    chance, data = random.Random(3161), b"a head"
    request = rfc3161.request(sha256(data), 2**63 + 5)
    token = authority.answer(request)
    assert rfc3161.verify(token, data, [authority.root]).nonce == 2**63 + 5
    calendar.address, calendar.mined = "https://calendar.example", True
    begun = opentimestamps.MAGIC + b"\x01\x08" + sha256(data)
    proof = begun + b"\xff" + pending("https://b.example") + calendar.digest(sha256(data))
    assert opentimestamps.proof_bytes(opentimestamps.read_proof(proof)) == proof
    held = 0
    for _ in range(4_000):
        with contextlib.suppress(AnchorError):
            rfc3161.verify(mutated(token, chance), data, [authority.root])
            held += 1
        with contextlib.suppress(AnchorError):
            tree = opentimestamps.read_proof(mutated(proof, chance))
            assert opentimestamps.proof_bytes(opentimestamps.read_proof(opentimestamps.proof_bytes(tree)))
    assert held < 400  # some bytes of a response say nothing: the signature's algorithm is named twice

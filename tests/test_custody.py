"""In whose hands an archive was, and what leaves it: nothing that is withheld is in any byte of a copy, and all else is checked."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.conftest import ARTICLE, FIRST, HTML_ARTICLE, JSON, QUOTED, SECOND, WEB, Cli, address_of, stand_in, tweet
from tests.servers import serving
from tests.test_archive import overwrite, rows, snapshot, sql
from tests.test_reindex import head_of

SAVE = ("save", "--offline", "--fixtures", WEB)
WHY = ("--why", "a person at risk")
WORDS = ("only twenty people", "stand-in crowd", "HannaLiubakova", "Hanna Liubakova", "ncfDTgE1ER", "EfYOg6PVUABAARq")


def everything(folder: Path) -> bytes:
    """Every byte below a folder, as it is stored and unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() and path.name != "archive.lock" else b""
        found.append(data)
        while path.name.endswith(".gz") and data:
            unpacker = zlib.decompressobj(31)
            found.append(unpacker.decompress(data))
            data = unpacker.unused_data
    return b"\n".join(found)


def held(folder: Path, *words: str) -> list[str]:
    """Which of these texts are in a folder at all, as they are or as JSON escapes them."""
    whole = everything(folder)
    return [one for one in words if one.encode() in whole or one.encode("ascii", "backslashreplace") in whole]


@pytest.fixture
def handed(cli: Cli, saved: Path) -> Path:
    """A copy of the bundled article's archive, without the first post."""
    assert cli("withhold", FIRST, *WHY, "--archive", saved).status == 0
    assert cli("export", saved.parent / "copy", "--archive", saved).status == 0
    return saved.parent / "copy"


def alone(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The verifier that came with the copy, by itself."""
    command = [sys.executable, "-I", "-S", folder / "verifier.py", folder, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


# What leaves ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [f"https://x.com/i/status/{FIRST}", FIRST, f"twitter:{FIRST}"])
def test_a_post_that_is_withheld_is_in_no_byte_of_a_copy(cli: Cli, saved: Path, name: str) -> None:
    told = cli("withhold", name, *WHY, "--archive", saved)
    assert (told.status, told.err) == (0, "")
    assert f"WITHHELD posts twitter:{FIRST}" in told.out
    assert cli("export", saved.parent / "copy", "--archive", saved).status == 0
    assert held(saved, *WORDS) == [*WORDS]
    assert held(saved.parent / "copy", *WORDS) == []
    pictures = [path.read_bytes() for path in (*WEB.glob("*.jpg"), *WEB.glob("*.mp4"))]
    assert sum(picture in everything(saved) for picture in pictures) >= 6
    assert not any(picture in everything(saved.parent / "copy") for picture in pictures)
    assert held(saved.parent / "copy", "Пересчитайте")  # the other post's
    assert held(saved.parent / "copy", "the first shift has left")  # and the one that it quotes
    assert cli("verify", "--deep", "--archive", saved).status == 0


def test_an_article_that_is_withheld_is_in_no_byte_of_a_copy(cli: Cli, archive: Path) -> None:
    saved, command = archive, [sys.executable, "-m", "archiver", *map(str, SAVE), "--archive", str(archive), str(ARTICLE)]
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert cli(*SAVE, HTML_ARTICLE, "--archive", saved).status == 0
    assert cli("withhold", ARTICLE, *WHY, "--archive", saved).status == 0
    assert cli("export", saved.parent / "copy", "--archive", saved).status == 0
    assert len(held(saved, "Walk Out at Two Minsk Works", "walkouts.md")) == 2
    connection = sqlite3.connect(saved.parent / "copy" / "archive.db")
    titles = [row[0] for row in connection.execute("SELECT title FROM articles ORDER BY rowid")]
    shown = [row[0] for row in connection.execute("SELECT text FROM embeds ORDER BY rowid")]
    connection.close()
    assert titles[0] == "[withheld]"
    assert titles[1] != "[withheld]"
    assert shown[:2] == ["[withheld]"] * 2
    assert shown[2] != "[withheld]"
    assert not held(saved.parent / "copy", "walkouts.md")
    assert held(saved.parent / "copy", "stand-in crowd")  # the platform's answer is no part of the article


def test_an_address_and_a_record_can_be_withheld(cli: Cli, saved: Path) -> None:
    (photo,) = rows(saved, "SELECT id, url FROM captures WHERE url LIKE '%EfYOg6PVUABAARq?%'")
    (metadata,) = rows(saved, "SELECT record FROM mementos")
    for name in (photo["url"], f"<{metadata['record']}>"):
        assert cli("withhold", name, *WHY, "--archive", saved).status == 0
    told = cli("export", saved.parent / "copy", "--json", "--archive", saved)
    (line,) = told.lines
    assert [one["id"] for one in line["withheld"]] == [photo["id"], metadata["record"]]
    assert [(one["post"], one["url"]) for one in line["shared"]] == [(f"https://x.com/i/status/{FIRST}", photo["url"])]
    found = cli("verify", "--json", "--archive", saved.parent / "copy").lines
    assert {photo["id"], metadata["record"]} <= {one["record"] for one in found}
    assert held(saved.parent / "copy", "stand-in crowd")


def test_what_is_shared_with_another_post_is_named(cli: Cli, saved: Path) -> None:
    told = cli("withhold", QUOTED, *WHY, "--json", "--archive", saved)
    (line,) = told.lines
    assert {one["post"] for one in line["shared"]} == {f"https://x.com/i/status/{FIRST}"}
    assert any("tweet-result" in one["url"] for one in line["shared"])  # the quoting post's own answer holds it too
    assert cli("export", saved.parent / "copy", "--archive", saved).status == 0
    assert not held(saved.parent / "copy", "the first shift has left")
    assert "goes too: " in cli("withhold", SECOND, *WHY, "--archive", saved).out


def test_words_are_found_wherever_else_they_stand(cli: Cli, saved: Path, web: Path, tmp_path: Path) -> None:
    """In an article that does not embed the post, in the title of one, in an answer about another post, escaped and packed."""
    words = rows(saved, f"SELECT text FROM posts WHERE post_id = '{FIRST}'")[0]["text"]
    (tmp_path / "other.html").write_text(f"<title>{words}</title><p>&#72;e said: {words.replace(' ', '&nbsp;')}", "utf-8")
    answer = tweet(web)
    answer |= {"id_str": SECOND, "text": f"RT: {words}", "user": {**answer["user"], "screen_name": "tutby"}}
    answer.pop("quoted_tweet", None)
    stand_in(web, address_of(web, "tweet-2.http"), "200 OK", JSON, json.dumps(answer))
    assert cli("save", "--offline", "--fixtures", web, ARTICLE, tmp_path / "other.html", "--archive", saved).status in (0, 1)
    assert cli("withhold", FIRST, *WHY, "--archive", saved).status == 0
    assert cli("export", saved.parent / "copy", "--archive", saved).status == 0
    assert held(saved.parent / "copy", "only twenty people", "only&nbsp;twenty&nbsp;people") == []
    assert cli("verify", "--deep", "--archive", saved.parent / "copy").status == 0


def test_what_a_later_run_adds_is_withheld_too(cli: Cli, saved: Path) -> None:
    assert cli("withhold", FIRST, *WHY, "--archive", saved).status == 0
    assert cli(*SAVE, HTML_ARTICLE, "--archive", saved).status == 0
    assert cli("export", saved.parent / "copy", "--archive", saved).status == 0
    assert held(saved.parent / "copy", *WORDS) == []
    assert cli("verify", "--archive", saved.parent / "copy").status == 0


def test_what_came_beside_an_answer_goes_with_it(cli: Cli, archive: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n6;x=secret-extension\r\n<p>Hi!\r\n0\r\n\r\n"
    with serving(lambda _: [answer]) as server:
        url = f"http://127.0.0.1:{server.port}/page"
        assert cli("save", "--archive", archive, "--allow-private", f"127.0.0.1:{server.port}", "--pace", "0", url).status == 0
    assert held(archive, "secret-extension")
    assert cli("withhold", url, *WHY, "--archive", archive).status == 0
    assert cli("export", archive.parent / "copy", "--archive", archive).status == 0
    assert not held(archive.parent / "copy", "secret-extension")


@pytest.mark.parametrize("size", [100, 70_000, 300_000])
def test_a_stub_is_as_long_as_what_it_stands_for(cli: Cli, archive: Path, tmp_path: Path, size: int) -> None:
    import random

    noise = "".join(random.Random(size).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=size))
    (tmp_path / "a.md").write_text(f"# Noise\n\n{noise}\n", "utf-8")
    assert cli("save", "--offline", tmp_path / "a.md", "--archive", archive).status == 0
    assert cli("withhold", tmp_path / "a.md", *WHY, "--archive", archive).status == 0
    assert cli("export", archive.parent / "copy", "--archive", archive).status == 0
    assert not held(archive.parent / "copy", noise[:60])
    checked(archive.parent / "copy")
    assert cli("verify", "--deep", "--archive", archive.parent / "copy").status == 0


def checked(folder: Path) -> dict[str, str | None]:
    """What another program reads of a copy's WARC files, every digest compared: by record what it is about."""
    found: dict[str, str | None] = {}
    for path in sorted((folder / "warc").iterdir()):
        done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", path], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                record.content_stream().read()
                header = record.rec_headers.get_header
                found[header("WARC-Record-ID")] = header("WARC-Target-URI")
    return found


def test_other_programs_read_a_copy(cli: Cli, saved: Path, handed: Path) -> None:
    before, after = checked(saved), checked(handed)
    stubs = {target for target in after.values() if target and target.startswith("urn:withheld:")}
    kept = {record for record in before if record.strip("<>") not in {stub.removeprefix("urn:withheld:") for stub in stubs}}
    assert len(stubs) > 30
    assert kept <= set(after)
    assert {record: after[record] for record in kept} == {record: before[record] for record in kept}
    assert len(cli("show", "--json", "--archive", handed).lines) == 2
    found = rows(handed, "SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'lukashenko OR minsk OR twenty'")
    assert found == []
    (other,) = rows(
        handed, "SELECT p.post_id FROM posts_fts AS f JOIN posts AS p ON p.rowid = f.rowid WHERE posts_fts MATCH 'смены'"
    )
    assert other["post_id"] == SECOND


# Checking a copy ------------------------------------------------------------------------------------------------------


def test_both_verifiers_say_what_is_withheld_and_that_nothing_is_damaged(cli: Cli, saved: Path, handed: Path) -> None:
    told = cli("verify", "--json", "--archive", handed)
    assert (told.status, {line["kind"] for line in told.lines}) == (0, {"withheld"})
    assert all("a person at risk" in line["detail"] for line in told.lines)
    number = len(told.lines)
    assert number == len(rows(saved, "SELECT 1 FROM withheld WHERE blank IS NOT NULL"))
    assert f"but for {number} that are withheld" in cli("verify", "--archive", handed).out
    by_itself = alone(handed, "--json")
    assert (by_itself.returncode, by_itself.stderr) == (0, "")
    assert [json.loads(line) for line in by_itself.stdout.splitlines()] == told.lines
    people = alone(handed).stdout
    assert f"but for {number} that are withheld" in people
    readme = (handed / "README.txt").read_text("utf-8")
    head = head_of(handed)
    assert str(head["hash"]) in readme
    assert str(head["hash"]) in people
    assert "It does not prove that a post existed" in readme
    assert "a person at risk" not in readme


def test_heads_that_were_kept_before_hold_on_the_copy(cli: Cli, saved: Path) -> None:
    (saved.parent / "head.json").write_text(json.dumps(head_of(saved)))
    (saved / "anchors").mkdir()
    shutil.copy(saved.parent / "head.json", saved / "anchors" / "head.json")
    assert cli("withhold", FIRST, *WHY, "--archive", saved).status == 0
    assert cli("export", saved.parent / "copy", "--archive", saved).status == 0
    copy = saved.parent / "copy"
    assert cli("verify", "--anchor", saved.parent / "head.json", "--archive", copy).status == 0
    assert alone(copy, "--anchor", copy / "anchors" / "head.json").returncode == 0
    (saved.parent / "head.json").write_text(json.dumps({**head_of(saved), "hash": "0" * 64}))
    assert cli("verify", "--anchor", saved.parent / "head.json", "--archive", copy).status == 1


def a_stub(copy: Path) -> tuple[Path, int, int, str]:
    """Where one of the stubs in a copy lies, and what it stands for."""
    query = (
        "SELECT r.segment, r.offset, r.length, r.id FROM records AS r JOIN withheld AS w ON w.id = r.id"
        " WHERE r.type = 'response' ORDER BY r.length DESC LIMIT 1"
    )
    (row,) = rows(copy, query)
    return copy / "warc" / row["segment"], row["offset"], row["length"], row["id"]


def put(copy: Path, data: Callable[[bytes], bytes]) -> None:
    path, offset, length, _ = a_stub(copy)
    whole = path.read_bytes()
    overwrite(path, whole[:offset] + data(whole[offset : offset + length]) + whole[offset + length :])


def flip_another(copy: Path) -> None:
    query = (
        "SELECT r.segment, r.offset FROM records AS r JOIN captures AS c ON c.id = r.id WHERE c.title NOT LIKE '[withheld]%'"
    )
    row = rows(copy, query)[0]
    path = copy / "warc" / row["segment"]
    whole = path.read_bytes()
    at = row["offset"] + 100
    overwrite(path, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


def put_back(copy: Path) -> None:
    """Another record of the right length in the place of a stub, as somebody would who makes one up."""
    from archiver.warc.stub import stub

    put(copy, lambda member: b"".join(stub("urn:uuid:another", "response", "2026-01-01T00:00:00Z", len(member))))


def stub_another(copy: Path) -> None:
    from archiver.warc.stub import stub

    query = "SELECT r.segment, r.offset, r.length, r.id FROM records AS r JOIN captures AS c ON c.id = r.id WHERE c.url LIKE '%tutby%'"
    row = rows(copy, query)[0]
    path = copy / "warc" / row["segment"]
    whole = path.read_bytes()
    made = b"".join(stub(row["id"], "response", "2026-01-01T00:00:00Z", row["length"]))
    overwrite(path, whole[: row["offset"]] + made + whole[row["offset"] + row["length"] :])


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (flip_another, "altered"),
        (lambda copy: put(copy, lambda member: member[:40] + bytes([member[40] ^ 1]) + member[41:]), "altered"),
        (put_back, "altered"),
        (stub_another, "altered"),
        (sql(f"UPDATE posts SET text = 'words of another' WHERE post_id = '{FIRST}'"), "row-altered"),
        (sql(f"UPDATE posts SET posted = '2020-08-15T00:00:00.000+00:00' WHERE post_id = '{FIRST}'"), "row-altered"),
        (sql(f"UPDATE posts SET text = '[withheld]' WHERE post_id = '{SECOND}'"), "row-altered"),
        (sql("DELETE FROM withheld"), "row-removed"),
        (sql("UPDATE withheld SET reason = 'because'"), "row-altered"),
        (sql(f"UPDATE withheld SET blank = 'x' WHERE id = 'posts twitter:{FIRST}~stand-in'"), "row-altered"),
        (
            sql(
                "INSERT INTO withheld (id, run, moment, reason, blank) SELECT 'posts x', id, '2026', 'forged', 'x' FROM runs LIMIT 1"
            ),
            "row-added",
        ),
        (sql("UPDATE custody SET detail = 'nothing was withheld'"), "row-altered"),
        (sql("DELETE FROM custody"), "row-removed"),
    ],
)
def test_tampering_with_a_copy_is_damage(cli: Cli, handed: Path, damage: Callable[[Path], object], kind: str) -> None:
    damage(handed)
    told = cli("verify", "--json", "--archive", handed)
    assert told.status == 1
    assert kind in {line["kind"] for line in told.lines}
    assert alone(handed).returncode == 1


def test_the_very_bytes_in_the_place_of_a_stub_are_as_they_were_written(cli: Cli, saved: Path, handed: Path) -> None:
    """No damage: the ledger has their digest. What was altered is damage, and not what was made known."""
    path, offset, length, record = a_stub(handed)
    original = (saved / "warc" / path.name).read_bytes()[offset : offset + length]
    before = {line["record"] for line in cli("verify", "--json", "--archive", handed).lines if line["offset"] is not None}
    put(handed, lambda _: original)
    told = cli("verify", "--json", "--archive", handed)
    assert told.status == 0
    assert {line["record"] for line in told.lines if line["offset"] is not None} == before - {record}


def test_a_stub_in_the_archive_itself_is_damage_once_it_is_released(cli: Cli, saved: Path, handed: Path) -> None:
    assert cli("withhold", FIRST, "--release", "--why", "the danger has passed", "--archive", saved).status == 0
    path, *_ = a_stub(handed)
    overwrite(saved / "warc" / path.name, path.read_bytes())
    told = cli("verify", "--json", "--archive", saved)
    assert told.status == 1
    assert "withheld" not in {line["kind"] for line in told.lines}


# Release, again, refused ----------------------------------------------------------------------------------------------


def test_what_is_released_is_in_the_next_copy(cli: Cli, saved: Path, handed: Path) -> None:
    released = cli("withhold", FIRST, "--release", "--why", "the danger has passed", "--archive", saved)
    assert (released.status, released.out) == (0, "Nothing is withheld.\n")
    assert cli("export", saved.parent / "again", "--archive", saved).status == 0
    assert held(saved.parent / "again", *WORDS) == [*WORDS]
    assert cli("verify", "--json", "--archive", saved.parent / "again").out == ""
    acts = [row["act"] for row in rows(saved, "SELECT act FROM custody ORDER BY rowid")]
    assert acts == ["withheld", "exported", "released", "exported"]
    assert cli("withhold", FIRST, "--release", *WHY, "--archive", saved).status == 2  # it is not withheld any more


def test_one_of_two_is_released(cli: Cli, saved: Path) -> None:
    assert cli("withhold", FIRST, SECOND, *WHY, "--archive", saved).status == 0
    assert cli("withhold", SECOND, "--release", *WHY, "--archive", saved).status == 0
    assert cli("export", saved.parent / "copy", "--archive", saved).status == 0
    assert held(saved.parent / "copy", "Пересчитайте")
    assert not held(saved.parent / "copy", "stand-in crowd")
    assert cli("verify", "--archive", saved.parent / "copy").status == 0


def test_nothing_is_overwritten(cli: Cli, saved: Path, handed: Path) -> None:
    before, copied = snapshot(saved), snapshot(handed)
    (saved.parent / "file").write_bytes(b"")
    (saved.parent / "cut-off.partial").mkdir()
    for folder in (handed, saved.parent / "file", saved, saved / "within", saved.parent, saved.parent / "cut-off"):
        result = cli("export", folder, "--archive", saved)
        assert (result.status, result.out) == (2, ""), folder
    assert (snapshot(saved), snapshot(handed)) == (before, copied)
    (saved.parent / "empty").mkdir()
    assert cli("export", saved.parent / "empty", "--archive", saved).status == 0


def test_a_damaged_archive_is_not_handed_over(cli: Cli, saved: Path) -> None:
    (segment,) = (saved / "warc").glob("stand-in-*")
    whole = segment.read_bytes()
    overwrite(segment, whole[:9000] + bytes([whole[9000] ^ 1]) + whole[9001:])
    result = cli("export", saved.parent / "copy", "--archive", saved)
    assert result.status == 3
    assert segment.name in result.err
    assert not list(saved.parent.glob("copy*"))
    told = [row["detail"] for row in rows(saved, "SELECT detail FROM custody ORDER BY rowid")]
    assert len(told) == 2
    assert told[1].startswith("did not come about")
    assert cli("withhold", FIRST, *WHY, "--archive", saved).status == 3  # nor can it be said what is to be left out
    assert {row["status"] for row in rows(saved, "SELECT status FROM runs")} == {0, 3}


def test_wrong_names_leave_no_trace(cli: Cli, saved: Path) -> None:
    before = snapshot(saved)
    for arguments in (("1", *WHY), (FIRST, "--why", " "), (FIRST, "--release", *WHY), ("https://x.com/i/status/5", *WHY)):
        assert cli("withhold", *arguments, "--archive", saved).status == 2
    assert cli("withhold", FIRST, "--archive", saved).status == 2
    assert cli("export", saved.parent / "copy", "--archive", saved.parent / "none").status == 2
    assert snapshot(saved) == before


def test_a_copy_is_read_and_not_worked_on(cli: Cli, handed: Path) -> None:
    before, copied = cli("show", "--archive", handed).out, snapshot(handed)
    assert "[withheld]" in before
    assert "it was copied, to be handed over" in before
    for command in (("export", handed.parent / "next"), ("withhold", SECOND, *WHY), ("reindex",)):
        result = cli(*command, "--archive", handed)
        assert (result.status, result.out) == (2, ""), command
        assert "copy" in result.err
    assert snapshot(handed) == {**copied, "archive.lock": b""}
    assert cli("show", "https://t.co/ncfDTgE1ER", "--archive", handed.parent / "archive").status == 0
    assert cli("show", "https://t.co/ncfDTgE1ER", "--archive", handed).status == 2  # it is named nowhere


def test_a_copy_without_anything_withheld_can_be_indexed_anew(cli: Cli, saved: Path) -> None:
    copy = saved.parent / "copy"
    assert cli("export", copy, "--archive", saved).status == 0
    shown = cli("show", "--json", "--archive", copy).out
    (copy / "archive.db").unlink()
    assert cli("reindex", "--archive", copy).status == 0
    assert cli("show", "--json", "--archive", copy).out == shown
    assert cli("verify", "--deep", "--archive", copy).status == 0


# Who, with what, by which clocks --------------------------------------------------------------------------------------


def test_paths_of_the_machine_leave_with_without_paths(cli: Cli, tmp_path: Path) -> None:
    home = tmp_path / "home-of-somebody"
    home.mkdir()
    article = Path(shutil.copy(ARTICLE, home))
    archive = home / "archive"
    assert cli(*SAVE, article, "--archive", archive).status == 0
    assert cli("export", home / "with", "--archive", archive).status == 0
    assert held(home / "with", "home-of-somebody")
    assert cli("export", home / "without", "--without-paths", "--archive", archive).status == 0
    assert not held(home / "without", "home-of-somebody")
    assert held(home / "without", "stand-in crowd")
    assert cli("verify", "--deep", "--archive", home / "without").status == 0
    assert cli("export", home / "again", "--archive", archive).status == 0
    assert held(home / "again", "home-of-somebody")


def test_show_tells_what_was_done_and_what_is_withheld(cli: Cli, saved: Path, handed: Path) -> None:
    shown = cli("show", "--archive", saved).out
    assert "this was withheld: it leaves every copy" in shown
    assert "it was copied, to be handed over" in shown
    assert "WITHHELD           it leaves every copy of this archive, because: a person at risk" in shown
    assert "WITHHELD syndication: 200 " in shown
    assert "stand-in crowd" in shown  # in the archive itself it stays
    of_article = cli("show", ARTICLE, "--archive", saved).out
    assert "WITHHELD: its bytes leave every copy" in of_article
    assert "it was copied, to be handed over" in of_article
    other = cli("show", SECOND, "--archive", saved).out
    assert "WITHHELD" not in other
    assert "this was withheld" not in other
    lines = cli("show", "--json", "--archive", saved).lines
    assert [line["withheld"] for line in lines] == ["a person at risk", None]


def test_who_did_it_is_told_where_they_want_to_be_named(cli: Cli, archive: Path) -> None:
    assert cli(*SAVE, ARTICLE, "--archive", archive, "--operator", "A. Keeper").status == 0
    assert cli("withhold", FIRST, *WHY, "--archive", archive).status == 0
    assert cli("export", archive.parent / "copy", "--archive", archive, "--operator", "B. Hander").status == 0
    told = {row["title"].split()[0]: row["operator"] for row in rows(archive, "SELECT title, operator FROM runs")}
    assert told == {"save": "A. Keeper", "withhold": "withheld", "export": "B. Hander"}
    shown = cli("show", "--archive", archive).out
    assert "UTC, by B. Hander: it was copied" in shown
    assert "UTC: this was withheld" in shown
    (segment,) = (archive / "warc").glob("archiver-*")
    with segment.open("rb") as file:
        assert b"operator: A. Keeper\r\n" in next(iter(ArchiveIterator(file))).content_stream().read()


@pytest.mark.parametrize(
    ("minutes", "age", "told"),
    [(30, 0, "30 minutes ahead of ours"), (-60 * 24 * 3, 0, "3 days behind ours"), (-30, 1800, ""), (1, 0, "")],
)
def test_a_clock_that_is_far_from_ours_is_told(cli: Cli, archive: Path, minutes: int, age: int, told: str) -> None:
    from datetime import UTC, datetime, timedelta
    from email.utils import format_datetime

    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    page = (
        f"HTTP/1.1 200 OK\r\nDate: {date}\r\nAge: {age}\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<p>Hi!".encode()
    )
    with serving(lambda _: [page]) as server:
        url = f"http://127.0.0.1:{server.port}/page"
        assert cli("save", "--archive", archive, "--allow-private", f"127.0.0.1:{server.port}", "--pace", "0", url).status == 0
    for shown in (cli("show", "--archive", archive).out, cli("show", url, "--archive", archive).out):
        assert ("the server's clock was" in shown) == bool(told)
        assert told in shown
        assert not told or "times here are by ours" in shown

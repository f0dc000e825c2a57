"""Pages made to exhaust or fool the finder: each ends in found, or refused with a reason; in bounded memory, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

TWEET = '<blockquote class="twitter-tweet"><a href="https://twitter.com/a/status/1234567890123">x</a></blockquote>'
# Name → (page, found or None where it is refused). Each would take minutes or gigabytes with a parser or a rule that is not bounded.
PAGES = {
    "nested": ("<div>" * 100_000 + TWEET, None),
    "attributes": ("<div " + " ".join(f'a{n}="//x.com/{n}"' for n in range(200_000)) + ">" + TWEET, None),
    "tags in a tag": ("<a " * 100_000 + TWEET, None),
    "nested somewhat": ("<div>" * 5_000 + TWEET, 1),
    "unclosed": ("<b>" * 9_000 + TWEET, 1),
    "paragraphs": ("<p>" * 200_000 + TWEET, 1),
    "comments": ("<!-- x -->" * 200_000 + TWEET, 1),
    "open comments": ("<!--" * 200_000 + TWEET, 0),
    "cdata": ("<![CDATA[" * 200_000 + TWEET, 0),
    "NULs": ("\x00" * 2_000 + "words " * 400_000 + TWEET, 1),
    "nested quotes": ("<blockquote>" * 9_000 + TWEET, 0),
    "nested containers": ('<div class="embed">' * 5_000 + TWEET, 1),
    "many": ("".join(TWEET.replace("1234567890123", str(10**12 + n)) for n in range(20_000)), 20_000),
    "deep JSON list": ('<script type="application/json">' + "[" * 100_000 + "</script>" + TWEET, 1),
    "deep JSON": (
        '<script type="application/json">' + '{"a":' * 50_000 + '"https://twitter.com/a/status/9"</script>' + TWEET,
        1,
    ),
    "escaped over and over": ('<div data-x="' + "&amp;" * 300_000 + 'lt;iframe src=x">' + TWEET, 1),
    "signatures": ("<p>x (@a) — " * 20_000 + TWEET, 1),
    "assignments": ("<script>" + "={" * 300_000 + "</script>" + TWEET, 1),
    "srcdoc in srcdoc": ('<iframe srcdoc="' + "&lt;iframe srcdoc=&quot;" * 3_000 + '"></iframe>' + TWEET, 1),
    "templates": ("<template>" * 3_000 + "</template>" * 3_000 + TWEET, 1),
    "a long text": ("a " * 7_000_000 + TWEET, 1),
}

LIMITED = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
except ImportError:
    pass  # no such limit on this system
from archiver.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_beside_a_good_one(name: str, tmp_path: Path) -> None:
    page, found = PAGES[name]
    (tmp_path / "hostile.html").write_text(page, "utf-8")
    (tmp_path / "good.html").write_text(TWEET, "utf-8")
    command = [sys.executable, "-c", LIMITED, "find", "--json", str(tmp_path / "hostile.html"), str(tmp_path / "good.html")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=240)
    assert "Traceback" not in done.stderr
    assert done.returncode == (1 if found is None else 0), done.stderr
    if found is None:
        assert done.stderr.count("\n") == 1
        assert "which no page has" in done.stderr
    assert len(done.stdout.splitlines()) == (found or 0) + 1

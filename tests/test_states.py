"""What became of a post: for each availability a stand-in shows the probe, the state and the reason, and nothing is overstated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archiver.model import Availability
from archiver.platforms.twitter.answers import RULES
from tests.conftest import PROJECT, Cli
from tests.test_save import rows, verdicts

STATES = PROJECT / "fixtures" / "states"

# By the word before the embed in the article: state, availability, the rule that decided, a failure, and words of the reason.
EXPECTED = {
    "live": ("saved", "live", "read", None, "holds the post"),
    "live-partial": ("partial", "live_partial", "no-author", "not-offered", "without its author"),
    "live-words-only": ("partial", "live_partial", "words-only", "not-offered", "oEmbed still shows its words"),
    "age-gated": ("failed", "age_gated", "tombstone", "gated", "Age-restricted adult content"),
    "login-gated": ("failed", "login_gated", "tombstone", "gated", "Log in to view this Post"),
    "protected": ("failed", "protected", "tombstone", "gated", "limits who can view"),
    "protected-by-code": ("failed", "protected", "error-code", "gated", "error 179"),
    "withheld": ("failed", "withheld", "tombstone", "gated", "withheld in Nowhere"),
    "deleted-by-author": ("gone", "deleted_by_author", "deleted-twice", None, "deleted by the Post author. Learn more; oEmbed answered 404"),
    "deleted-once": ("failed", "gone_or_gated", "deleted-once", "http-503", "oEmbed answered 503"),
    "removed-by-platform": ("gone", "removed_by_platform", "tombstone", None, "violated the Twitter Rules"),
    "account-suspended": ("gone", "account_suspended", "tombstone", None, "suspended account"),
    "account-deactivated": ("gone", "account_deactivated", "tombstone", None, "no longer exists"),
    "gone-or-gated": ("failed", "gone_or_gated", "tombstone", "gated", "gone, or shown to some only"),
    "gone-or-gated-words": ("failed", "gone_or_gated", "tombstone", "gated", "This Post is unavailable"),
    "unknown-gone": ("gone", "unknown_gone", "not-found", None, "answered 404; oEmbed answered 404"),
    "never-existed": ("gone", "never_existed", "impossible-id", None, "would have been made at 2065"),
    "never-possible": ("gone", "never_existed", "impossible-id", None, "larger than ids can be"),
    "rate-limited": ("failed", "rate_limited", "rate-limited", "rate-limited", "answered 429"),
    "endpoint-error": ("failed", "endpoint_error", "http-503", "http-503", "answered 503"),
    "bad-request": ("failed", "endpoint_error", "bad-request", "bad-request", "answered 400"),
    "not-checked": ("failed", "not_checked", "no-answer", "no-stand-in", "neither"),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    """An archive of the article of states, and its lines by name."""
    import archiver
    from archiver.lines import save_line

    root = tmp_path_factory.mktemp("states") / "archive"
    report = archiver.save(STATES / "article.html", archive=root, fixtures=[STATES], offline=True)
    assert report.status == 1
    return root, dict(zip(EXPECTED, map(save_line, report.outcomes), strict=True))


@pytest.mark.parametrize("name", EXPECTED)
def test_each_state_shows_its_probes_and_its_reason(name: str, told: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = told
    line = lines[name]
    state, availability, rule, failure, words = EXPECTED[name]
    assert (line["state"], line["availability"]) == (state, availability)
    assert words in line["reason"]
    assert line["origin"] == "stand-in"
    assert failure is None or failure in {one["reason"] for one in line["failures"]}
    assert (failure is None) == (not line["failures"])
    ((_, detail),) = verdicts(line, "availability")
    assert detail.partition(": ")[0] == rule
    assert rule in RULES or rule.startswith("http-")
    probes = [one for one in line["evidence"] if one["method"] == "probe"]
    assert [one["detail"].partition(":")[0] for one in probes if one["capture"]] == (
        ["syndication", "oembed"] if name != "not-checked" else []
    )
    for probe in probes:
        if probe["capture"]:
            ((url, status, digest, date),) = rows(
                root, "SELECT url, status, payload_digest, date FROM captures WHERE id = ?", probe["capture"]
            )
            assert (url, probe["detail"].split(": ")[1]) == (probe["value"], f"{status}, {digest}")
            assert date
        else:
            assert probe["detail"] == "no-stand-in"


def test_the_states_are_all_there() -> None:
    assert {expected[1] for expected in EXPECTED.values()} == {one.value for one in Availability}


def test_what_may_pass_is_asked_again_and_what_is_final_is_not(cli: Cli, told: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = told
    before = dict(rows(root, "SELECT url, count(*) FROM captures GROUP BY url"))
    cli("save", "--offline", "--fixtures", STATES, "--archive", root, STATES / "article.html")
    after = dict(rows(root, "SELECT url, count(*) FROM captures GROUP BY url"))
    again = {url for url in after if after[url] > before[url]}
    for name, (state, availability, _, failure, _) in EXPECTED.items():
        urls = {capture["url"] for capture in lines[name]["captures"]}
        assert bool(urls & again) == (bool(failure) and name != "not-checked"), (
            name,
            state,
            availability,
        )

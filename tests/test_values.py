"""Values are what frozen dataclasses are, to whoever uses them and to `dataclasses` itself."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
from typing import Any

import pytest

from archiver.model import Evidence, PostRef, Verdict
from archiver.platforms import PLATFORMS
from archiver.values import replace

SEEN = Evidence("form", "blockquote")


def test_fields_are_given_by_place_by_name_or_by_default() -> None:
    assert Evidence(value="blockquote", method="form", verdict=Verdict.SEEN) == SEEN
    assert (SEEN.method, SEEN.value, SEEN.verdict, SEEN.detail, SEEN.capture) == ("form", "blockquote", Verdict.SEEN, "", None)
    assert repr(PostRef("x", "1")) == "PostRef(platform='x', post_id='1', handle=None)"


@pytest.mark.parametrize(
    ("given", "named"),
    [(("x",), {}), ((), {}), (("x", "1", None, "?"), {}), (("x", "1"), {"nothing": 1}), (("x", "1"), {"platform": "y"})],
    ids=repr,
)
def test_fields_that_lack_that_there_are_not_or_that_come_twice_are_refused(
    given: tuple[str, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="PostRef has the fields platform, post_id, handle"):
        PostRef(*given, **named)


def test_nothing_changes_a_value() -> None:
    with pytest.raises(AttributeError):
        SEEN.value = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del SEEN.value
    assert SEEN.value == "blockquote"


def test_values_are_equal_where_their_kinds_and_fields_are() -> None:
    assert replace(SEEN, value="a") == Evidence("form", "a") != SEEN
    assert len({SEEN, Evidence("form", "blockquote"), copy.deepcopy(SEEN), pickle.loads(pickle.dumps(SEEN))}) == 1
    assert PostRef("form", "blockquote") != SEEN
    assert SEEN != ("form", "blockquote", Verdict.SEEN, "", None, "")
    twitter = PLATFORMS["twitter"]
    assert replace(twitter) != twitter
    assert len({twitter, replace(twitter)}) == 2


def test_dataclasses_takes_them_for_its_own() -> None:
    assert dataclasses.is_dataclass(SEEN)
    assert dataclasses.replace(SEEN, value="a") == replace(SEEN, value="a")
    if sys.version_info >= (3, 13):
        assert copy.replace(SEEN, value="a") == replace(SEEN, value="a")
    assert [(field.name, field.type) for field in dataclasses.fields(PostRef)] == [
        ("platform", "str"),
        ("post_id", "str"),
        ("handle", "str | None"),
    ]
    assert dataclasses.asdict(PostRef("x", "1")) == {"platform": "x", "post_id": "1", "handle": None}
    with pytest.raises(TypeError):
        dataclasses.replace(SEEN, nothing=1)  # type: ignore[call-arg]

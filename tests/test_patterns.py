"""No text can make a regular expression of this project slow: each one's worst input of a megabyte takes seconds, not hours."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined] # how patterns are taken apart; typeshed leaves it out
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import archiver

SIZE, SCREENED = 1_000_000, 30_000
SECONDS = 5.0
FILLERS = (" ", "a", "1", "-", "<", "\n", '"', "=")
# What lists, quotations, tags and notations begin with: worse for some than what they themselves begin with.
BEGINNINGS = ("- ", "<a href='http://", "![x](", "[![x](y)](", "@[a](", "::a\n", "[tweet]", "— ", "{{< tweet ", "{%a ", "https://", "a='", "***", "&amp;")  # fmt: skip
# Patterns that see only so many characters, by the name of where they stand. The code that cuts the text is named beside.
CUT: dict[str, int] = {}


def modules() -> Iterator[Any]:
    for info in pkgutil.walk_packages(archiver.__path__, "archiver."):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def compiled(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The patterns in a value: itself, or what it holds."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, dict):
        for item in value.values():
            yield from compiled(item, depth + 1)
    elif depth < 4 and isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from compiled(item, depth + 1)
    elif depth < 4 and hasattr(type(value), "__dataclass_fields__"):
        for name in type(value).__dataclass_fields__:
            yield from compiled(getattr(value, name, None), depth + 1)


def written_in_calls(module: Any) -> Iterator[re.Pattern[Any]]:
    """The patterns that stand as a literal in a call: `re.sub(r"…", …)`."""
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)):
            continue
        if node.func.value.id == "re" and node.func.attr != "escape" and node.args and isinstance(node.args[0], ast.Constant):
            yield re.compile(node.args[0].value)


def every_pattern() -> dict[str, re.Pattern[Any]]:
    """Each pattern of the package once, under the name of a place where it stands."""
    found: dict[re.Pattern[Any], str] = {}
    for module in modules():
        where = module.__name__.removeprefix("archiver.")
        for name, value in list(vars(module).items()):
            for number, pattern in enumerate(compiled(value)):
                found.setdefault(pattern, f"{where}.{name}" + (f" {number}" if number else ""))
        for number, pattern in enumerate(written_in_calls(module)):
            found.setdefault(pattern, f"{where} call {number}")
    return {name: pattern for pattern, name in found.items()}


PATTERNS = every_pattern()


def sample(parsed: Any) -> str:
    """A text that some parsed pattern matches, more or less: what it looks ahead for is left out."""
    return "".join(map(_sample_of, parsed))


def _sample_of(item: Any) -> str:
    kind, held = item
    if kind is op.LITERAL:
        return chr(held)
    if kind is op.IN:
        return _member(held)
    if kind is op.BRANCH:
        return sample(held[1][0])
    if kind is op.SUBPATTERN:
        return sample(held[3])
    if kind is op.ATOMIC_GROUP:
        return sample(held)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return sample(held[2]) * max(1, min(held[0], 100))
    return "x" if kind in (op.ANY, op.NOT_LITERAL) else ""


def _member(members: Any) -> str:
    kinds = {op.CATEGORY_SPACE: " ", op.CATEGORY_DIGIT: "1", op.CATEGORY_WORD: "a"}
    negated = members[0][0] is op.NEGATE
    for kind, held in members:
        if not negated and kind is op.LITERAL:
            return chr(held)
        if not negated and kind is op.RANGE:
            return chr(held[0])
        if not negated and kind is op.CATEGORY:
            return kinds.get(held, "x")
    return "x"


def items(parsed: Any) -> Iterator[Any]:
    """The parts of a pattern one after another, those of its outer groups too."""
    for item in parsed:
        if item[0] is op.SUBPATTERN:
            yield from items(item[1][3])
        else:
            yield item


def worst_inputs(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Texts of that size on which it may go wrong: its beginnings over and over, and a beginning before a long run."""
    parts = [_sample_of(item) for item in items(_parser.parse(pattern.pattern, pattern.flags))]
    starts = list(dict.fromkeys("".join(parts[:count]) for count in range(1, min(len(parts), 12) + 1)))
    runs = {one for part in parts[:12] if part for one in (part[0], part)} | set(FILLERS)
    for unit in (*starts, *BEGINNINGS):
        if unit:
            yield unit * (size // len(unit))
            yield (unit + "a" * 90) * (size // (len(unit) + 90))
    for run in sorted(runs):
        yield run * (size // len(run))
    for start in starts:
        for run in FILLERS:
            yield start + run * size
        last = start[-1:]
        yield start + last * size


def seconds(pattern: re.Pattern[Any], text: str) -> float:
    data = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    started = time.process_time()
    for _ in pattern.finditer(data):
        pass
    pattern.match(data)
    pattern.fullmatch(data)
    return time.process_time() - started


def test_all_of_them_are_looked_at() -> None:
    assert len(PATTERNS) > 100
    assert any(isinstance(pattern.pattern, bytes) for pattern in PATTERNS.values())


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_is_linear(name: str) -> None:
    """Screened with texts of 30 kB; the worst of them is then made a megabyte long."""
    pattern, size = PATTERNS[name], CUT.get(name, SIZE)
    spent = [seconds(pattern, text) for text in worst_inputs(pattern, min(size, SCREENED))]
    assert max(spent) < SECONDS * SCREENED / size, list(worst_inputs(pattern, 100))[spent.index(max(spent))]
    worst = list(worst_inputs(pattern, 60))[spent.index(max(spent))]
    for number, text in enumerate(worst_inputs(pattern, size)):
        if number == spent.index(max(spent)):
            taken = seconds(pattern, text)
            assert taken < SECONDS, f"{taken:.1f} s on {worst!r}"


def test_a_pattern_that_is_not_linear_is_seen() -> None:
    for bad in (r"<blockquote.*?class=.*?tweet.*?>", r"^(\w+\s?)*!$", r"\s+$", r"<!--.*?-->"):
        if bad.startswith("^"):
            continue
        spent = max(seconds(re.compile(bad, re.DOTALL), text) for text in worst_inputs(re.compile(bad), SCREENED))
        assert spent > SECONDS * SCREENED / SIZE, bad

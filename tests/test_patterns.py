"""No text can make a regular expression of this project slow: each one's worst input of a megabyte takes seconds, not hours."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined] # how patterns are taken apart; typeshed leaves it out
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import archiver
from archiver.patterns import Lazy

SIZE = 1_000_000
SECONDS = 5.0
FILLERS = (" ", "a", "1", "-", "<", "\n", '"', "=")
# What lists, quotations, tags and notations begin with: worse for some than what they themselves begin with.
BEGINNINGS = ("- ", "<a href='http://", "![x](", "[![x](y)](", "@[a](", "::a\n", "[tweet]", "— ", "{{< tweet ", "{%a ", "https://", "a='", "***", "&amp;")  # fmt: skip
# Patterns that see only so many characters, and the function that cuts the text.
CUT = {"articles.encoding._COMMENT": 4096}  # encoding.decode


def modules() -> Iterator[Any]:
    for info in pkgutil.walk_packages(archiver.__path__, "archiver."):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def compiled(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The patterns in a value: itself, or what it holds."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Lazy):
        yield value.compiled()
    elif depth < 4 and isinstance(value, dict):
        for item in value.values():
            yield from compiled(item, depth + 1)
    elif depth < 4 and isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from compiled(item, depth + 1)
    elif depth < 4 and hasattr(type(value), "__dataclass_fields__"):
        for name in type(value).__dataclass_fields__:
            yield from compiled(getattr(value, name, None), depth + 1)


@dataclass(frozen=True)
class Use:
    """A pattern, and whether it is looked for anywhere in a text or only at one place."""

    pattern: re.Pattern[Any]
    anywhere: bool


ANCHORED = {"match", "fullmatch"}


def written_in_calls(module: Any) -> Iterator[tuple[int, Use]]:
    """The patterns that stand in a call, `re.sub(r"…", …)`, by their line."""
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)):
            continue
        if node.func.value.id == "re" and node.func.attr not in ("escape", "compile"):
            yield node.lineno, Use(re.compile(written(node.args[0], module)), node.func.attr not in ANCHORED)


def written(node: ast.expr, module: Any) -> Any:
    """The pattern that stands there, of the module's own names; what is put into it as it runs is a digit."""
    try:
        return eval(compile(ast.Expression(node), "pattern", "eval"), vars(module))
    except NameError:
        if isinstance(node, ast.Name):
            return ""  # one of the module's texts, by another name: see below
        assert isinstance(node, ast.JoinedStr), f"{module.__file__}:{node.lineno}: a pattern that nobody can read here"
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values)


def every_pattern() -> dict[str, Use]:
    """Each pattern of the package once, under the name of a place where it stands."""
    found: dict[re.Pattern[Any], tuple[str, bool]] = {}
    for module in modules():
        where = module.__name__.removeprefix("archiver.")
        source = Path(module.__file__).read_text("utf-8")
        for line, use in written_in_calls(module):
            found.setdefault(use.pattern, (f"{where}:{line}", use.anywhere))
        for name, value in list(vars(module).items()):
            methods = set(re.findall(rf"\b{name}\.([a-z]+)\(", source))
            if isinstance(value, str) and where.startswith("platforms.") and name[1:].isupper():
                found.setdefault(re.compile(value), (f"{where}.{name}", False))  # a text that patterns are made of
            for number, pattern in enumerate(compiled(value)):
                found.setdefault(
                    pattern, (f"{where}.{name}" + (f" {number}" if number else ""), not methods <= ANCHORED or not methods)
                )
    found.pop(re.compile(""), None)
    return {name: Use(pattern, anywhere) for pattern, (name, anywhere) in found.items()}


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
        return str(sample(held[2]) * max(1, min(held[0], 100)))
    return "x" if kind in (op.ANY, op.NOT_LITERAL) else ""


def _member(members: Any) -> str:
    kinds: dict[Any, str] = {op.CATEGORY_SPACE: " ", op.CATEGORY_DIGIT: "1", op.CATEGORY_WORD: "a"}
    negated = members[0][0] is op.NEGATE
    for kind, held in members:
        if not negated and kind is op.LITERAL:
            return chr(held)
        if not negated and kind is op.RANGE:
            return chr(held[0])
        if not negated and kind is op.CATEGORY:
            return kinds.get(held, "x")
    return "x"


def ways(parsed: Any) -> Iterator[list[Any]]:
    """The parts of a pattern one after another, those of its outer groups too: once for each choice that it begins with."""
    for number, (kind, held) in enumerate(parsed):
        before, after = list(parsed[:number]), list(parsed[number + 1 :])
        if kind is op.SUBPATTERN:
            yield from ways([*before, *held[3], *after])
            return
        if kind is op.BRANCH:
            for choice in held[1][:6]:
                yield from islice(ways([*before, *choice, *after]), 2)
            return
    yield list(parsed)


def worst_inputs(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Texts of that size on which it may go wrong: its beginnings over and over, and a beginning before a long run."""
    starts, runs = dict[str, None](), dict.fromkeys(FILLERS)
    for way in ways(list(_parser.parse(pattern.pattern, pattern.flags))):
        parts: list[str] = []
        for before, item in zip([None, *way], way, strict=False):
            if before and before[0] is item[0] is op.LITERAL:
                parts[-1] += _sample_of(item)
            else:
                parts.append(_sample_of(item))
        starts |= dict.fromkeys("".join(parts[:count]) for count in range(1, min(len(parts), 12) + 1))
        runs |= dict.fromkeys(one for part in parts[:12] if part for one in (part[0], part))
    starts.pop("", None)
    for unit in (*starts, *BEGINNINGS):
        yield unit * (size // len(unit))
        yield (unit + "a" * 90) * (size // (len(unit) + 90))
    for run in runs:
        yield run * (size // len(run)) + "\0"
    for start in starts:
        for run in (*FILLERS, start[-1]):
            yield start + run * size + "\0"


def seconds(use: Use, text: str) -> float:
    pattern = use.pattern
    data = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    started = time.process_time()
    if use.anywhere:
        for _ in pattern.finditer(data):
            pass
    pattern.match(data)
    pattern.fullmatch(data)
    return time.process_time() - started


def test_all_of_them_are_looked_at() -> None:
    assert len(PATTERNS) > 100
    assert any(isinstance(use.pattern.pattern, bytes) for use in PATTERNS.values())


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_is_linear(name: str) -> None:
    """Screened with texts of 3 and of 30 kB, so that one that is not is seen before it takes hours; the worst of them is then made
    a megabyte long. A machine that has other work to do is asked a second time."""
    use, size = PATTERNS[name], CUT.get(name, SIZE)
    number = 0
    for screened in (3_000, 30_000):
        length, most = min(size, screened), max(0.1, 3 * SECONDS * screened / size)
        spent = [seconds(use, text) for text in worst_inputs(use.pattern, length)]
        number = spent.index(max(spent))
        assert spent[number] < most or again(use, length, number) < most, f"{spent[number]:.2f} s: {begin(use, number)!r}"
    taken = again(use, size, number)
    assert min(taken, again(use, size, number) if taken > SECONDS else taken) < SECONDS, (
        f"{taken:.1f} s: {begin(use, number)!r}"
    )


def again(use: Use, size: int, number: int) -> float:
    return seconds(use, next(islice(worst_inputs(use.pattern, size), number, None)))


def begin(use: Use, number: int) -> str:
    """How the worst input begins."""
    return next(islice(worst_inputs(use.pattern, 60), number, None))[:100]


@pytest.mark.parametrize("bad", [r"<blockquote.*?class=.*?tweet.*?>", r"\s+$", r"<!--.*?-->", r"(?:a|b)*c.*d", r"\w+@\w+"])
def test_a_pattern_that_is_not_linear_is_seen(bad: str) -> None:
    use = Use(re.compile(bad, re.DOTALL), anywhere=True)
    assert any(
        seconds(use, text) > max(0.1, 3 * SECONDS * screened / SIZE)
        for screened in (3_000, 30_000)
        for text in worst_inputs(use.pattern, screened)
    )

"""Regular expressions that are compiled when they are first used: a command pays only for those that it needs.

Most of a short command's time would go into compiling patterns for what its article has not.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False  # `typing` itself takes a tenth of the time of `find`
if TYPE_CHECKING:
    from typing import Any, AnyStr

_USED = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")


class Lazy:
    """A pattern that is not compiled yet, and does all that one does."""

    def __init__(self, text: str | bytes, flags: int | re.RegexFlag) -> None:
        self._written = text, flags

    def compiled(self) -> re.Pattern[Any]:
        """The pattern itself."""
        return re.compile(*self._written)

    def __getattr__(self, name: str) -> Any:
        if name not in _USED:
            raise AttributeError(name)
        compiled = self.compiled()
        for method in _USED:  # from now on these are found at once
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def pattern(text: AnyStr, flags: int | re.RegexFlag = 0) -> re.Pattern[AnyStr]:
    """`re.compile(text, flags)`, when it is first used."""
    return Lazy(text, flags)  # type: ignore[return-value]

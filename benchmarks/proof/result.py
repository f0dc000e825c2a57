"""What a proof came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """What was aimed at and what was measured. `met` is None where it could not be tried here; `measured` then says why."""

    name: str
    target: str
    measured: str
    met: bool | None
    figures: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """The same for a line of JSON."""
        return {name: getattr(self, name) for name in ("name", "target", "measured", "met", "figures")}

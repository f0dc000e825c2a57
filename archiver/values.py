"""Values: named fields, given once. What `@dataclass(frozen=True)` makes, for those that `find` needs.

Importing `dataclasses` takes nearly as long as starting Python does, and each class that it writes code for another half of a
millisecond. A Value has none written. What `dataclasses` offers for its own (`replace`, `asdict`, `fields`) takes Values too.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import Field, replace
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_):
        """Tells type checkers how such classes are made, and nobody else anything."""
        return lambda made: made

    def replace(value, /, **changes):
        """The value with some fields changed, as `dataclasses` does it."""
        return value.__replace__(**changes)


__all__ = ["Value", "replace"]


class _Described:
    """The names and types of the fields as `dataclasses` describes them, by which it knows its own: made when it asks."""

    def __get__(self, value: Value | None, kind: type[Value]) -> dict[str, Field[Any]]:
        from dataclasses import fields, make_dataclass  # only here: who asks has imported it already

        return {one.name: one for one in fields(make_dataclass(kind.__name__, kind.__annotations__.items()))}


@dataclass_transform(frozen_default=True)
class Value:
    """Base of all, and of nothing that has values made from it. Annotated names are fields, those without a default first."""

    __dataclass_fields__ = _Described()
    _fields: tuple[str, ...]
    _defaults: dict[str, Any]

    def __init_subclass__(cls) -> None:
        cls._fields = tuple(cls.__annotations__)
        cls._defaults = {name: vars(cls)[name] for name in cls._fields if name in vars(cls)}

    def __init__(self, *given: Any, **named: Any) -> None:
        fields = self._fields
        placed = dict(zip(fields, given, strict=False))
        values = {**self._defaults, **placed, **named}
        if len(placed) < len(given) or placed.keys() & named.keys() or values.keys() != set(fields):
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(fields)}")
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} is given once")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} stays")

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._fields)})"

    def __replace__(self, /, **changes: Any) -> Self:
        return type(self)(**{name: getattr(self, name) for name in self._fields} | changes)

    def _values(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name in self._fields])

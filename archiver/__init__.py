"""Find the posts that a saved article embeds, work out which posts they are, and keep them as evidence.

`find_embeds` and `save` do what the commands of the same names do. Everything is imported when it is first asked for, so that
the command line answers at once.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["SaveReport", "__version__", "find_embeds", "save"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from archiver.api import SaveReport, find_embeds, save


def __getattr__(name: str) -> Any:
    if name in __all__:
        from archiver import api

        return getattr(api, name)
    raise AttributeError(f"module 'archiver' has no attribute {name!r}")

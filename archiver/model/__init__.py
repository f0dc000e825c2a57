"""The values that travel from room to room. Frozen, no input or output.

Those that finding needs are here at once; the others when they are first asked for, for making dataclasses takes time.
"""

from __future__ import annotations

from archiver.model.finding import Article, Embed, Evidence, Format, Marks, Platform, PostRef, ShortLink, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from archiver.model.saving import (
        Activity,
        Anchor,
        AnchorKind,
        AnchorState,
        Answer,
        ArticleFacts,
        ArticleMedium,
        Availability,
        Capture,
        CaptureLine,
        Card,
        Claim,
        Doing,
        Exchange,
        Failure,
        Framing,
        Get,
        Head,
        Identity,
        Known,
        Link,
        Listing,
        Look,
        MediaKept,
        Memento,
        Origin,
        Outcome,
        Poll,
        Post,
        Precision,
        Purpose,
        Reading,
        RecordRef,
        RunFacts,
        Rung,
        Sighting,
        Spill,
        State,
        Tls,
        Wanted,
        Watch,
        WebArchive,
        certainty,
        unwatched,
    )

# fmt: off
__all__ = [
    "Activity", "Anchor", "AnchorKind", "AnchorState", "Answer", "Article", "ArticleFacts", "ArticleMedium",
    "Availability", "Capture", "CaptureLine", "Card", "Claim", "Doing", "Embed", "Evidence", "Exchange", "Failure",
    "Format", "Framing", "Get", "Head", "Identity", "Known", "Link", "Listing", "Look", "Marks", "MediaKept",
    "Memento", "Origin", "Outcome", "Platform", "Poll", "Post", "PostRef", "Precision", "Purpose", "Reading",
    "RecordRef", "RunFacts", "Rung", "ShortLink", "Sighting", "Spill", "State", "Tls", "Verdict", "Wanted", "Watch",
    "WebArchive", "certainty", "unwatched",
]
# fmt: on


def __getattr__(name: str) -> Any:
    if name in __all__:
        from archiver.model import saving

        return globals().setdefault(name, getattr(saving, name))
    raise AttributeError(f"module 'archiver.model' has no attribute {name!r}")

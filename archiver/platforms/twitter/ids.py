"""What the numbers and names of X's posts hold: when a post was made, and the token that the embed widget sends."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from archiver.model import PostRef

_SNOWFLAKE_EPOCH_MS = 1288834974657
_FIRST_SNOWFLAKE = 29700859247  # ids before it were handed out one after another and hold no time


def snowflake_time(snowflake: int) -> datetime | None:
    """When an id was made, UTC to the millisecond; None for ids from before ids held a time (November 2010)."""
    if snowflake < _FIRST_SNOWFLAKE:
        return None
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        return epoch + timedelta(milliseconds=(snowflake >> 22) + _SNOWFLAKE_EPOCH_MS)
    except OverflowError:
        return None


def posted(ref: PostRef) -> datetime | None:
    """When the post was made, read from its id alone."""
    return snowflake_time(int(ref.post_id))


def syndication_token(post_id: str) -> str:
    """The token that the embed widget sends: the id's digits as a JavaScript engine writes (id / 1e15 * pi) in base 36,
    without its zeros and its point."""
    return re.sub(r"0+|\.", "", _in_base_36(float(int(post_id)) / 1e15 * math.pi))


def _in_base_36(value: float) -> str:
    """`Number.prototype.toString(36)`: just enough digits to tell the number from its neighbours, the last one rounded."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    whole, fraction = int(value), value - int(value)
    gap = max((math.nextafter(value, math.inf) - value) / 2, math.nextafter(0.0, 1.0))
    places: list[int] = []
    while fraction >= gap:
        fraction *= 36
        gap *= 36
        places.append(int(fraction))
        fraction -= places[-1]
        if (fraction > 0.5 or (fraction == 0.5 and places[-1] % 2)) and fraction + gap > 1:
            while places and places[-1] == 35:
                places.pop()
            if places:
                places[-1] += 1
            else:
                whole += 1
            break
    head = ""
    while True:
        whole, digit = divmod(whole, 36)
        head = digits[digit] + head
        if not whole:
            break
    return head + ("." + "".join(digits[place] for place in places) if places else "")

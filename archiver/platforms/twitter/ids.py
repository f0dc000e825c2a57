"""What the numbers and names of X's posts and media hold: when each was made, and the token that the embed widget sends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from archiver import addresses
from archiver.model import PostRef
from archiver.patterns import pattern

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


def snowflake_at(moment: datetime) -> int:
    """The least id that a post made at that time can have; that of the first snowflake for any earlier time."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = since // timedelta(milliseconds=1) - _SNOWFLAKE_EPOCH_MS
    return max(milliseconds << 22, _FIRST_SNOWFLAKE)


def id_prefixes(first: int, last: int, most: int = 2) -> tuple[str, ...]:
    """The digits that the ids from `first` to `last` begin with: for each length of id `most` prefixes at most.

    They cover every id between the two, and ids outside too: what is found by them has to be looked at again.
    """
    prefixes: list[str] = []
    while first <= last:
        end = min(last, 10 ** len(str(first)) - 1)  # ids of one length at a time
        cut = 0
        while (end // 10**cut) - (first // 10**cut) >= most and cut + 1 < len(str(first)):
            cut += 1
        prefixes += [str(prefix) for prefix in range(first // 10**cut, end // 10**cut + 1)]
        first = end + 1
    return tuple(prefixes)


_NAMED = pattern(r"^/(?:media|tweet_video|tweet_video_thumb)/([A-Za-z0-9_-]{15})(?![A-Za-z0-9_-])")
_NUMBERED = pattern(r"^/(?:ext_tw_video|amplify_video)(?:_thumb)?/([0-9]{10,20})/")


def media_id(name: str) -> int | None:
    """The snowflake that a photo's name holds: the first 8 bytes of its first 11 characters as base64url; None where none is.

    Published for the 15 characters that names of `pbs.twimg.com/media/` have.
    """
    import base64  # only here: few articles name such media

    try:
        return int.from_bytes(base64.b64decode(name[:11] + "=", b"-_", validate=True)[:8], "big")
    except ValueError:
        return None


def media_made(url: str) -> datetime | None:
    """When the photo or video of an address was uploaded, by its name or number; None for any other address.

    A post is never older than its media: mostly seconds younger, days where it was drafted, or where the media is used again.
    A `card_img` number is another thing's.
    """
    parts = addresses.split(url)
    if parts is None or parts[0] not in ("pbs.twimg.com", "video.twimg.com"):
        return None
    named, numbered = _NAMED.match(parts[1]), _NUMBERED.match(parts[1])
    number = media_id(named[1]) if named else int(numbered[1]) if numbered else None
    made = snowflake_time(number) if number is not None else None
    return made if made is not None and made <= datetime.now(UTC) else None


def syndication_token(post_id: str) -> str:
    """The token that the embed widget sends: the id's digits as a JavaScript engine writes (id / 1e15 * pi) in base 36,
    without its zeros and its point."""
    import math  # only here: finding makes no tokens

    return re.sub(r"0+|\.", "", _in_base_36(float(int(post_id)) / 1e15 * math.pi))


def _in_base_36(value: float) -> str:
    """`Number.prototype.toString(36)`: just enough digits to tell the number from its neighbours, the last one rounded."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    whole, fraction = int(value), value - int(value)
    import math

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

"""The stand-in web: exchanges that people write by hand, or any WARC file, asked by address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archiver.errors import UsageError
from archiver.model import Answer
from archiver.standins.folder import Folder
from archiver.standins.warc import Warc

WARC_SUFFIXES = (".warc", ".warc.gz")


def open_web(path: Path) -> StandInWeb:
    """The stand-ins at `path`: a WARC file, a folder of `.http` files, or a folder of WARC files.

    Raises UsageError where it is none of these, or where one of its files is broken.
    """
    try:
        if path.is_dir():
            warcs = sorted(file for file in path.iterdir() if file.name.lower().endswith(WARC_SUFFIXES))
            return StandInWeb(Folder(path) if not warcs else Warc(warcs))
        if path.is_file() and path.name.lower().endswith(WARC_SUFFIXES):
            return StandInWeb(Warc([path]))
        found = path.exists()
    except OSError as error:
        raise UsageError(f"--fixtures {path}: cannot be read: {error.strerror}") from None
    if not found:
        raise UsageError(f"--fixtures {path}: no such file or folder")
    raise UsageError(f"--fixtures {path}: give a folder of .http files, or a file ending in {' or '.join(WARC_SUFFIXES)}")


class StandInWeb:
    """Answers for an address as it is written; failing that, for the same address with its query in another order."""

    def __init__(self, source: Folder | Warc) -> None:
        self._source = source
        self._loose = {(method, _loose(url)): url for method, url in source.addresses()}

    def answer(self, method: str, url: str) -> Answer | None:
        url = url.partition("#")[0]
        exact = self._source.answer(method, url)
        if exact is not None:
            return exact
        same = self._loose.get((method, _loose(url)))
        return self._source.answer(method, same) if same is not None else None


def _loose(url: str) -> str:
    """What two spellings of one address have in common: host case, an empty path, the order and escaping of the query."""
    parts = urlsplit(url)
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", query, ""))

"""The command line: arguments → settings → pipeline → print. The only room that prints.

`commands` says what each command may be told. The plain forms of `find` and `verify`, as programs and cron call them, are
begun without it: click takes longer to be imported than an article to be read.
"""

from __future__ import annotations

import gc
import os
import sys

from archiver.cli.words import escape_what_cannot_be_written, fault, let_go, open_what_is_closed, warn
from archiver.errors import ArchiverError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn


def main(arguments: list[str] | None = None) -> NoReturn:
    """The program. Ends the process with the exit status that `--help` lists."""
    sys.excepthook = fault
    open_what_is_closed()
    escape_what_cannot_be_written()
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        arguments = sys.argv[1:] if arguments is None else arguments
        if (checked := _plain_verify(arguments)) is not None:
            gc.disable()
            from archiver.cli.verify import run as verify

            gc.enable()
            gc.freeze()
            return verify(*checked)
        plain = _plain_find(arguments)
        if plain is not None:
            gc.disable()  # what is imported stays: the collector would look through it time and again, in vain
            from archiver.cli.find import run

            gc.enable()
            gc.freeze()
            return run(*plain)
        from archiver.cli import commands

        return commands.run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        warn("stopped; what was reported as saved is kept")
        return 130
    except ArchiverError as error:
        warn(str(error))
        return error.status
    except BrokenPipeError:
        let_go(sys.stdout)  # the reader has gone
        return 1
    except OSError as error:
        warn(str(error))
        try:
            sys.stdout.flush()
        except OSError:
            let_go(sys.stdout)
        return 74


def _plain_find(arguments: list[str]) -> tuple[list[str], bool] | None:
    """The sources of `find [--json] SOURCE...` and whether JSON is wanted; None for anything that click must read."""
    if arguments[:1] != ["find"] or os.name == "nt":  # there click also takes wild cards for what they stand for
        return None
    sources = [one for one in arguments[1:] if one != "--json"]
    if not sources or any(one.startswith("-") and one != "-" for one in sources):
        return None
    return sources, "--json" in arguments


def _plain_verify(arguments: list[str]) -> tuple[Path, bool] | None:
    """The archive of `verify [--json] [--archive DIR]` and whether JSON is wanted; None for anything that click must read."""
    if arguments[:1] != ["verify"]:
        return None
    from pathlib import Path

    from archiver.limits import ARCHIVE

    told = [one for one in arguments[1:] if one != "--json"]
    if not told:
        return ARCHIVE, "--json" in arguments
    if len(told) == 2 and told[0] == "--archive" and not told[1].startswith("-"):
        return Path(told[1]), "--json" in arguments
    return None

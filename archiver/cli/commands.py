"""The commands and what each may be told: arguments → settings.

A command's work is imported when it runs: `--help` and a refused argument pay for click alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from archiver import __version__
from archiver.cli.words import refuse, warn
from archiver.limits import ARCHIVE, MAX_ARTICLE_BYTES
from archiver.settings import Settings

EXIT_STATUS = """\b
Exit status:
  0   done: each embed saved, or gone or unidentified with all that remains kept
  1   something failed or is partial, is named, and may succeed later; `verify`: not all is as it was written
  2   the call is wrong
  3   the archive is damaged
  74  an I/O error, such as a full disk
  75  another run holds the archive
  130 stopped from the keyboard, 143 by SIGTERM; what was reported is kept, the next run does the rest"""

ANCHOR_DEADLINE_SECONDS = 60.0

_archive = click.option(
    "--archive",
    type=click.Path(path_type=Path),
    default=ARCHIVE,
    show_default=True,
    metavar="DIR",
    help="The archive: archive.db and warc/ are in it.",
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line on standard output, nothing else there.")
_operator = click.option(
    "--operator", default="", metavar="NAME", help="Who does this, for the record, if they want to be named. Else: withheld."
)
_sources = click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
_allow_private = click.option(
    "--allow-private",
    multiple=True,
    metavar="PLACE",
    help="Connect to this host, address or network too, :PORT behind it or not. May be given again.",
)
_tsa_roots = click.option(
    "--tsa-roots",
    type=click.Path(path_type=Path),
    envvar="ARCHIVER_TSA_ROOTS",
    metavar="FILE",
    help="PEM: the root certificates that you trust for RFC 3161. Without them no signature is checked, and it is said so.",
)
_proxy = click.option("--proxy", metavar="URL", help="Ask through this HTTP proxy. What it connects to is for it to check.")
_max_article = click.option(
    "--max-article-bytes",
    type=click.IntRange(min=1),
    default=MAX_ARTICLE_BYTES,
    show_default=True,
    metavar="N",
    help="Refuse articles that are larger.",
)


def _anchor_options(tsa: str, ots: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Who is asked for time stamps. A cron job may name them in the environment."""
    options = (
        click.option(
            tsa,
            "tsa",
            multiple=True,
            envvar="ARCHIVER_ANCHOR_TSA",
            metavar="URL",
            help="Have the ledger's head stamped by this RFC 3161 authority. It learns a digest. May be given again.",
        ),
        click.option(
            ots,
            "ots",
            multiple=True,
            envvar="ARCHIVER_ANCHOR_OTS",
            metavar="URL",
            help="Have it stamped by this OpenTimestamps calendar: pending for some hours. May be given again.",
        ),
        _tsa_roots,
    )

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=EXIT_STATUS)
@click.version_option(__version__, prog_name="archiver", message="%(prog)s %(version)s")
def cli() -> None:
    """Find the posts that saved news articles embed, work out which posts they are, and keep them as evidence: WARC
    files, and an index in SQLite that says where every byte came from.

    SOURCE is a file (.html .htm .xhtml .md .markdown .mdx .txt .mht .mhtml .eml .warc .warc.gz .wacz), a folder of
    such files, an http(s) address, or - for standard input.
    """


@cli.command("find")
@_sources
@_archive
@_json
@_max_article
def find_command(sources: tuple[str, ...], archive: Path, as_json: bool, max_article_bytes: int) -> None:
    """What do these articles embed? Fetches nothing.

    For an address, the newest copy that the archive holds is read.
    """
    from archiver.cli.find import run

    _end(run(sources, as_json, archive, max_article_bytes))


@cli.command("save", epilog=EXIT_STATUS)
@_sources
@_archive
@click.option(
    "--fixtures",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PATH",
    help="Stand-ins: a folder of .http files, a WARC file, or a folder of WARC files. May be given again.",
)
@click.option("--offline", is_flag=True, help="Open no socket: what has no stand-in fails as such.")
@click.option(
    "--no-web-archives",
    is_flag=True,
    help="Do not ask the Wayback Machine where a post is gone, or where nothing else names it.",
)
@click.option(
    "--timemap",
    "timemaps",
    multiple=True,
    metavar="URL",
    help="The beginning of another archive's or an aggregator's TimeMaps, asked for a post that is gone and that the Wayback"
    " Machine has no copy of. It learns which post is looked for. May be given again.",
)
@click.option(
    "--timegate",
    "timegates",
    multiple=True,
    metavar="URL",
    help="The beginning of an archive's or an aggregator's TimeGates, asked for the copy nearest to when the post was made, as"
    " --timemap is. May be given again.",
)
@click.option("--no-article-media", is_flag=True, help="Do not keep the images and videos of the article itself.")
@click.option("--thread", is_flag=True, help="Also ask for the posts above one that replies, up to 20.")
@click.option("--links", is_flag=True, help="Also keep the pages that a post's links lead to.")
@click.option(
    "--mirrors", is_flag=True, help="Ask third parties for what the platform does not show. They learn what is asked for."
)
@click.option("--strict", is_flag=True, help="Exit with 1 unless every embed is saved.")
@click.option(
    "--contact", default="", metavar="WORDS", help="An address or page for the User-Agent: whom a site's owner may write to."
)
@click.option("--robots", is_flag=True, help="Leave alone what a site's robots.txt disallows. It is read and kept either way.")
@click.option(
    "--pace",
    type=click.FloatRange(0, 86_400),
    callback=lambda _context, _option, value: _a_number(value),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Between requests to one host.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    metavar="N",
    help="Exchanges under way side by side, each with another host.",
)
@click.option(
    "--max-body-bytes",
    type=click.IntRange(min=1),
    default=512 * 1024 * 1024,
    show_default=True,
    metavar="N",
    help="Cut what is larger; the record says so.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(min=1),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Cut what takes longer; the record says so.",
)
@click.option(
    "--cookies",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Send these cookies: a file in Netscape's format. They are not kept.",
)
@_proxy
@_allow_private
@_anchor_options("--anchor-tsa", "--anchor-ots")
@click.option(
    "--anchor", is_flag=True, envvar="ARCHIVER_ANCHOR", help="Afterwards put the head of the ledger down, as `anchor` does."
)
@_operator
@click.option("--quiet", is_flag=True, help="Print problems only.")
@click.option(
    "--log", type=click.Path(path_type=Path), metavar="FILE", help="Add what happens to this file, one JSON object a line."
)
@_json
@_max_article
def save_command(
    sources: tuple[str, ...],
    archive: Path,
    fixtures: tuple[Path, ...],
    offline: bool,
    no_web_archives: bool,
    timemaps: tuple[str, ...],
    timegates: tuple[str, ...],
    no_article_media: bool,
    thread: bool,
    links: bool,
    mirrors: bool,
    strict: bool,
    contact: str,
    robots: bool,
    pace: float,
    concurrency: int,
    max_body_bytes: int,
    deadline: float,
    cookies: Path | None,
    proxy: str | None,
    allow_private: tuple[str, ...],
    anchor: bool,
    tsa: tuple[str, ...],
    ots: tuple[str, ...],
    tsa_roots: Path | None,
    operator: str,
    quiet: bool,
    log: Path | None,
    as_json: bool,
    max_article_bytes: int,
) -> None:
    """Find, identify, fetch, write WARC, index.

    Saving again adds what is new, asks for nothing that is held already, and loses nothing.
    """
    from archiver.cli.save import run

    settings = Settings(
        archive=archive,
        fixtures=fixtures,
        offline=offline,
        strict=strict,
        web_archives=not no_web_archives,
        timemaps=timemaps,
        timegates=timegates,
        article_media=not no_article_media,
        thread=thread,
        links=links,
        mirrors=mirrors,
        command=_command(),
        operator=operator,
        max_article_bytes=max_article_bytes,
        contact=contact,
        robots=robots,
        pace_seconds=pace,
        concurrency=concurrency,
        max_body_bytes=max_body_bytes,
        deadline_seconds=deadline,
        cookies=cookies,
        proxy=proxy,
        allow_private=allow_private,
        anchor=anchor or bool(tsa or ots),
        anchor_tsa=tsa,
        anchor_ots=ots,
        tsa_roots=tsa_roots,
    )
    _end(run(sources, settings, as_json, quiet=quiet, log=log))


@cli.command("show")
@click.argument("what", required=False, metavar="[ARTICLE | POST | URL]")
@_archive
@_json
def show_command(what: str | None, archive: Path, as_json: bool) -> None:
    """Where did this come from? The whole chain, from the article's line to the bytes in the WARC.

    ARTICLE: its file, address, or the beginning of its SHA-256. POST: its address or id. URL: any address that was
    asked for. Without one: what the archive holds.
    """
    from archiver.cli.show import run

    _end(run(what, archive, as_json))


@cli.command("verify", epilog=EXIT_STATUS)
@_archive
@click.option("--deep", is_flag=True, help="Unpack each WARC record, too, and compare its own digests.")
@click.option(
    "--anchor",
    "anchors",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PLACE",
    help="A head of the ledger that was kept elsewhere, or a folder of them with their time stamps: what came before it must"
    " still be there. May be given again.",
)
@_tsa_roots
@click.option(
    "--block-header",
    "headers",
    multiple=True,
    metavar="HEIGHT:HEX",
    help="The header of a Bitcoin block, which an OpenTimestamps proof must lead to. May be given again.",
)
@_json
def verify_command(
    archive: Path, deep: bool, anchors: tuple[Path, ...], tsa_roots: Path | None, headers: tuple[str, ...], as_json: bool
) -> None:
    """Is everything still there and unaltered? Names what is not, and exits with 1.

    Every stored byte is compared with its digest, every row with the ledger. Changes nothing.
    """
    from archiver.cli.verify import run

    _end(run(archive, as_json, deep=deep, anchors=anchors, roots=tsa_roots, headers=headers))


@cli.command("anchor", epilog=EXIT_STATUS)
@_archive
@_anchor_options("--tsa", "--ots")
@click.option(
    "--to",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="PLACE",
    help="Also copy the head to this file, - for standard output; or to this folder, with its time stamps.",
)
@click.option(
    "--give-up", multiple=True, metavar="URL", help="Try the requests that are pending there no more. May be given again."
)
@_proxy
@_allow_private
@_json
def anchor_command(
    archive: Path,
    tsa: tuple[str, ...],
    ots: tuple[str, ...],
    tsa_roots: Path | None,
    to: Path | None,
    give_up: tuple[str, ...],
    proxy: str | None,
    allow_private: tuple[str, ...],
    as_json: bool,
) -> None:
    """Put the head of the ledger down where nobody who can write to the archive can change it.

    It goes to a file in anchors/, and to each authority that is named. What is pending from earlier runs is tried again.
    Exits with 1 while something is pending.
    """
    from archiver.anchoring import Authorities
    from archiver.cli.anchor import run

    settings = Settings(
        archive=archive,
        command=_command(),
        deadline_seconds=ANCHOR_DEADLINE_SECONDS,
        proxy=proxy,
        allow_private=allow_private,
        anchor=True,
        anchor_tsa=tsa,
        anchor_ots=ots,
        tsa_roots=tsa_roots,
    )
    _end(run(settings, Authorities(tsa, ots, tsa_roots, give_up), to, as_json))


@cli.command("reindex", epilog=EXIT_STATUS)
@_archive
def reindex_command(archive: Path) -> None:
    """Make archive.db anew from the WARC files alone.

    For where it is lost or damaged: the ledger's WARC files hold every row. The chain goes on as it was, so heads that
    were kept elsewhere still hold. The old index, where there is one, goes to quarantine/.
    """
    from archiver.cli.reindex import run

    _end(run(archive, _command()))


@cli.command("withhold", epilog=EXIT_STATUS)
@click.argument("what", nargs=-1, required=True, metavar="WHAT...")
@_archive
@click.option(
    "--why", required=True, metavar="TEXT", help="The reason, for the record. It is in every export, so name nobody in it."
)
@click.option("--release", is_flag=True, help="Withhold it no longer: the next export has it again.")
@_operator
@_json
def withhold_command(what: tuple[str, ...], archive: Path, why: str, release: bool, operator: str, as_json: bool) -> None:
    """Keep a post, an article or a record out of every export: for a person at risk, or because the law asks.

    WHAT is a post (its address or id), an article (its file, address, or the beginning of its SHA-256), an address that
    was asked for, or a record's id. All that holds its words or pictures goes with it. Nothing is removed from the
    archive itself, and that this was done is in its ledger.
    """
    from archiver.cli.withhold import run

    _end(run(what, archive, why, as_json, release=release, operator=operator))


@cli.command("export", epilog=EXIT_STATUS)
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@_archive
@click.option("--without-paths", is_flag=True, help="Also leave out names of files and folders of the machine that saved.")
@_operator
@_json
def export_command(folder: Path, archive: Path, without_paths: bool, operator: str, as_json: bool) -> None:
    """Copy the archive for handing over, without what is withheld.

    FOLDER must not be there, or be empty. The copy has the WARC files, the index, a verifier that needs Python alone, and
    a README that says how to check it. That it was made is in the ledger.
    """
    from archiver.cli.export import run

    _end(run(folder, archive, as_json, _command(), paths=not without_paths, operator=operator))


def _command() -> str:
    return " ".join(["archiver", *sys.argv[1:]])


def _a_number(value: float) -> float:
    if value != value:  # "nan" passes for a float, and lies in every range
        raise click.BadParameter("nan is no number of seconds.")
    return value


def _end(status: int) -> NoReturn:
    raise click.exceptions.Exit(status)


def run(arguments: list[str] | None) -> int:
    """The exit status of a command; None: of the one that the process was started with."""
    try:
        result: Any = cli.main(arguments, prog_name="archiver", standalone_mode=False)
    except click.ClickException as error:
        refuse(error)
        return error.exit_code
    except click.Abort:
        warn("stopped; what was reported as saved is kept")
        return 130
    return result if isinstance(result, int) else 0

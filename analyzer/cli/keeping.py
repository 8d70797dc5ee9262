"""``kimpact cache``: what earlier runs have kept, and how to be rid of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TextIO

from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.options import Commands, Parser, command_of
from analyzer.errors import BadInput

if TYPE_CHECKING:
    from analyzer.cache.places import CacheTrouble
    from analyzer.cache.store import Contents, EntryStore

SCHEMA = "kimpact/cache/1"

_TEXT = """\
Answers of earlier runs are kept and used again as long as nothing that they came from has
changed: below $XDG_CACHE_HOME/kimpact/results, or ~/.cache/kimpact/results. They take at
most KIMPACT_CACHE_SIZE bytes (K, M and G count 1024 each; default 256M; 0 keeps nothing);
those that were not used for the longest time are dropped first.
"""


def add_cache(commands: Commands[Parser]) -> None:
    """Add the command to a command line."""
    group = command_of(commands, "cache", "show or clear what earlier runs have kept", _TEXT)
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    info = "show where kept answers lie and how much room they take"
    clear = "remove kept answers and what killed runs left behind, nothing else"
    for name, text in (("info", info), ("clear", clear)):
        command = command_of(actions, name, text, f"{text[0].upper()}{text[1:]}.")
        command.add_argument(
            "--format",
            choices=("text", "json"),
            default="text",
            help="lines for people (default), or JSON as in docs/schema/cache-1.json",
        )


def run_cache(options: argparse.Namespace, stdout: TextIO) -> ExitStatus:
    """Run ``kimpact cache``; raises :class:`BadInput` for a folder that cannot be used."""
    from analyzer.cache.places import size_limit, user_folder
    from analyzer.cache.store import EntryStore

    folder = user_folder()
    if folder is None:
        raise BadInput("there is no home folder, so nothing is kept (XDG_CACHE_HOME names one)")
    store = EntryStore(folder, size_limit())
    cleared = options.action == "clear"
    try:
        found = store.clear() if cleared else store.contents()
    except OSError as error:
        raise BadInput(f"cannot be used: {error.strerror}", str(folder)) from None
    if options.format == "json":
        stdout.write(_json(store, found, cleared=cleared))
    else:
        stdout.write(_removed(store, found) if cleared else _information(store, found))
    return ExitStatus.DONE


def tell_trouble(trouble: CacheTrouble, stderr: TextIO) -> None:
    """Say in one line why nothing could be kept, if that is so."""
    from analyzer.report.visible import one_line

    if trouble.reason:
        text = one_line(f"note: nothing is kept for the next run: {trouble.reason}")
        stderr.write(f"kimpact: {text.encode('ascii', 'backslashreplace').decode('ascii')}\n")


def _information(store: EntryStore, found: Contents) -> str:
    from analyzer.report.visible import visible

    room = _bytes(store.limit) if store.limit else "0, so nothing is kept"
    lines = [
        f"folder      {visible(str(store.folder))}",
        f"entries     {found.entries}",
        f"size        {_bytes(found.bytes)} (limit: {room})",
    ]
    if found.unfinished:
        lines.append(f"unfinished  {found.unfinished}, being written or left by killed runs")
    if found.foreign:
        lines.append(f"other       {found.foreign}, not kimpact's and left alone")
    return "".join(f"{line}\n" for line in lines)


def _removed(store: EntryStore, found: Contents) -> str:
    from analyzer.report.visible import visible

    what = "1 entry" if found.entries == 1 else f"{found.entries} entries"
    text = f"removed {what} ({_bytes(found.bytes)}) from {visible(str(store.folder))}\n"
    if found.foreign:
        text += f"left alone: {found.foreign} that are not kimpact's\n"
    return text


def _json(store: EntryStore, found: Contents, *, cleared: bool) -> str:
    from analyzer.report.json_parts import document_text

    return document_text(
        {
            "schema": SCHEMA,
            "folder": str(store.folder),
            "limit": store.limit,
            "cleared": cleared,
            "entries": found.entries,
            "bytes": found.bytes,
            "unfinished": found.unfinished,
            "foreign": found.foreign,
        }
    )


def _bytes(number: int) -> str:
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if number >= 1 << shift:
            return f"{number / (1 << shift):.1f} {unit}"
    return f"{number} bytes"

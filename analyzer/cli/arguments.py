"""The commands and their options.

Nothing heavy is imported here: ``--version``, ``--help`` and usage errors are answered
before any part of the analysis is loaded.
"""

from __future__ import annotations

import argparse

from analyzer import __version__
from analyzer.cli.about import add_about
from analyzer.cli.changes import add_changes
from analyzer.cli.keeping import add_cache
from analyzer.cli.options import Commands, Parser, command_of
from analyzer.cli.questions import add_questions
from analyzer.cli.serving import add_serving
from analyzer.cli.settings import add_settings
from analyzer.cli.sweeping import add_sweeping

STATUSES = (
    (0, "the question was answered"),
    (1, "a finding that you asked to fail on"),
    (2, "bad input or usage; one line on stderr says what"),
    (101, "an error of kimpact itself"),
    (130, "interrupted"),
)
"""The exit statuses and what they say, as in the help and on the pages made from it."""

_STATUS_TEXT = "exit status:\n" + "".join(f"  {number:<5}{text}\n" for number, text in STATUSES)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; ``command`` names the chosen command."""
    top = Parser(
        prog="kimpact",
        description="True call paths of Linux kernel functions, per configuration, "
        "from sources alone.",
        epilog=_STATUS_TEXT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"kimpact {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    add_questions(commands)
    add_settings(commands)
    add_changes(commands)
    add_cache(commands)
    add_sweeping(commands)
    add_serving(commands)
    add_about(commands)
    _demo(commands)
    return top


def _demo(commands: Commands[Parser]) -> None:
    command = command_of(
        commands,
        "demo",
        "run 'paths' on the miniature kernel that comes with kimpact",
        "Run 'paths' on the miniature kernel that comes with kimpact, in four configurations.",
    )
    command.add_argument(
        "--format",
        choices=("tree", "html", "json"),
        default="tree",
        help="a tree for people (default), a page for a browser, or JSON",
    )
    command.add_argument(
        "--ascii", dest="ascii_only", action="store_true", help="draw the tree in plain ASCII"
    )

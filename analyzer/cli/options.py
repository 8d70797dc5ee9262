"""What the options of several commands have in common.

Nothing heavy is imported here: ``--version``, ``--help`` and usage errors are answered
before any part of the analysis is loaded.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from analyzer.errors import BadInput


class Parser(argparse.ArgumentParser):
    """Reports usage errors as :class:`BadInput` instead of printing and exiting."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message} (see '{self.prog} --help')")


Commands = argparse._SubParsersAction


def command_of(
    commands: Commands[Parser], name: str, help_text: str, text: str, end: str = ""
) -> Parser:
    return commands.add_parser(
        name,
        help=help_text,
        description=text,
        epilog=end,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def tree_options(command: Parser) -> argparse._ArgumentGroup:
    group = command.add_argument_group("what to analyse")
    group.add_argument(
        "--kernel",
        default=Path(),
        type=Path,
        metavar="DIR",
        help="the kernel's source tree (default: the current directory)",
    )
    group.add_argument(
        "--config",
        dest="configs",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="FILE",
        help="configurations: .config files, plain or as .xz or .gz (default: the tree's own)",
    )
    group.add_argument(
        "--config-dir",
        dest="config_dirs",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="DIR",
        help="folders of configurations: every file in them that is one, sorted by name",
    )
    group.add_argument(
        "--arch", default="x86", metavar="ARCH", help="architecture (default: %(default)s)"
    )
    group.add_argument(
        "--toolchain",
        type=Path,
        metavar="FILE",
        help="recorded answers to what the tree asks the compiler",
    )
    group.add_argument(
        "--jobs", type=positive, metavar="N", help="processes (default: one per processor)"
    )
    group.add_argument(
        "--no-cache", action="store_true", help="neither use nor keep results of earlier runs"
    )
    return group


def input_options(command: Parser) -> None:
    group = tree_options(command)
    group.add_argument(
        "--objtree",
        type=Path,
        metavar="DIR",
        help="an out-of-tree build folder whose generated headers are used",
    )
    group.add_argument(
        "--knowledge",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="more on what kernel functions mean, as in docs/knowledge.md; may be repeated",
    )
    group.add_argument(
        "--resolve",
        action="store_true",
        help="complete the configurations first, as 'make olddefconfig' would",
    )


def platform_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--platform",
        dest="platforms",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="look at these platforms only (native, xen-pv, xen-hvm, hyperv, kvm, vmware and "
        "what else the tree knows)",
    )


GRAPHS = ("dot", "mermaid", "svg")
"""The formats of a graph."""


def output_options(command: Parser, shape: str, schema: str, graphs: tuple[str, ...] = ()) -> None:
    """``graphs``: the formats of a graph that the command has."""
    group = command.add_argument_group("output")
    drawn = f", a graph as {', '.join(graphs)}" if graphs else ""
    group.add_argument(
        "--format",
        choices=("tree", "html", "json", *graphs),
        default="tree",
        help=f"a {shape} for people (default), a page for a browser (docs/html.md)"
        f"{drawn}, or JSON as in docs/schema/{schema}-1.json",
    )
    group.add_argument(
        "--ascii", dest="ascii_only", action="store_true", help=f"draw the {shape} in plain ASCII"
    )


def symbol_list(text: str) -> list[str]:
    names = [name.strip().removeprefix("CONFIG_") for name in text.split(",")]
    if not all(name.isidentifier() or name.isalnum() for name in names):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of CONFIG symbols")
    return names


def assignment(text: str) -> tuple[str, str]:
    variable, equals, command = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form VAR=COMMAND")
    return variable, command


def positive(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to 1000000")
    return int(text)

"""The commands about the installation itself: doctor and completions."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from analyzer.cli.configurations import own_config
from analyzer.cli.exit_status import ExitStatus
from analyzer.cli.options import Commands, Parser, command_of
from analyzer.errors import BadInput

SHELLS = ("bash", "zsh", "fish")

_DOCTOR_TEXT = """\
Say what is there (Python, libraries, extras, git, compilers, the cache folder and its
size, a kernel tree and configurations if named) and what is missing, with how to get
it. Exit status 0: all that is needed is there; 1: something needed is missing or cannot
be used.
"""

_DOCTOR_EXAMPLES = """\
examples:
  kimpact doctor
  kimpact doctor --kernel linux --config .config
"""

_COMPLETIONS_TEXT = """\
Write the completions of the command line for a shell. Needs the extra 'completions':
pip install 'kimpact[completions]'.
"""

_COMPLETIONS_EXAMPLES = """\
examples:
  kimpact completions bash > ~/.local/share/bash-completion/completions/kimpact
  kimpact completions zsh > ~/.zfunc/_kimpact
  kimpact completions fish > ~/.config/fish/completions/kimpact.fish
"""


def add_about(commands: Commands[Parser]) -> None:
    """Add these commands to a command line."""
    _doctor(commands)
    _completions(commands)


def _doctor(commands: Commands[Parser]) -> None:
    command = command_of(
        commands, "doctor", "say what is there and what is missing", _DOCTOR_TEXT, _DOCTOR_EXAMPLES
    )
    group = command.add_argument_group("what to look at, too")
    group.add_argument("--kernel", type=Path, metavar="DIR", help="a kernel's source tree")
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
        "--arch", default="x86", metavar="ARCH", help="architecture (default: %(default)s)"
    )
    output = command.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=("table", "json"),
        default="table",
        help="a table for people (default), or JSON as in docs/schema/doctor-1.json",
    )
    output.add_argument(
        "--ascii", dest="ascii_only", action="store_true", help="draw the table in plain ASCII"
    )


def _completions(commands: Commands[Parser]) -> None:
    command = command_of(
        commands,
        "completions",
        "write completions for a shell",
        _COMPLETIONS_TEXT,
        _COMPLETIONS_EXAMPLES,
    )
    command.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")


def run_doctor_command(options: argparse.Namespace, stdout: TextIO, _stderr: TextIO) -> ExitStatus:
    """Look, and print what was found."""
    from analyzer.pipeline.doctoring import run_doctor
    from analyzer.requests import DoctorRequest

    configs = tuple(options.configs)
    if options.kernel is not None and not configs and (own := own_config(options.kernel)):
        configs = (own,)
    result = run_doctor(DoctorRequest(options.kernel, configs, options.arch))
    if options.format == "json":
        from analyzer.report.json_doctor import doctor_json

        stdout.write(doctor_json(result))
    else:
        from analyzer.report.doctor import print_doctor

        print_doctor(result, stdout, ascii_only=options.ascii_only)
    return ExitStatus.DONE if result.healthy else ExitStatus.FINDING


def run_completions(options: argparse.Namespace, stdout: TextIO, _stderr: TextIO) -> ExitStatus:
    """Print the completions; raises :class:`BadInput` where shtab is missing."""
    from analyzer.cli.arguments import parser

    try:
        import shtab
    except ModuleNotFoundError:
        raise BadInput(
            "the package 'shtab' is missing: pip install 'kimpact[completions]' brings it"
        ) from None
    top = parser()
    for action in _actions(top):
        if action.type is Path:
            # shtab reads what completes an argument from this attribute.
            completes = shtab.DIRECTORY if action.metavar == "DIR" else shtab.FILE
            action.complete = completes  # type: ignore[attr-defined]
    text = shtab.complete(top, options.shell)
    stdout.write(text if text.endswith("\n") else f"{text}\n")
    return ExitStatus.DONE


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every argument of a parser and of the commands below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
        else:
            yield action

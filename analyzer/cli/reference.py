"""The command line as pages: read from the parser, so that no page can tell another story."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from analyzer import __version__
from analyzer.cli.arguments import STATUSES, parser
from analyzer.report.command_page import (
    Argument,
    ArgumentGroup,
    CommandPage,
    Manual,
    StatusMeaning,
)

_MANY = {"*": "...", "+": "..."}


def manual() -> Manual:
    """The pages of all commands, in the order of the help."""
    top = parser()
    return Manual(
        top.prog,
        __version__,
        top.description or "",
        tuple(_pages(top)),
        tuple(StatusMeaning(status, meaning) for status, meaning in STATUSES),
    )


def _pages(parent: argparse.ArgumentParser) -> Iterator[CommandPage]:
    for action in parent._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, command in action.choices.items():
            below = list(_pages(command))
            if below:
                yield from below
            else:
                yield _page(command, summaries[name])


def _page(command: argparse.ArgumentParser, summary: str) -> CommandPage:
    groups = []
    for group in command._action_groups:
        arguments = tuple(map(_argument, filter(_shown, group._group_actions)))
        if arguments:
            groups.append(ArgumentGroup(_title(group.title or ""), arguments))
    text = " ".join((command.description or "").split())
    return CommandPage(command.prog, summary, (text,), tuple(groups), _examples(command.epilog))


def _shown(action: argparse.Action) -> bool:
    return not isinstance(action, argparse._HelpAction) and action.help is not argparse.SUPPRESS


def _title(title: str) -> str:
    return {"positional arguments": "arguments"}.get(title, title)


def _argument(action: argparse.Action) -> Argument:
    text = (action.help or "") % {**vars(action), "prog": ""}
    choices = tuple(map(str, action.choices)) if action.choices is not None else ()
    return Argument(
        tuple(action.option_strings),
        _value(action, choices),
        " ".join(text.split()),
        choices,
        action.required and bool(action.option_strings),
    )


def _value(action: argparse.Action, choices: tuple[str, ...]) -> str:
    """What follows an option, or stands for a positional: ``FILE...``."""
    if action.nargs == 0:
        return ""
    name = action.metavar
    if not isinstance(name, str):
        name = "{" + ",".join(choices) + "}" if choices else action.dest.upper()
    value = name + _MANY.get(str(action.nargs), "")
    may_be_missing = not action.option_strings and action.nargs in ("*", "?")
    return f"[{value}]" if may_be_missing else value


def _examples(epilog: str | None) -> tuple[str, ...]:
    return tuple(re.findall(r"(?m)^  (kimpact .+)$", epilog or ""))

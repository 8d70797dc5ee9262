"""What a page about a command says, whatever it is written in.

``manpage`` and ``command_markdown`` write it; the command line fills it from its parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: ``names`` of an option (none for a positional), ``value`` what follows,
    as ``FILE...``, "" for nothing; ``choices`` where only these may be given."""

    names: tuple[str, ...]
    value: str
    help: str
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class ArgumentGroup:
    """Arguments under a heading."""

    title: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class CommandPage:
    """One command: ``name`` in full ("kimpact paths"), what ``summary`` and ``description`` say
    (paragraphs), its arguments and ``examples``, a command line each."""

    name: str
    summary: str
    description: tuple[str, ...]
    groups: tuple[ArgumentGroup, ...]
    examples: tuple[str, ...] = ()

    @property
    def synopsis(self) -> str:
        """How it is called: positionals, what is required, and that there is more."""
        every = [argument for group in self.groups for argument in group.arguments]
        words = [self.name]
        words += [one.value for one in every if not one.names]
        words += [f"{one.names[0]} {one.value}" for one in every if one.names and one.required]
        optional = any(one.names and not one.required for one in every)
        return " ".join([*words, *(["[OPTION]..."] if optional else [])])


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """One exit status and what it says."""

    status: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Manual:
    """The whole command line: what it is, its commands, and its exit status."""

    name: str
    version: str
    summary: str
    commands: Sequence[CommandPage]
    statuses: Sequence[StatusMeaning]

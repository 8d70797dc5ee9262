"""Answers to the shell probes of Kconfig files, without a shell.

A command is looked up in the toolchain profile. One that only compares or picks words
(``test``, ``[``, ``set --``, ``expr``) is worked out here, as the kernel's version checks
use it (``scripts/Kconfig.include``). What is left has no answer: the probe then counts as
failed, and a diagnostic says so with the symbol that asked.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from types import MappingProxyType

from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.toolchain import Toolchain
from analyzer.location import Location

_SUCCESS = re.compile(
    r'\{ (?P<body>.*); \} >/dev/null 2>&1 && echo "(?P<then>[^"]*)" \|\| echo "(?P<other>[^"]*)"',
    re.DOTALL,
)
_PICK = re.compile(r"set -- (?P<words>[^;&|<>`$]*?) *&& *echo \$(?P<index>\d)")
_META = re.compile(r"[;&|<>`$*?~\\\n]")

_COMPARE: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {
        "-eq": lambda a, b: a == b,
        "-ne": lambda a, b: a != b,
        "-lt": lambda a, b: a < b,
        "-le": lambda a, b: a <= b,
        "-gt": lambda a, b: a > b,
        "-ge": lambda a, b: a >= b,
    }
)


class Probes:
    """Answers one tree's probes from one profile; ``unanswered`` lists what it could not."""

    def __init__(self, toolchain: Toolchain, diagnostics: Diagnostics) -> None:
        self._toolchain = toolchain
        self._diagnostics = diagnostics
        self.unanswered: dict[str, str] = {}

    def describes_toolchain(self, variable: str) -> bool:
        """Whether an environment variable comes from the profile, not from the tree."""
        return variable in self._toolchain.environment

    def answer(self, command: str, symbol: str | None, location: Location) -> str:
        """The raw output of ``command``, asked at ``location`` for ``symbol`` if for one."""
        known = self._toolchain.answers.get(command)
        if known is None:
            known = _worked_out(command)
        if known is not None:
            return known
        if command not in self.unanswered:
            self.unanswered[command] = output = _failed(command)
            asked = "" if symbol is None else f" for CONFIG_{symbol}"
            self._diagnostics.warning(
                "probe-unanswered",
                f"toolchain profile {self._toolchain.name} has no answer to "
                f"{_short(command)!r}, asked{asked}; taken as failed: {output!r}",
                location,
            )
        return self.unanswered[command]

    def report_error(self, message: str, location: Location) -> None:
        """An ``error-if`` that holds, perhaps only for want of an answer."""
        self._diagnostics.warning(
            "kconfig-error-if", f"a build would stop here: {message}", location
        )

    def report_warning(self, message: str, location: Location) -> None:
        """A ``warning-if`` that holds."""
        self._diagnostics.warning("kconfig-warning-if", message, location)


def _short(command: str) -> str:
    return command if len(command) <= 100 else command[:97] + "..."


def _failed(command: str) -> str:
    """What the command prints if the probe in it fails; ``n`` where that is one of the two."""
    hit = _SUCCESS.fullmatch(command)
    if hit is None:
        return ""
    return "n" if "n" in (hit["then"], hit["other"]) else hit["other"]


def _worked_out(command: str) -> str | None:
    """The output of a command that asks nothing of the machine, or None."""
    if (hit := _SUCCESS.fullmatch(command)) is not None:
        holds = _status(hit["body"])
        return None if holds is None else (hit["then"] if holds else hit["other"]) + "\n"
    if (hit := _PICK.fullmatch(command)) is not None:
        words = _words(hit["words"])
        index = int(hit["index"])
        if words is None or not index:
            return None
        return (words[index - 1] if index <= len(words) else "") + "\n"
    words = _words(command)
    if words is not None and len(words) == 4 and words[0] == "expr":
        return _calculated(words[1], words[2], words[3])
    return None


def _words(text: str) -> list[str] | None:
    if _META.search(text):
        return None
    try:
        return shlex.split(text)
    except ValueError:
        return None


def _status(body: str) -> bool | None:
    """Whether ``test`` or ``[`` with these operands succeeds; None if it is another command."""
    words = _words(body)
    if not words:
        return None
    if words in (["true"], ["false"], [":"]):
        return words != ["false"]
    if words[0] == "[" and words[-1] == "]":
        words = ["test", *words[1:-1]]
    match words:
        case ["test", "!", *rest]:
            inverse = _status(shlex.join(["test", *rest]))
            return None if inverse is None else not inverse
        case ["test", "-z", text]:
            return not text
        case ["test", "-n", text]:
            return bool(text)
        case ["test", left, "=" | "==", right]:
            return left == right
        case ["test", left, "!=", right]:
            return left != right
        case ["test", left, operator, right] if operator in _COMPARE:
            if not (_is_number(left) and _is_number(right)):
                return False
            return _COMPARE[operator](int(left), int(right))
    return None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]{1,18}", text) is not None


def _calculated(left: str, operator: str, right: str) -> str | None:
    if not (_is_number(left) and _is_number(right)):
        return None
    a, b = int(left), int(right)
    match operator:
        case "+":
            return f"{a + b}\n"
        case "-":
            return f"{a - b}\n"
        case "/" if b:
            quotient = abs(a) // abs(b)
            return f"{quotient if (a < 0) == (b < 0) else -quotient}\n"
    return None

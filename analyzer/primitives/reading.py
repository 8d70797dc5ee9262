"""Reading one table of a knowledge file: typed values, and errors that say where.

An error names the file, the table with the entry's number (from 1), and the key.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import TypeVar

from analyzer.errors import BadInput

_Choice = TypeVar("_Choice", bound=enum.Enum)

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WORD = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

MAX_ARGUMENT = 31
"""The largest argument index that makes sense: no kernel function has so many."""


class Entry:
    """One entry of an array of tables; :meth:`finish` complains of keys nobody asked for."""

    __slots__ = ("_asked", "_file", "_number", "_table", "_values")

    def __init__(self, file: str, table: str, number: int, values: Mapping[str, object]) -> None:
        self._file = file
        self._table = table
        self._number = number
        self._values = values
        self._asked: set[str] = set()

    def fail(self, key: str | None, message: str) -> BadInput:
        """The error for ``key`` of this entry, or for the entry as a whole."""
        where = f"[[{self._table}]] entry {self._number}"
        if key is not None:
            where += f", key '{key}'"
        return BadInput(f"{where}: {message}", self._file)

    def texts(self, key: str, *, required: bool = True) -> tuple[str, ...]:
        """A list of texts, none empty; at least one if ``required``."""
        value = self._get(key)
        if value is None and not required:
            return ()
        if not isinstance(value, list) or not (value or not required):
            raise self.fail(key, f"expected a list of texts, got {_shown(value)}")
        for item in value:
            if not isinstance(item, str) or not item:
                raise self.fail(key, f"expected a list of texts, got {_shown(item)} in it")
        return tuple(value)

    def names(self, key: str) -> tuple[str, ...]:
        """A list of C identifiers, at least one."""
        found = self.texts(key)
        for name in found:
            if not _IDENTIFIER.fullmatch(name):
                raise self.fail(key, f"'{name}' is not a C identifier")
        return found

    def text(self, key: str) -> str:
        value = self._get(key)
        if not isinstance(value, str) or not value:
            raise self.fail(key, f"expected a text, got {_shown(value)}")
        return value

    def identifier(self, key: str) -> str:
        value = self.text(key)
        if not _IDENTIFIER.fullmatch(value):
            raise self.fail(key, f"'{value}' is not a C identifier")
        return value

    def word(self, key: str) -> str:
        """Lower-case words joined by hyphens, as labels in answers are."""
        value = self.text(key)
        if not _WORD.fullmatch(value):
            raise self.fail(key, f"expected lower-case words joined by hyphens, got '{value}'")
        return value

    def optional_word(self, key: str) -> str | None:
        return None if self._get(key) is None else self.word(key)

    def index(self, key: str) -> int:
        """The index of an argument, from 0."""
        value = self._get(key)
        plain = isinstance(value, int) and not isinstance(value, bool)
        if not plain or not isinstance(value, int) or not 0 <= value <= MAX_ARGUMENT:
            raise self.fail(key, f"expected the index of an argument, from 0, got {_shown(value)}")
        return value

    def optional_index(self, key: str) -> int | None:
        return None if self._get(key) is None else self.index(key)

    def flag(self, key: str) -> bool:
        """True or false; false where the key is missing."""
        value = self._get(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self.fail(key, f"expected true or false, got {_shown(value)}")
        return value

    def choice(self, key: str, kind: type[_Choice]) -> _Choice:
        """One of the values of an enumeration."""
        value = self._get(key)
        for member in kind:
            if member.value == value:
                return member
        allowed = ", ".join(str(member.value) for member in kind)
        raise self.fail(key, f"expected one of {allowed}; got {_shown(value)}")

    def finish(self) -> None:
        """Raise :class:`BadInput` for a key that is not known."""
        for key in self._values:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.fail(key, f"unknown key (known: {known})")

    def _get(self, key: str) -> object:
        self._asked.add(key)
        return self._values.get(key)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return repr(value) if isinstance(value, str) else f"{str(value)[:40]}"

"""The names of CPU features by their numbers, as far as something forces or clears them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from analyzer.callgraph.mentions import Mentions

_NUMBER = re.compile(r"[\s(]*(\d+)\s*\*\s*(\d+)\s*\+\s*(\d+)[\s)]*|[\s(]*(\d+)[\s)]*")


class Features:
    """Read from the texts: the arguments of the functions that set features, and what these
    are defined as."""

    __slots__ = ("_mentions", "_names", "_setters")

    def __init__(self, mentions: Mentions, setters: Iterable[str]) -> None:
        """``setters`` force or clear a feature for the whole system."""
        self._mentions = mentions
        self._setters = tuple(setters)
        self._names: dict[int, list[str]] | None = None

    def names(self, number: int) -> Sequence[str]:
        """The macros for feature ``number`` that a setter is called with."""
        if self._names is None:
            self._names = {}
            for name in sorted(self._set()):
                for value in self._values(name):
                    self._names.setdefault(value, []).append(name)
        return self._names.get(number, ())

    def _set(self) -> set[str]:
        found: set[str] = set()
        for setter in self._setters:
            call = re.compile(rb"\b%s\s*\(\s*([A-Z]\w*)\s*\)" % re.escape(setter.encode()))
            for file in self._mentions.files_with(setter, call):
                names = call.findall(self._mentions.text(file))
                found.update(name.decode("latin-1") for name in names)
        return found

    def _values(self, name: str) -> set[int]:
        define = re.compile(
            rb"^[ \t]*#[ \t]*define[ \t]+%s[ \t]+([^/\n]+)" % re.escape(name.encode()), re.MULTILINE
        )
        found: set[int] = set()
        for file in self._mentions.files_with(name, define):
            for text in define.findall(self._mentions.text(file)):
                match = _NUMBER.fullmatch(text.decode("latin-1").strip())
                if match is not None and match[4] is not None:
                    found.add(int(match[4]))
                elif match is not None:
                    found.add(int(match[1]) * int(match[2]) + int(match[3]))
        return found

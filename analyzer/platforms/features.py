"""The names of CPU features by their numbers, as far as something forces or clears them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from analyzer.callgraph.mentions import Mentions

_NUMBER = re.compile(r"[\s(]*(\d+)\s*\*\s*(\d+)\s*\+\s*(\d+)[\s)]*|[\s(]*(\d+)[\s)]*")
_DEFINE = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+([^/\n]+)", re.MULTILINE)


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
            known: dict[str, set[int]] = {}
            for name in sorted(self._set()):
                for value in sorted(self._values(name, known)):
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

    def _values(self, name: str, known: dict[str, set[int]]) -> set[int]:
        """What ``name`` is defined as; all that its file defines is put into ``known``."""
        if name not in known:
            known[name] = set()
            word = re.escape(name.encode())
            define = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+%s[ \t]" % word, re.MULTILINE)
            for file in self._mentions.files_with(name, define):
                for other, text in _DEFINE.findall(self._mentions.text(file)):
                    match = _NUMBER.fullmatch(text.decode("latin-1").strip())
                    if match is not None:
                        value = match[4] or int(match[1]) * int(match[2]) + int(match[3])
                        known.setdefault(other.decode("latin-1"), set()).add(int(value))
        return known[name]

"""Which variables a boot parameter sets: by the macros that register parameters.

A variable is set by a parameter if it is registered itself, or if the handler registered in
the same file writes to it or hands out its address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.texts import is_source

_WORD = re.compile(r"[A-Za-z_]\w*")


class Parameters:
    """The boot parameters of one image, read from its texts."""

    __slots__ = ("_handlers", "_known", "_macros", "_mentions")

    def __init__(self, mentions: Mentions, macros: Iterable[str]) -> None:
        """``macros`` register a parameter: its handler or variable is among the arguments."""
        self._mentions = mentions
        self._macros = tuple(macros)
        self._handlers: dict[str, set[str]] | None = None
        self._known: dict[str, bool] = {}

    def sets(self, name: str) -> bool:
        """Whether a boot parameter sets variable ``name``."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._is_set(name)
        return known

    def _is_set(self, name: str) -> bool:
        registered = self._registered()
        word = re.escape(name.encode())
        written = re.compile(
            rb"(?<![\w.>])%s\s*(?:\[[^\]]*\]\s*)?(?:(?:[-+|&]|<<)?=(?!=)|\+\+|--)|&\s*%s\b"
            rb"|\(\s*%s\b|,\s*%s\b" % (word, word, word, word)
        )
        for file in self._mentions.files_with(name, written, registered.__contains__):
            names = registered[file]
            if name in names:
                return True
            text = self._mentions.text(file)
            if any(written.search(body) for each in names for body in _bodies(text, each)):
                return True
        return False

    def _registered(self) -> dict[str, set[str]]:
        """By file, the words in the uses of the registering macros."""
        if self._handlers is None:
            self._handlers = {}
            for macro in self._macros:
                use = re.compile(rb"^[ \t]*%s\s*\(([^;{}]*?)\)\s*;?[ \t]*$" % macro.encode(), re.M)
                for file in self._mentions.files_with(macro, use, is_source):
                    names = self._handlers.setdefault(file, set())
                    for found in use.findall(self._mentions.text(file)):
                        names.update(_WORD.findall(found.decode("latin-1")))
        return self._handlers


def _bodies(text: bytes, function: str) -> Iterable[bytes]:
    """The texts of the functions of that name."""
    name = re.escape(function.encode())
    if not re.search(rb"\b%s\s*\(" % name, text):
        return ()
    pattern = rb"^\w[^\n;{}]*\b%s\s*\([^;{}]*\)[^;{}]*\{.*?^\}" % name
    return re.findall(pattern, text, re.MULTILINE | re.DOTALL)

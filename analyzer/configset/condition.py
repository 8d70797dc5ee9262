"""Kconfig-style conditions over the configurations of a set: ``PT_RECLAIM && HZ=250``.

Names are symbols without ``CONFIG_``. A name alone holds where the symbol is ``y`` or ``m``;
``=`` and ``!=`` compare with a value as written (``n`` where it is unset). ``!``, ``&&``,
``||`` and parentheses are as in Kconfig (``Documentation/kbuild/kconfig-language.rst``, menu
dependencies), except that the result is no tristate.
"""

from __future__ import annotations

import re

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.dotconfig import unquote
from analyzer.errors import BadInput

MAX_DEPTH = 100
"""Parentheses and negations within each other."""

_TOKEN = re.compile(r'\s*(&&|\|\||!=|=|!|\(|\)|"(?:\\.|[^"\\])*"|[\w.+-]+)')


def where(text: str, configs: ConfigSet) -> Mask:
    """The configurations in which ``text`` holds.

    Raises :class:`BadInput` for what is no condition.
    """
    return _Reader(text, configs).read()


class _Reader:
    def __init__(self, text: str, configs: ConfigSet) -> None:
        self._text = text
        self._configs = configs
        self._tokens: list[str] = []
        self._at = 0
        self._depth = 0

    def read(self) -> Mask:
        position = 0
        text = self._text.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise self._fault()
            self._tokens.append(found[1])
            position = found.end()
        mask = self._either()
        if self._at != len(self._tokens):
            raise self._fault()
        return mask

    def _fault(self) -> BadInput:
        return BadInput(f"not a condition over CONFIG symbols: {self._text!a}")

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, token: str) -> bool:
        taken = self._next() == token
        self._at += taken
        return taken

    def _either(self) -> Mask:
        mask = self._both()
        while self._take("||"):
            mask |= self._both()
        return mask

    def _both(self) -> Mask:
        mask = self._one()
        while self._take("&&"):
            mask &= self._one()
        return mask

    def _one(self) -> Mask:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._fault()
        if self._take("!"):
            mask = self._configs.all & ~self._one()
        elif self._take("("):
            mask = self._either()
            if not self._take(")"):
                raise self._fault()
        else:
            mask = self._comparison()
        self._depth -= 1
        return mask

    def _comparison(self) -> Mask:
        name = self._word().removeprefix("CONFIG_")
        column = self._configs.column(name)
        if not (equal := self._take("=")) and not self._take("!="):
            return column.present & ~column.where("n")
        value = unquote(self._word())
        same = 0
        for mask, text in column.entries:
            if unquote(text) == value:
                same |= mask
        if value == "n":
            same |= self._configs.all & ~column.present
        return same if equal else self._configs.all & ~same

    def _word(self) -> str:
        word = self._next()
        if not word or word[0] in "&|!=()":
            raise self._fault()
        self._at += 1
        return word

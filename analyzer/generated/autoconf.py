"""``include/generated/autoconf.h`` as macro definitions with masks.

The rules are those of ``print_symbol_for_c()`` in ``scripts/kconfig/confdata.c``: ``y``
becomes ``1``, ``m`` becomes ``1`` under the name with ``_MODULE``, a hexadecimal number
gets ``0x`` unless it has it, strings keep the quotes and escapes that a ``.config`` has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from analyzer.configset.configset import ConfigSet, Mask

_PREFIX = "CONFIG_"
_MODULE = "_MODULE"
_BARE_HEX = re.compile(r"(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]+\Z")


class AutoconfMacro(NamedTuple):
    """One macro of ``autoconf.h``: disjoint masks, each with the replacement text."""

    name: str
    definitions: tuple[tuple[Mask, str], ...]


def _never(symbol: str) -> bool:
    return not symbol


class Autoconf:
    """The macros of ``autoconf.h`` over one ConfigSet; nothing is computed until asked for.

    ``is_hex`` says whether a symbol (without ``CONFIG_``) is of type ``hex``. It only
    matters for a value that a user wrote without ``0x`` and with decimal digits alone:
    one with letters can be nothing else.
    """

    __slots__ = ("_configs", "_is_hex")

    def __init__(self, configs: ConfigSet, is_hex: Callable[[str], bool] = _never) -> None:
        self._configs = configs
        self._is_hex = is_hex

    def definitions(self, name: str) -> tuple[tuple[Mask, str], ...]:
        """What macro ``name`` (``CONFIG_X`` or ``CONFIG_X_MODULE``) is defined as, and where."""
        if not name.startswith(_PREFIX):
            return ()
        symbol = name[len(_PREFIX) :]
        result = self._plain(symbol)
        if symbol.endswith(_MODULE):
            module = self._configs.column(symbol[: -len(_MODULE)]).m
            for mask, _ in result:
                module &= ~mask
            if module:
                result = (*result, (module, "1"))
        return result

    def _plain(self, symbol: str) -> tuple[tuple[Mask, str], ...]:
        entries = self._configs.column(symbol).entries
        if len(entries) == 1 and entries[0][1] == "y":
            return ((entries[0][0], "1"),)
        return tuple(
            (mask, self._replacement(symbol, text)) for mask, text in entries if text != "m"
        )

    def _replacement(self, symbol: str, text: str) -> str:
        if text == "y":
            return "1"
        if text[:1] in {'"', "-"} or text[:2] in {"0x", "0X"}:
            return text
        if _BARE_HEX.match(text) or self._is_hex(symbol):
            return "0x" + text
        return text

    def __iter__(self) -> Iterator[AutoconfMacro]:
        """Every macro that is defined in some configuration, each once."""
        column = self._configs.column
        given: set[str] = set()
        for symbol in self._configs.symbols():
            entries = column(symbol).entries
            if any(text != "m" for _, text in entries):
                name = _PREFIX + symbol
                if name not in given:
                    given.add(name)
                    yield AutoconfMacro(name, self.definitions(name))
            if any(text == "m" for _, text in entries):
                name = _PREFIX + symbol + _MODULE
                if name not in given:
                    given.add(name)
                    yield AutoconfMacro(name, self.definitions(name))


def autoconf_definitions(
    configs: ConfigSet, is_hex: Callable[[str], bool] = _never
) -> tuple[AutoconfMacro, ...]:
    """All macros of ``autoconf.h`` (see :class:`Autoconf`), by symbol."""
    return tuple(Autoconf(configs, is_hex))

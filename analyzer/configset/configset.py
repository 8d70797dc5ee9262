"""The ordered set of configurations that one run analyses, and its masks.

A **mask** is an ``int`` whose bit *i* says whether something holds in
configuration *i*. ``&``, ``|``, ``& ~`` and ``== 0`` are the whole algebra.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import DotConfig
from analyzer.configset.mask import Mask, bits_of, mask_of, repeated

__all__ = ["Column", "ConfigSet", "Mask", "mask_of"]


@dataclass(frozen=True, slots=True)
class Column:
    """One symbol over all configurations.

    ``entries`` are ``(mask, text)`` with disjoint masks, ``text`` as written in a
    ``.config``; configurations in no mask have the symbol unset (``n``).
    """

    entries: tuple[tuple[Mask, str], ...]

    def where(self, text: str) -> Mask:
        """The configurations in which the symbol is written as ``text``."""
        return next((mask for mask, value in self.entries if value == text), 0)

    @property
    def y(self) -> Mask:
        """Where the symbol is ``y``."""
        return self.where("y")

    @property
    def m(self) -> Mask:
        """Where the symbol is ``m``."""
        return self.where("m")

    @property
    def present(self) -> Mask:
        """Where the symbol has any value (``n`` is never stored)."""
        result = 0
        for mask, _ in self.entries:
            result |= mask
        return result


_UNSET = Column(())


class ConfigSet:
    """N resolved configurations; bit *i* of a mask is ``names[i]``."""

    __slots__ = ("_columns", "all", "files", "names")

    def __init__(
        self, names: Sequence[str], files: Sequence[str], columns: Mapping[str, Column]
    ) -> None:
        self.names: tuple[str, ...] = tuple(names)
        self.files: tuple[str, ...] = tuple(files)
        self.all: Mask = (1 << len(self.names)) - 1
        self._columns: dict[str, Column] = dict(columns)

    @classmethod
    def of(cls, configs: Iterable[DotConfig]) -> ConfigSet:
        """Build the columns from resolved configurations, in their order."""
        together = Configurations.of(configs)
        where: dict[str, dict[str, Mask]] = {}
        for line, mask in together.lines():
            texts = where.setdefault(line.symbol, {})
            texts[line.text] = texts.get(line.text, 0) | mask
        for index, symbols in _ambiguous(where).items():
            last = together[index].values
            for symbol in symbols:
                for text in where[symbol]:
                    if text != last[symbol]:
                        where[symbol][text] &= ~(1 << index)
        columns = {
            symbol: Column(entries)
            for symbol, texts in where.items()
            if (entries := _entries(texts))
        }
        return cls([one.name for one in together], [one.file for one in together], columns)

    def __len__(self) -> int:
        return len(self.names)

    def column(self, symbol: str) -> Column:
        """The values of ``symbol`` (no ``CONFIG_`` prefix); unset everywhere if unknown."""
        return self._columns.get(symbol, _UNSET)

    def symbols(self) -> Iterator[str]:
        """All symbols that have a value somewhere, sorted."""
        return iter(sorted(self._columns))

    def differing(self) -> Iterator[str]:
        """The symbols whose value is not the same in all configurations, sorted."""
        for symbol in self.symbols():
            entries = self._columns[symbol].entries
            if len(entries) != 1 or entries[0][0] != self.all:
                yield symbol

    def text(self, symbol: str, index: int) -> str:
        """The value of ``symbol`` in configuration ``index`` as written, ``n`` if unset."""
        for mask, text in self.column(symbol).entries:
            if mask >> index & 1:
                return text
        return "n"

    def members(self, mask: Mask) -> Iterator[str]:
        """The names of the configurations in ``mask``, in order."""
        for index, name in enumerate(self.names):
            if mask >> index & 1:
                yield name


def _entries(texts: Mapping[str, Mask]) -> tuple[tuple[Mask, str], ...]:
    return tuple((mask, text) for text, mask in sorted(texts.items()) if mask and text != "n")


def _ambiguous(where: Mapping[str, Mapping[str, Mask]]) -> Mapping[int, Sequence[str]]:
    """By configuration the symbols that it gives several values."""
    found: dict[int, list[str]] = {}
    for symbol, texts in where.items():
        if len(texts) > 1:
            for index in bits_of(repeated(texts.values())):
                found.setdefault(index, []).append(symbol)
    return found

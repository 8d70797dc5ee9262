"""Configurations in their order, and in which of them each line stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

from analyzer.configset.dotconfig import DotConfig, read_dotconfig
from analyzer.configset.lines import Line, LineTable
from analyzer.configset.mask import Mask, bits_of, mask_of, repeated

_TOGETHER = 1024
"""Configurations whose lines are sorted at once: bounds what is held meanwhile."""


class Configurations(Sequence[DotConfig]):
    """N configurations; bit *i* of a mask is the one at index *i*."""

    __slots__ = ("_configs", "_lines")

    def __init__(self, configs: Iterable[DotConfig]) -> None:
        self._configs = tuple(configs)
        self._lines: tuple[tuple[Line, Mask], ...] | None = None

    @classmethod
    def of(cls, configs: Iterable[DotConfig]) -> Configurations:
        """``configs`` themselves if they are that already."""
        return configs if isinstance(configs, cls) else cls(configs)

    @overload
    def __getitem__(self, index: int) -> DotConfig: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[DotConfig]: ...
    def __getitem__(self, index: int | slice) -> DotConfig | Sequence[DotConfig]:
        return self._configs[index]

    def __len__(self) -> int:
        return len(self._configs)

    def __iter__(self) -> Iterator[DotConfig]:
        return iter(self._configs)

    def lines(self) -> Sequence[tuple[Line, Mask]]:
        """Every line that assigns something, with the configurations in which it stands.

        Two lines can say the same, and a configuration can assign a symbol several times.
        """
        if self._lines is None:
            self._lines = tuple(self._sorted())
        return self._lines

    def assigned(self, symbol: str) -> dict[str, Mask]:
        """What the configurations assign to ``symbol`` (the last time), ``n`` included."""
        where: dict[str, Mask] = {}
        for line, mask in self.lines():
            if line.symbol == symbol:
                where[line.text] = where.get(line.text, 0) | mask
        for index in bits_of(repeated(where.values())):
            last = self._configs[index].values[symbol]
            where = {t: m if t == last else m & ~(1 << index) for t, m in where.items()}
        return {text: mask for text, mask in where.items() if mask}

    def _sorted(self) -> Iterator[tuple[Line, Mask]]:
        for table, members in self._by_table():
            masks = [0] * len(table.assigned)
            for first in range(0, len(members), _TOGETHER):
                rows: list[list[int]] = [[] for _ in masks]
                for index in members[first : first + _TOGETHER]:
                    for row in map(rows.__getitem__, self._configs[index].numbers):
                        row.append(index)
                for number, row in enumerate(rows):
                    if row and table.assigned[number] is not None:
                        masks[number] |= mask_of(row)
            for line, mask in zip(table.assigned, masks, strict=True):
                if line is not None and mask:
                    yield line, mask

    def _by_table(self) -> Iterable[tuple[LineTable, list[int]]]:
        found: dict[int, tuple[LineTable, list[int]]] = {}
        for index, config in enumerate(self._configs):
            found.setdefault(id(config.table), (config.table, []))[1].append(index)
        return found.values()


def read_all(paths: Iterable[Path]) -> Configurations:
    """The configurations in files; raises as :func:`read_dotconfig` does."""
    table = LineTable()
    return Configurations(read_dotconfig(path, table=table) for path in paths)

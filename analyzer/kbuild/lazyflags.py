"""Options that are worked out when first looked at: most objects are never compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

from analyzer.kbuild.objects import Masked


class LazyFlags(Sequence[Masked]):
    """A sequence that calls its maker once, on first use; equal to the tuple it stands for."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], tuple[Masked, ...]]) -> None:
        self._make = make
        self._made: tuple[Masked, ...] | None = None

    def _all(self) -> tuple[Masked, ...]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Masked: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Masked, ...]: ...
    def __getitem__(self, index: int | slice) -> Masked | tuple[Masked, ...]:
        return self._all()[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sequence):
            return self._all() == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

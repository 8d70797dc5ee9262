"""What a dispatch slot holds on each platform, as far as it has been worked out.

Which functions can be in a slot at all is found in the sources (``callgraph/slots.py``);
which of them are there on a platform takes a walk of its boot (``platforms/``), which is done
for the slots on a path. Until then, and for other slots, all are candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from analyzer.callgraph.program import OutGuard
from analyzer.configset.configset import Mask
from analyzer.csource.sites import Target
from analyzer.location import Location


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A slot holds ``function`` where ``mask``, on ``platforms``, under ``guards``.

    ``function`` is the name that unit ``unit`` has for it, None if the value is not known.
    ``place`` is where it was stored. ``certain``: it is the only value there.
    """

    function: str | None
    unit: str
    mask: Mask
    platforms: tuple[str, ...]
    guards: tuple[OutGuard, ...]
    place: Location | None
    certain: bool


class Dispatcher(Protocol):
    """Knows what some slots hold."""

    def held(self, target: Target) -> Sequence[Dispatched] | None:
        """What the slot of an indirect call holds; None if that has not been worked out."""


class NoDispatcher:
    """Knows nothing of any slot."""

    def held(self, target: Target) -> None:
        """Nothing is known."""
        del target

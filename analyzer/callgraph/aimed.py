"""The linked program as far as it may lead to one function.

Whoever asks for the callers of a function evaluates many others; what these call besides
is not asked for. So only calls of the one name are resolved, and only the slots that the
function is stored in are followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.program import FunctionRef
from analyzer.callgraph.session import Session
from analyzer.callgraph.slots import SlotIndex, Store
from analyzer.configset.configset import Mask
from analyzer.csource.sites import Target
from analyzer.csource.unit import TranslationUnit
from analyzer.kbuild.objects import ObjectFile


class _AimedSlots(SlotIndex):
    """Follows the members aimed at and leaves calls through all others unknown."""

    __slots__ = ("members",)

    def __init__(self, program: LinkedProgram, session: Session, image: str) -> None:
        super().__init__(session, program.image(image))
        self.members: frozenset[str] = frozenset()

    def stores(self, target: Target, mask: Mask, unit: TranslationUnit) -> Iterator[Store]:
        if self.members.intersection((target.member, *target.path.replace("->", ".").split("."))):
            yield from super().stores(target, mask, unit)


class AimedProgram(LinkedProgram):
    """Resolves calls of one name only: what the others lead to is not asked for."""

    __slots__ = ("_aimed", "_members", "_name", "_shared")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._shared = session
        self._name = ""
        self._members: frozenset[str] = frozenset()
        self._aimed: dict[str, _AimedSlots] = {}

    def aim(self, name: str, members: frozenset[str]) -> None:
        """Follow calls of ``name``, and calls through ``members``."""
        self._name = name
        self._members = members
        for index in self._aimed.values():
            index.members = members

    def resolve(
        self, analysis: UnitAnalysis, item: ObjectFile, name: str, mask: Mask
    ) -> Iterator[FunctionRef]:
        if self._name in name:
            yield from super().resolve(analysis, item, name, mask)

    def slots(self, image: str) -> SlotIndex:
        known = self._aimed.get(image)
        if known is None:
            known = self._aimed[image] = _AimedSlots(self, self._shared, image)
            known.members = self._members
        return known

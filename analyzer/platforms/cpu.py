"""CPU features during a walk: what forces, clears and asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.configset.configset import Mask
from analyzer.csource.action import CallAction
from analyzer.csource.operand import (
    Address,
    Field,
    Load,
    Operand,
)
from analyzer.platforms.axis import Axis
from analyzer.platforms.evaluate import Evaluation, Frame
from analyzer.platforms.given import Code, Report, Walkable
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.memory import Memory
from analyzer.platforms.values import (
    Cell,
    Held,
    NumberValue,
    ObjectKey,
)


class CpuWalk(Evaluation):
    """Keeps what is known of CPU features in the memory, by their numbers."""

    def __init__(
        self, code: Code, walkable: Walkable, memory: Memory, knowledge: BootKnowledge, axis: Axis
    ) -> None:
        self.memory = memory
        self.report = Report()
        self._axis = axis
        self._knowledge = knowledge
        self._code = code
        self._walkable = walkable
        self._peeking = 0
        """How deep the walk is in functions that it only looks into."""

    def wide(self, mask: Mask) -> Mask:
        return self._axis.spread(mask)

    def feature(self, number: int, mask: Mask) -> list[Held]:
        """What is known of a CPU feature at this point."""
        return self.memory.read(_feature(number), mask)

    def without(self, number: int, mask: Mask) -> None:
        """Let a CPU feature be absent where ``mask``."""
        self.memory.write(_feature(number), [Held(mask, NumberValue(0))], (), None)

    def _feature_set(
        self, call: CallAction, arguments: Sequence[list[Held]]
    ) -> tuple[Cell, int] | None:
        """The CPU feature that a call forces or clears."""
        name = call.site.name
        known = self._knowledge
        for table, value in ((known.force, 1), (known.clear, 0)):
            if name in table and table[name] < len(arguments):
                number = _number(arguments[table[name]])
                return None if number is None else (_feature(number), value)
        for table, value in ((known.set_bit, 1), (known.clear_bit, 0)):
            if name in table and any(_names_member(a, known.capability) for a in call.arguments):
                number = _number(arguments[table[name]])
                return None if number is None else (_feature(number), value)
        return None

    def _feature_tested(self, call: CallAction, frame: Frame, mask: Mask) -> list[Held] | None:
        """What a test of a CPU feature gives, None if a call is no such test."""
        number = self._feature_asked(call, frame, mask)
        if number is None:
            return None
        self.report.tested.add(number)
        return self.memory.read(_feature(number), mask)

    def _feature_asked(self, call: CallAction, frame: Frame, mask: Mask) -> int | None:
        """The CPU feature that a call asks for."""
        position = self._knowledge.test.get(call.site.name)
        if position is None or position >= len(call.arguments):
            return None
        others = [a for i, a in enumerate(call.arguments) if i != position]
        if others and not any(_names_member(a, self._knowledge.capability) for a in others):
            return None
        return _number(self.values(call.arguments[position], frame, mask))


def _feature(number: int) -> Cell:
    """The cell in which the memory keeps a CPU feature."""
    return Cell(ObjectKey("CPU feature", "", -1), (f"[{number}]",))


def _number(values: list[Held]) -> int | None:
    found = {one.value for one in values}
    only = next(iter(found)) if len(found) == 1 else None
    return only.value if isinstance(only, NumberValue) else None


def _names_member(operand: Operand, member: str) -> bool:
    """Whether an operand is an address that ends at a member."""
    place = operand.place if isinstance(operand, Address | Load) else None
    return place is not None and any(
        isinstance(step, Field) and step.name == member for step in place.path
    )

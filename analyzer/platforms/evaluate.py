"""What operands mean while a walk is at a point: their values in the memory as it is then."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.configset.configset import Mask
from analyzer.csource.action import FunctionActions
from analyzer.csource.operand import (
    Address,
    Aggregate,
    Choice,
    Derived,
    Element,
    Field,
    FunctionName,
    Literal,
    Load,
    Operand,
    Place,
    Result,
    Storage,
    Variable,
    Varying,
    Words,
)
from analyzer.kbuild.objects import ObjectFile
from analyzer.platforms.memory import Memory
from analyzer.platforms.values import (
    ANY_ELEMENT,
    UNKNOWN,
    AddressValue,
    Cell,
    FunctionValue,
    Guards,
    Held,
    NonZero,
    NumberValue,
    ObjectKey,
    StructValue,
    Value,
    joined,
    settled,
)


@dataclass(slots=True, eq=False)
class Frame:
    """One activation of a function. ``results`` holds what its calls gave so far, by the
    index of their action. ``entry``: started by something other than C code. ``mask``: where
    it is walked."""

    number: int
    item: ObjectFile
    analysis: UnitAnalysis
    actions: FunctionActions
    entry: bool = False
    mask: Mask = -1
    results: dict[int, list[Held]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.actions.name


class Evaluation(ABC):
    """Evaluates operands over :attr:`memory`."""

    memory: Memory
    under: Guards = ()
    """What holds where the evaluation stands."""

    @abstractmethod
    def wide(self, mask: Mask) -> Mask:
        """The wide mask of configurations, on all platforms."""

    @abstractmethod
    def result(self, frame: Frame, action: int, mask: Mask) -> list[Held]:
        """What a call of ``frame`` returned; looked into now if it has not been yet."""

    @abstractmethod
    def chosen(self, values: list[Held]) -> list[Held]:
        """Of alternatives, those that the platform leaves."""

    # --- values -----------------------------------------------------------------------

    def values(self, operand: Operand, frame: Frame, mask: Mask) -> list[Held]:
        """The values of ``operand`` where ``mask``; alternatives have overlapping masks."""
        if not mask:
            return []
        match operand:
            case Literal(value):
                return [Held(mask, NumberValue(value))]
            case FunctionName(name):
                return [Held(mask, FunctionValue(name, frame.item.path))]
            case Words():
                return [Held(mask, NonZero())]
            case Load(place):
                return self._loaded(place, frame, mask)
            case Address(place):
                return [
                    Held(share, AddressValue(cell), guards)
                    for share, cell, guards in self.cells(place, frame, mask)
                ] or [Held(mask, NonZero())]
            case Result(action):
                return self.result(frame, action, mask)
            case Derived(operator, operands):
                return self._derived(operator, operands, frame, mask)
            case Choice():
                return self._choice(operand, frame, mask)
            case Varying(alternatives):
                return [
                    held
                    for share, one in alternatives
                    for held in self.values(one, frame, mask & self.wide(share))
                ]
            case Aggregate():
                return [Held(mask, UNKNOWN)]
            case _:
                return [Held(mask, UNKNOWN)]

    def _loaded(self, place: Place, frame: Frame, mask: Mask) -> list[Held]:
        found: list[Held] = []
        left = mask
        for share, cell, guards in self.cells(place, frame, mask):
            left &= ~share
            values = self.memory.read(cell, share)
            if not any(step.startswith("[") for step in cell.path):
                # What is stored to some element of an array replaces nothing.
                values = settled(values, self.under)
            for held in values:
                found.append(replace(held, guards=joined(guards, held.guards)))
        if left:
            found.append(Held(left, UNKNOWN))
        return self.chosen(found)

    def _choice(self, choice: Choice, frame: Frame, mask: Mask) -> list[Held]:
        true, false = self.truth(choice.condition, frame, mask)
        return [
            *self.values(choice.then, frame, true),
            *self.values(choice.otherwise, frame, false),
        ]

    def _derived(
        self, operator: str, operands: tuple[Operand, ...], frame: Frame, mask: Mask
    ) -> list[Held]:
        if operator in {"!", "&&", "||"}:
            true, false = self._logical(operator, operands, frame, mask)
            return _booleans(true, false, mask)
        if not operands:
            return [Held(mask, UNKNOWN)]
        if len(operands) == 1:
            return [
                Held(one.mask, _unary(operator, one.value), one.guards)
                for one in self.values(operands[0], frame, mask)
            ]
        left = self.values(operands[0], frame, mask)
        right = self.values(operands[1], frame, mask)
        return [
            Held(
                one.mask & other.mask,
                _binary(operator, one.value, other.value),
                joined(one.guards, other.guards),
            )
            for one in left
            for other in right
            if one.mask & other.mask
        ]

    # --- conditions -------------------------------------------------------------------

    def truth(self, operand: Operand, frame: Frame, mask: Mask) -> tuple[Mask, Mask]:
        """Where ``operand`` as a condition can be true, and where false."""
        if not mask:
            return 0, 0
        if isinstance(operand, Derived) and operand.operator in {"!", "&&", "||"}:
            return self._logical(operand.operator, operand.operands, frame, mask)
        true = false = 0
        for held in self.values(operand, frame, mask):
            match held.value:
                case NumberValue(0):
                    false |= held.mask
                case NumberValue() | NonZero() | FunctionValue() | AddressValue():
                    true |= held.mask
                case _:
                    true |= held.mask
                    false |= held.mask
        unseen = mask & ~(true | false)
        return true | unseen, false | unseen

    def _logical(
        self, operator: str, operands: tuple[Operand, ...], frame: Frame, mask: Mask
    ) -> tuple[Mask, Mask]:
        true, false = self.truth(operands[0], frame, mask)
        if operator == "!":
            return false, true
        if operator == "&&":
            both, also = self.truth(operands[1], frame, true)
            return both, false | also
        also, both = self.truth(operands[1], frame, false)
        return true | also, both

    # --- places -----------------------------------------------------------------------

    def cells(self, place: Place, frame: Frame, mask: Mask) -> list[tuple[Mask, Cell, Guards]]:
        """The cells that ``place`` can be; none where its pointer is not known."""
        root = place.root
        starts: Iterable[tuple[Mask, Cell, Guards]]
        if isinstance(root, Variable):
            starts = [(mask, Cell(self.object_of(root, frame)), ())]
        else:
            starts = self._pointed(root, frame, mask)
        found: list[tuple[Mask, Cell, Guards]] = []
        for share, cell, guards in starts:
            if not isinstance(root, Variable) and self._is_array(cell, place):
                cell = cell.inside(ANY_ELEMENT)
            for step in place.path:
                cell = cell.inside(self._step(step, frame, share))
            found.append((share, cell, guards))
        return found

    def _pointed(
        self, pointer: Operand, frame: Frame, mask: Mask
    ) -> list[tuple[Mask, Cell, Guards]]:
        found: list[tuple[Mask, Cell, Guards]] = []
        for held in self.values(pointer, frame, mask):
            if isinstance(held.value, AddressValue | StructValue):
                found.append((held.mask, held.value.cell, held.guards))
        return found

    def _is_array(self, cell: Cell, place: Place) -> bool:
        """Whether a pointer to an array means one of its elements."""
        if place.path and isinstance(place.path[0], Element):
            return False
        leaves = self.memory.leaves(cell)
        return bool(leaves) and all(leaf[0].startswith("[") for leaf in leaves)

    def _step(self, step: Field | Element, frame: Frame, mask: Mask) -> str:
        if isinstance(step, Field):
            return step.name
        index = step.index
        if isinstance(index, Load) and isinstance(index.place.root, Variable):
            return ANY_ELEMENT
        found = {held.value for held in self.values(index, frame, mask)}
        if len(found) == 1:
            only = next(iter(found))
            if isinstance(only, NumberValue):
                return f"[{only.value}]"
        return ANY_ELEMENT

    def object_of(self, variable: Variable, frame: Frame) -> ObjectKey:
        """The object that a variable is in an activation."""
        unit = frame.item.path
        match variable.storage:
            case Storage.FILE:
                known = frame.analysis.objects(variable.name)
                static = any(one.static for one in known)
                return ObjectKey(variable.name, unit if static else "", 0, variable.tag)
            case Storage.STATIC:
                return ObjectKey(f"{frame.name}.{variable.name}", unit, 0, variable.tag)
            case Storage.PARAMETER:
                return ObjectKey(f"#{variable.number}", unit, frame.number)
            case Storage.AUTOMATIC:
                name = f"{variable.name}#{variable.number}"
                return ObjectKey(name, unit, frame.number)


def _booleans(true: Mask, false: Mask, mask: Mask) -> list[Held]:
    result = []
    if true & ~false & mask:
        result.append(Held(true & ~false & mask, NumberValue(1)))
    if false & ~true & mask:
        result.append(Held(false & ~true & mask, NumberValue(0)))
    if true & false & mask:
        result.append(Held(true & false & mask, UNKNOWN))
    return result


def _unary(operator: str, value: Value) -> Value:
    if isinstance(value, NumberValue):
        if operator == "-":
            return NumberValue(-value.value)
        if operator == "~":
            return NumberValue(~value.value)
    return UNKNOWN


def _binary(operator: str, left: Value, right: Value) -> Value:
    if isinstance(left, NumberValue) and isinstance(right, NumberValue):
        return _arithmetic(operator, left.value, right.value)
    if operator in {"==", "!="}:
        same = _same(left, right)
        if same is not None:
            return NumberValue(int(same == (operator == "==")))
    if operator in {"+", "-"} and isinstance(left, AddressValue):
        return left
    if operator == "+" and isinstance(right, AddressValue):
        return right
    if operator == ">" and isinstance(left, NonZero) and right == NumberValue(0):
        return NumberValue(1)
    if operator == "&" and NumberValue(0) in (left, right):
        return NumberValue(0)
    if operator == "|" and (_is_nonzero(left) or _is_nonzero(right)):
        return NonZero()
    return UNKNOWN


def _is_nonzero(value: Value) -> bool:
    return isinstance(value, NonZero) or (isinstance(value, NumberValue) and value.value != 0)


def _same(left: Value, right: Value) -> bool | None:
    """Whether two values are equal, None if that is not known."""
    known = (FunctionValue, AddressValue)
    if isinstance(left, known) and isinstance(right, known):
        if isinstance(left, FunctionValue) and isinstance(right, FunctionValue):
            return left.name == right.name if left.name != right.name else True
        return left == right
    for one, other in ((left, right), (right, left)):
        if other == NumberValue(0) and isinstance(one, (*known, NonZero)):
            return False
    return None


def _arithmetic(operator: str, left: int, right: int) -> Value:
    match operator:
        case "+":
            return NumberValue(left + right)
        case "-":
            return NumberValue(left - right)
        case "*":
            return NumberValue(left * right)
        case "&":
            return NumberValue(left & right)
        case "|":
            return NumberValue(left | right)
        case "^":
            return NumberValue(left ^ right)
        case "==":
            return NumberValue(int(left == right))
        case "!=":
            return NumberValue(int(left != right))
        case "<":
            return NumberValue(int(left < right))
        case ">":
            return NumberValue(int(left > right))
        case "<=":
            return NumberValue(int(left <= right))
        case ">=":
            return NumberValue(int(left >= right))
        case "<<" if 0 <= right < 64:
            return NumberValue(left << right)
        case ">>" if 0 <= right < 64:
            return NumberValue(left >> right)
        case _:
            return UNKNOWN

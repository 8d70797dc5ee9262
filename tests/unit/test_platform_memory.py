"""The memory of a boot walk: replacing, adding, copying, merging; and the axis of platforms."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.platforms.axis import Axis, Platform
from analyzer.platforms.memory import Memory
from analyzer.platforms.values import (
    BootGuard,
    Cell,
    FunctionValue,
    Held,
    NumberValue,
    ObjectKey,
    Path,
    StructValue,
    joined,
)

TABLE = ObjectKey("table")
SLOT = Cell(TABLE, ("open",))


def function(name: str) -> FunctionValue:
    return FunctionValue(name, "a.o")


def guard(text: str, *, negated: bool = False) -> BootGuard:
    return BootGuard(text, negated, (text,))


def memory(**initial: str) -> Memory:
    """A table whose members start as functions, everywhere in four configurations."""

    def first(key: ObjectKey) -> Iterable[tuple[Path, Held]] | None:
        if key != TABLE:
            return None
        return [((name,), Held(0xF, function(value))) for name, value in initial.items()]

    return Memory(first)


def held(memory: Memory, cell: Cell = SLOT, mask: int = 0xF) -> list[tuple[str, int, str]]:
    return [
        (
            one.value.name if isinstance(one.value, FunctionValue) else str(one.value),
            one.mask,
            " && ".join(guard.words for guard in one.guards),
        )
        for one in memory.read(cell, mask)
    ]


def store(memory: Memory, name: str, *guards: BootGuard, mask: int = 0xF) -> None:
    memory.write(SLOT, [Held(mask, function(name))], guards, None)


def test_a_store_without_guards_replaces() -> None:
    table = memory(open="first")
    store(table, "second")
    assert held(table) == [("second", 0xF, "")]


def test_a_store_replaces_where_its_mask_holds() -> None:
    table = memory(open="first")
    store(table, "second", mask=0x3)
    assert sorted(held(table)) == [("first", 0xC, ""), ("second", 0x3, "")]


def test_a_guarded_store_adds() -> None:
    table = memory(open="first")
    store(table, "second", guard("a"))
    assert held(table) == [("first", 0xF, ""), ("second", 0xF, "a")]


def test_a_store_under_more_guards_keeps_the_one_under_fewer() -> None:
    table = memory(open="first")
    store(table, "second", guard("a"))
    store(table, "third", guard("a"), guard("b"))
    assert [name for name, _, _ in held(table)] == ["first", "second", "third"]


def test_a_store_under_fewer_guards_replaces_the_one_under_more() -> None:
    table = memory(open="first")
    store(table, "second", guard("a"), guard("b"))
    store(table, "third", guard("a"))
    assert held(table) == [("first", 0xF, ""), ("third", 0xF, "a")]


def test_both_branches_of_a_condition_leave_nothing_of_before() -> None:
    table = memory(open="first")
    store(table, "second", guard("a"))
    store(table, "third", guard("a", negated=True))
    assert held(table) == [("second", 0xF, "a"), ("third", 0xF, "!a")]


def test_both_branches_inside_a_condition_keep_what_was_outside_of_it() -> None:
    table = memory(open="first")
    store(table, "second", guard("x"), guard("a"))
    store(table, "third", guard("x"), guard("a", negated=True))
    assert [name for name, _, _ in held(table)] == ["first", "second", "third"]


def test_a_copy_of_a_structure_makes_what_it_leaves_out_zero() -> None:
    other = ObjectKey("other")

    def first(key: ObjectKey) -> Iterable[tuple[Path, Held]] | None:
        names = ("open", "close") if key == TABLE else ("open",)
        return [((name,), Held(1, function(f"{key.name}_{name}"))) for name in names]

    copied = Memory(first)
    copied.write(Cell(TABLE), [Held(1, StructValue(Cell(other)))], (), None)
    assert held(copied, mask=1) == [("other_open", 1, "")]
    closed = copied.read(Cell(TABLE, ("close",)), 1)
    assert [one.value for one in closed] == [NumberValue(0)]


def test_a_member_that_no_initialiser_names_is_zero() -> None:
    table = memory(open="first")
    assert [one.value for one in table.read(Cell(TABLE, ("close",)), 1)] == [NumberValue(0)]


def test_a_part_that_is_stored_elsewhere_only_is_zero_here() -> None:
    table = memory(open="first")
    wrapped = Cell(TABLE, ("thunk",))
    table.write(wrapped, [Held(0x2, NumberValue(0))], (guard("a"),), None)
    table.write(wrapped.inside("func"), [Held(0x2, function("second"))], (guard("a"),), None)
    assert [one.value for one in table.read(wrapped.inside("func"), 0x1)] == [NumberValue(0)]


def test_an_object_that_nothing_is_known_of_is_unknown() -> None:
    (one,) = memory().read(Cell(ObjectKey("other")), 1)
    assert one.value != NumberValue(0)


def test_a_guard_is_written_once_and_negated_as_c_does() -> None:
    assert joined((guard("a"),), (guard("a"), guard("b"))) == (guard("a"), guard("b"))
    assert guard("has(X)", negated=True).words == "!has(X)"
    assert guard("a.b->c", negated=True).words == "!a.b->c"
    assert guard("a == b", negated=True).words == "!(a == b)"


def test_an_axis_has_a_block_of_configurations_for_each_platform() -> None:
    platforms = tuple(Platform(name, 0x3, None) for name in ("native", "moonbase"))
    axis = Axis(2, platforms)
    assert axis.spread(0x1) == 0b0101
    assert axis.on(platforms[1], 0x3) == 0b1100
    assert axis.part(platforms[1], 0b1001) == 0x2
    assert axis.configs(0b1001) == 0x3

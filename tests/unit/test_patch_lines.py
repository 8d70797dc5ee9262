"""Which line became which, through one change and through several."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.patch.lines import Block, LineMap

EDIT = st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(0, 3))
EDITS = st.lists(EDIT, max_size=4)


def test_lines_keep_their_order_around_a_change() -> None:
    change = LineMap((Block(3, 2, 3, 1), Block(7, 0, 6, 2)), 8, 9)
    assert [change.to_new(line) for line in range(10)] == [None, 1, 2, None, None, 4, 5, 8, 9, None]
    assert [change.to_old(line) for line in range(1, 11)] == [
        1,
        2,
        None,
        5,
        6,
        None,
        None,
        7,
        8,
        None,
    ]
    assert change.added == (3, 6, 7)
    assert change.removed == (3, 4)


def test_files_that_come_go_or_stay() -> None:
    assert LineMap.replaced(0, 2).added == (1, 2)
    assert LineMap.replaced(2, 0).removed == (1, 2)
    assert LineMap.replaced(0, 0).blocks == ()
    assert LineMap.unchanged(3).to_new(3) == 3
    assert LineMap.unchanged(3).to_new(4) is None


def test_an_added_line_that_goes_again_leaves_no_trace() -> None:
    added = LineMap((Block(2, 0, 2, 1),), 3, 4)
    assert added.then(added.reversed()) == LineMap.unchanged(3)


def edited(lines: list[int], edits: list[tuple[int, int, int]]) -> tuple[list[int], LineMap]:
    """Lines by number after edits, and the map, each edit put in front of the next."""
    change = LineMap.unchanged(len(lines))
    fresh = 1000
    for place, count, new in edits:
        at = min(place, len(lines))
        gone = min(count, len(lines) - at)
        block = Block(at + 1, gone, at + 1, new)
        blocks = (block,) if gone or new else ()
        change = change.then(LineMap(blocks, len(lines), len(lines) - gone + new))
        fresh += new
        lines = [*lines[:at], *range(fresh, fresh + new), *lines[at + gone :]]
    return lines, change


@given(st.integers(0, 12), EDITS)
def test_a_map_of_several_changes_says_what_each_line_was(
    size: int, edits: list[tuple[int, int, int]]
) -> None:
    before = list(range(1, size + 1))
    after, change = edited(before, edits)
    assert change.new_lines == len(after)
    was = [line if line < 1000 else None for line in after]
    assert [change.to_old(line) for line in range(1, len(after) + 1)] == was
    assert all(
        change.to_new(line) == (after.index(line) + 1 if line in after else None) for line in before
    )
    assert change.added == tuple(n for n, line in enumerate(after, start=1) if line >= 1000)
    assert change.removed == tuple(line for line in before if line not in after)

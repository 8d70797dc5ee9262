"""Rows of definitions, taken in one step, mean what they mean one by one."""

from __future__ import annotations

from analyzer.preprocessor.rows import REMEMBERED, WalkMemo
from analyzer.preprocessor.skeleton import make_skeleton
from analyzer.preprocessor.table import MacroTable
from preprocess_case import walk

THREE = b"#define A 1\n#define B 2\n#define A 3\nint x;\n#define C\n"


def test_a_row_ends_at_other_items_and_at_a_name_that_it_has() -> None:
    rows = WalkMemo().rows(make_skeleton(THREE, "a.h"))
    found = {start: (row.end, [macro.body for macro in row.macros]) for start, row in rows.items()}
    assert found == {0: (2, ["1", "2"]), 2: (3, ["3"]), 4: (5, [""])}


def test_the_rows_of_a_file_are_found_once() -> None:
    memo = WalkMemo()
    skeleton = make_skeleton(THREE, "a.h")
    assert memo.rows(skeleton) is memo.rows(skeleton)
    row = memo.rows(skeleton)[0]
    assert row.under(0b1) is row.under(0b1)
    assert row.under(0b10)[0][1] == ((0b10, row.macros[0]),)


def test_only_new_names_are_defined_at_once() -> None:
    row = WalkMemo().rows(make_skeleton(THREE, "a.h"))[0]
    table = MacroTable({})
    before = table.time
    assert table.define_new(row.names, row.under(0b1))
    assert table.defined("A", before) == 0
    assert table.defined("A", table.time) == table.defined("B", table.time) == 0b1
    assert not table.define_new(row.names, row.under(0b10))
    assert table.defined("B", table.time) == 0b1


def test_a_name_that_was_a_macro_once_is_not_new() -> None:
    walked = walk(
        "#define A 1\nint before = A;\n#undef A\n#define A 2\n#define B A\nint now = B;\n"
    )
    assert walked.expanded() == "int before = 1 ; int now = 2 ;".split()


def test_a_row_under_a_conditional_holds_there() -> None:
    source = "#ifdef X\n#define A 1\n#define B 2\n#endif\n#define A 3\n#define C 4\n"
    walked = walk(source, mask=0b11, base={"X": [(0b01, "")]})
    assert walked.defined("B") == 0b01
    assert walked.defined("A") == walked.defined("C") == 0b11


def test_conditions_are_remembered_for_the_next_unit() -> None:
    memo = WalkMemo()
    test = make_skeleton(b"#if A > 1\n#endif\n", "a.h").items[0].value
    assert isinstance(test, tuple)
    known = memo.evaluations(test)
    known.extend([({}, True)] * (REMEMBERED + 1))
    assert len(memo.evaluations(test)) == REMEMBERED

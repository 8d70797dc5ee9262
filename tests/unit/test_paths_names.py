"""What a name means: one function, alternatives, ambiguity, nothing."""

from __future__ import annotations

import pytest
from fake_program import FakeProgram

from analyzer.callgraph.program import FunctionRef
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.paths.names import Named, parse_name, resolve_root


def resolve(program: FakeProgram, text: str, everything: int = 0b11) -> tuple[FunctionRef, ...]:
    return resolve_root(program, parse_name(text), everything, Diagnostics())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("free_pte", Named("free_pte", None)),
        ("mm/memory.c:free_pte", Named("free_pte", "mm/memory.c")),
        ("./mm/memory.c:free_pte", Named("free_pte", "mm/memory.c")),
    ],
)
def test_names_as_given(text: str, named: Named) -> None:
    assert parse_name(text) == named


@pytest.mark.parametrize("text", ["", ":f", "a.c:", "a b", "mm/memory.c", "f()", "\x1b[31m", "ä"])
def test_no_name(text: str) -> None:
    with pytest.raises(BadInput, match="not a function name"):
        parse_name(text)


def test_definitions_that_exclude_each_other_are_one_function() -> None:
    program = FakeProgram()
    stub = program.define("f", 0b01, file="include/f.h", static=True)
    real = program.define("f", 0b10, "f.o")
    assert resolve(program, "f") == (stub, real)


def test_static_functions_of_two_files_are_ambiguous_even_if_never_built_together() -> None:
    program = FakeProgram()
    program.define("f", 0b01, "a.o", 5, static=True)
    second = program.define("f", 0b10, "b.o", 7, static=True)
    with pytest.raises(BadInput) as error:
        resolve(program, "f")
    assert str(error.value) == ("'f' is ambiguous: a.c:5 (a.o), b.c:7 (b.o); name one as FILE:f")
    assert resolve(program, "b.c:f") == (second,)


def test_rival_externals_are_ambiguous() -> None:
    program = FakeProgram()
    program.define("memcpy", 0b11, "lib/string.o")
    program.define("memcpy", 0b11, "boot/string.o")
    with pytest.raises(BadInput, match="ambiguous"):
        resolve(program, "memcpy")


def test_a_function_that_is_not_built_answers_with_its_reason() -> None:
    program = FakeProgram()
    program.define("f", 0, absent="not built: CONFIG_X=n")
    (ref,) = resolve(program, "f")
    assert (ref.mask, ref.absent) == (0b11, "not built: CONFIG_X=n")


def test_one_definition_in_many_objects_is_taken_once_and_said() -> None:
    program = FakeProgram()
    first = program.define("f", 0b11, "a.o", 5, file="include/f.h", static=True)
    program.define("f", 0b11, "b.o", 5, file="include/f.h", static=True)
    diagnostics = Diagnostics()
    assert resolve_root(program, Named("f", None), 0b11, diagnostics) == (first,)
    assert [d.code for d in diagnostics] == ["several-objects"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("free_pt", "unknown function 'free_pt'; did you mean free_pte? (searched: a fake)"),
        ("zzz", "unknown function 'zzz' (searched: a fake)"),
        ("b.c:free_pte", "unknown function 'free_pte' in b.c; it is defined at a.c:5"),
        ("b.c:free_pt", "unknown function 'free_pt' in b.c; did you mean free_pte?"),
    ],
)
def test_unknown_names_get_the_nearest(text: str, message: str) -> None:
    program = FakeProgram()
    program.define("free_pte", line=5)
    with pytest.raises(BadInput) as error:
        resolve(program, text)
    assert str(error.value) == message

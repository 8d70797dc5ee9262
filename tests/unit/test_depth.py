"""What is nested too deeply: the same wherever it is asked for, and it spoils nothing else."""

from __future__ import annotations

import pytest
from unit_case import graph_of

from analyzer.csource.brackets import Work
from analyzer.csource.depth import TooDeep, with_whole_stack
from analyzer.csource.parse import CParser
from analyzer.csource.syntax import Lost
from analyzer.diagnostics import Diagnostics
from csource_snippet import evaluate


def down(levels: int) -> int:
    """``levels`` by as many calls."""
    return 1 + down(levels - 1) if levels else 0


def at_depth(levels: int, work: object) -> object:
    assert callable(work)
    return at_depth(levels - 1, work) if levels else work()


def test_what_fits_in_a_whole_stack_is_done_from_far_down() -> None:
    assert at_depth(700, lambda: with_whole_stack(lambda: down(600))) == 600


def test_what_is_too_deep_in_itself_is_told_apart() -> None:
    tidied: list[int] = []
    with pytest.raises(TooDeep):
        with_whole_stack(lambda: down(5000), lambda: tidied.append(1))
    assert tidied == [1, 1]


def test_other_errors_are_passed_on() -> None:
    def failing() -> int:
        down(600)
        raise ValueError("other")

    with pytest.raises(ValueError, match="other"):
        at_depth(700, lambda: with_whole_stack(failing))


def test_a_piece_is_parsed_alike_from_far_down() -> None:
    texts = ["("] * 60 + ["1"] + [")"] * 60
    parsed = CParser().parse_statements(texts, {}, ())
    assert not any(isinstance(each, Lost) for each in parsed.body)
    assert at_depth(800, lambda: CParser().parse_statements(texts, {}, ())) == parsed


def test_a_chain_of_local_enumerators_ends_in_a_remark() -> None:
    """It left names half evaluated and ended the run with a KeyError."""
    chain = "".join(f"enum {{ A{i + 1} = A{i} + 1 }}; " for i in range(3000))
    text = f"""
    extern void a(void);
    static const int two = 2;
    int deep(void) {{ enum {{ A0 }}; {chain} if (A3000) a(); return 0; }}
    void after(void) {{ if (two != 2) a(); }}
    """
    said = Diagnostics()
    graph = graph_of(text, diagnostics=said)
    assert [each.message for each in said] == [
        "deep() is nested too deeply to be read: its calls are not known"
    ]
    assert {edge.caller for edge in graph.edges} == set()


def test_other_functions_are_evaluated_as_if_the_deep_one_were_not_there() -> None:
    sums = "1+" * 3000 + "1"
    text = "extern void a(void); enum {{ ON = 1 }};{0} void f(void) {{ if (!ON) a(); a(); }}"
    deep = f"void d(void) {{ int i = {sums}; a(); }}"
    with_it, without = graph_of(text.format(deep)), graph_of(text.format(""))
    assert [e for e in with_it.edges if e.caller == "f"] == list(without.edges)


@pytest.mark.parametrize(
    "text",
    [
        "int i = " + "sizeof(typeof(" * 40 + "1" + "))" * 40 + ";",
        "int a0 __attribute__((aligned(" + "((" * 40 + "8" + "))" * 40 + ")));",
        "".join(f"_Noreturn int v{i}(void); " for i in range(2000)),
    ],
)
def test_long_and_nested_forms_that_are_read(text: str) -> None:
    parsed = f"extern void a(void); void f(void) {{ {text} a(); }}"
    assert evaluate(parsed).called() == {"a": 1}


@pytest.mark.parametrize("start", ["typeof (", "typedef int", "case", "__attribute__ ( ( a ("])
def test_forms_without_end_are_lost(start: str) -> None:
    piece = CParser().parse_statements(f"{start} ".split() * 3000, {}, ())
    assert piece.losses


def test_brackets_are_matched_once() -> None:
    work = Work("f ( a , ( b , c ) , { d } ) ] e (".split())
    assert work.closing(1) == 13
    assert work.closing(4) == 8
    assert work.closing(16) == 16
    assert [work[i] for i in work.top_level(2, 13)] == ["a", ",", "(", ")", ",", "{", "}"]
    assert list(work.top_level(14, 17)) == []
    assert [work.braces_around(at) for at in (9, 11, 13)] == [0, 1, 0]


def test_attributes_whose_arguments_are_read_again_and_again_are_given_up() -> None:
    """Each such argument is parsed behind as many blanks as tokens stand before it."""
    for count, lost in ((300, False), (3000, True)):
        members = "int a __attribute__ ( ( aligned ( 1 << 3 ) ) ) ; ".split() * count
        piece = CParser().parse_file_scope(["struct", "s", "{", *members, "}", ";"], {}, ())
        assert any(isinstance(each, Lost) for each in piece.body) is lost

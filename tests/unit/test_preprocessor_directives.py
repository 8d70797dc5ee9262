"""Directives (C17 6.10): conditionals, includes, guards, places of errors, hostile files."""

from __future__ import annotations

import time

import pytest

from analyzer.errors import BadInput
from analyzer.preprocessor.directive import Op
from analyzer.preprocessor.skeleton import MAX_LINE, make_skeleton
from preprocess_case import walk


def active(source: str, files: dict[str, str] | None = None, **macros: str) -> str:
    """The text that one configuration compiles."""
    base = {name: ((1, text),) for name, text in macros.items()}
    return walk(source, files, base=base).text()


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("#if 1\na\n#else\nb\n#endif\nc", "a c"),
        ("#if 0\na\n#elif 1\nb\n#elif 1\nc\n#else\nd\n#endif", "b"),
        ("#if 0\n#if 1\na\n#else\nb\n#endif\n#else\nc\n#endif", "c"),
        ("#ifdef X\na\n#endif\n#ifndef X\nb\n#endif", "b"),
        ("#define X\n#ifdef X\na\n#else\nb\n#endif", "a"),
        ("#define X\n#undef X\n#ifdef X\na\n#else\nb\n#endif", "b"),
        ("#if 0\n#elifdef X\na\n#elifndef X\nb\n#endif", "b"),
        ("#if 1\na\n#elif 1 / 0\nb\n#endif", "a"),
        ("#if 0\n#if 1 / 0\n#endif\n#endif\na", "a"),
        ("  #  if 1 /* why */ && /* not\n here */ 1\na\n # endif // done", "a"),
        ("#/**/if 1\na\n#endif", "a"),
        ("/* x */ #if 0\na\n#endif\nb", "b"),
        ("#if 1 && \\\n 0\na\n#else\nb\n#endif", "b"),
        ("#if\\\n 1\na\n#endif", "a"),
        ('#\n#line 7\n#ident "x"\n#warning careful\na', "a"),
        ("a // comment \\\n#if 0\nb", "a b"),
        ('"/* no comment" /* x */ \'"\' // y', '"/* no comment" \'"\''),
        ("#define X /* a\n b */ 1\n#if X\na\n#endif", "a"),
        ("a\r\n#if 1\r\nb\r\n#endif\r\n", "a b"),
    ],
)
def test_active_text(source: str, result: str) -> None:
    walked = walk(source)
    assert walked.text() == result
    assert walked.codes() == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("\n#if 1\n", "a.c:2: unterminated conditional"),
        ("#if 1\n#if 0\n#endif\n", "a.c:1: unterminated conditional"),
        ("x\n#endif\n", "a.c:2: #endif without #if"),
        ("#else\n", "a.c:1: #else without #if"),
        ("#elif 1\n", "a.c:1: #elif without #if"),
        ("#if 1\n#else\n#else\n#endif\n", "a.c:3: #else after #else"),
        ("#if 1\n#else\n#elif 1\n#endif\n", "a.c:3: #elif after #else"),
        ("/*\n\n*/#ifdef\n#endif", "a.c:3: no macro name given in #ifdef"),
        ("#undef 7\n", "a.c:1: no macro name given in #undef"),
        ("a\n\n/* never ends\n#if 1\n", "a.c:3: unterminated comment"),
    ],
)
def test_broken_files(source: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        walk(source)
    assert str(caught.value) == message


def test_lines_survive_comments_and_splices() -> None:
    skeleton = make_skeleton(
        b"/* 1\n 2 */\n#define A \\\n 1\n\nint x; /* 6\n 7 */ int y;\n#ifdef A\n#endif\n", "f.h"
    )
    assert [(item.op, item.line) for item in skeleton.items] == [
        (Op.DEFINE, 3),
        (Op.TEXT, 4),
        (Op.IF, 8),
        (Op.ENDIF, 9),
    ]
    tokens = [(token[0], token[2]) for _, _, token in walk("a /*\n*/ b\\\nc\n\nd").active(0)]
    assert tokens == [("a", 1), ("b", 2), ("c", 3), ("d", 5)]


def test_error_directives_are_noted_where_they_are_reached() -> None:
    walked = walk("#if 0\n#error never\n#endif\n#error this way\n")
    assert walked.codes() == ["error-directive a.c:4: #error this way"]


class TestIncludes:
    """``#include`` in its forms (C17 6.10.2), guards, and ends of recursion."""

    def test_the_quoted_form_looks_beside_first(self) -> None:
        files = {"d/b.h": '#include "c.h"\n', "d/c.h": "beside\n", "include/c.h": "searched\n"}
        assert active('#include "d/b.h"\n#include <c.h>\n', files) == "beside searched"

    def test_the_quoted_form_falls_back_to_the_search_path(self) -> None:
        assert active('#include "c.h"\n', {"include/c.h": "found\n"}) == "found"

    def test_computed_names(self) -> None:
        files = {"include/x/c.h": "system\n", "d.h": "quoted\n"}
        source = (
            '#define S <x/c.h>\n#define Q "d.h"\n#define MAKE(x) <x/c.h>\n'
            "#include S\n#include Q\n#include MAKE(x)\n"
        )
        assert active(source, files) == "system quoted system"

    def test_a_computed_name_that_is_none(self) -> None:
        walked = walk("#define N 7\n#include N\n")
        assert walked.codes() == ["bad-include a.c:2: #include 7: no header name"]

    def test_include_next_goes_on_behind_the_directory(self) -> None:
        walked = walk(
            "#include <x.h>\n",
            {"i/x.h": "first\n#include_next <x.h>\n", "j/x.h": "second\n"},
            directories=((1, "i"), (1, "j")),
        )
        assert walked.text() == "first second"

    def test_a_missing_file_is_reported_with_its_place(self) -> None:
        walked = walk("\n#include <gone.h>\n#if 0\n#include <also.h>\n#endif\nrest\n")
        assert walked.codes() == ["include-not-found a.c:2: gone.h was not found"]
        assert walked.text() == "rest"

    def test_directories_hold_where_they_are_given(self) -> None:
        walked = walk(
            "#include <x.h>\n",
            {"i/x.h": "one\n", "j/x.h": "two\n"},
            mask=0b111,
            directories=((0b001, "i"), (0b011, "j")),
        )
        assert [walked.text(bit) for bit in range(3)] == ["one", "two", ""]
        assert walked.codes() == ["include-not-found a.c:1: x.h was not found"]

    def test_a_generated_header_may_differ(self) -> None:
        walked = walk(
            "#include <g.h>\n",
            mask=0b11,
            generated={"include/g.h": ((0b01, "one\n"), (0b10, "two\n"))},
        )
        assert [walked.text(0), walked.text(1)] == ["one", "two"]

    def test_nothing_outside_the_tree_is_read(self) -> None:
        files = {"/etc/x.h": "outside\n", "../x.h": "outside\n"}
        walked = walk('#include "/etc/x.h"\n#include "../x.h"\n', files)
        assert walked.text() == ""
        assert len(walked.codes()) == 2

    @pytest.mark.parametrize(
        "header",
        [
            "#ifndef H\n#define H\nonce\n#endif\n",
            "#if !defined(H)\n#define H\nonce\n#endif\n",
            "#pragma once\nonce\n",
            "/* c */\n#ifndef H\n#define H\nonce\n#endif /* H */\n",
        ],
    )
    def test_guards(self, header: str) -> None:
        walked = walk("#include <h.h>\n" * 3, {"include/h.h": header})
        assert walked.text() == "once"
        assert len(walked.inclusions) == 2

    def test_no_guard_with_an_else(self) -> None:
        header = "#ifndef H\n#define H\nonce\n#else\nagain\n#endif\n"
        assert active("#include <h.h>\n" * 2, {"include/h.h": header}) == "once again"

    def test_a_guard_per_configuration(self) -> None:
        walked = walk(
            "#ifdef X\n#include <h.h>\n#endif\n#include <h.h>\n",
            {"include/h.h": "#pragma once\nh\n"},
            mask=0b11,
            base={"X": ((0b01, "1"),)},
        )
        assert [walked.text(0), walked.text(1)] == ["h", "h"]

    def test_a_file_that_includes_itself(self) -> None:
        source = '#ifndef AGAIN\nfirst\n#define AGAIN\n#include "a.c"\n#else\nsecond\n#endif\n'
        assert active(source) == "first second"

    def test_a_file_that_counts_its_inclusions(self) -> None:
        header = "#if N == 2\nend\n#elif N == 1\n#undef N\n#define N 2\n#include <n.h>\n"
        header += "#else\n#define N 1\n#include <n.h>\n#endif\n"
        assert active("#include <n.h>\n", {"include/n.h": header}) == "end"

    def test_an_endless_include(self) -> None:
        with pytest.raises(BadInput, match="nested depth") as caught:
            walk("#include <l.h>\n", {"include/l.h": "\n#include <l.h>\n"})
        assert str(caught.value) == "include/l.h:2: #include nested depth exceeds 200"

    def test_a_loop_of_two_files(self) -> None:
        files = {"include/l.h": "#include <m.h>\n", "include/m.h": "#include <l.h>\n"}
        with pytest.raises(BadInput, match="nested depth"):
            walk("#include <l.h>\n", files)


@pytest.mark.parametrize(
    "source",
    [
        "#define X " + "a " * (5 << 20),
        "#if " + "(" * (10 << 20),
        "int x; /* " + "*" * (10 << 20) + " */ #define Y",
        'char s[] = "' + "a" * (10 << 20) + '";\n',
        "#define X " + "\\\n" * (5 << 20),
        "a " * (5 << 20),
    ],
    ids=["define", "if", "comment", "string", "splices", "text"],
)
def test_a_line_of_ten_megabytes_is_refused_at_once(source: str) -> None:
    assert len(source) > 5 * MAX_LINE
    begin = time.process_time()
    with pytest.raises(BadInput, match="a line of more than"):
        make_skeleton(source.encode(), "a.c")
    assert time.process_time() - begin < 3


def test_long_files_of_short_lines_are_fine() -> None:
    skeleton = make_skeleton(b"int x;\n" * 300_000, "a.c")
    assert len(skeleton.items) == 1

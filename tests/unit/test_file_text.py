"""Where a word stands in a file's text: looked for in the logical lines that have it."""

from __future__ import annotations

import re

import pytest

from analyzer.callgraph.filetext import FileText
from analyzer.preprocessor.outline import make_outline
from analyzer.preprocessor.skeleton import make_skeleton
from analyzer.preprocessor.token import LITERAL

WORD = re.compile(rf"(?<![\w$])f(?![\w$])|{LITERAL}")
MEMBER = re.compile(r"(?:(?<=\.)|(?<=->)|(?<=\.\s)|(?<=->\s))f(?![\w$])")


def found(source: str, pattern: re.Pattern[str] = WORD) -> list[tuple[int, str]]:
    skeleton = make_skeleton(source.encode(), "a.c")
    text = FileText(skeleton, make_outline(skeleton))
    return [
        (text.line(item, match.start()), match[0]) for item, match in text.occurrences("f", pattern)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("int f(void);\nint g(void);\nint h = f + f;\n", [(1, "f"), (3, "f"), (3, "f")]),
        ('char *s = "f";\nint f;\n', [(1, '"f"'), (2, "f")]),
        ('char *s = "a\\\nf\\\nb"; int f;\nint g;', [(1, '"a\\\nf\\\nb"'), (3, "f")]),
        ('char *s = "x\\\ny", *t = "z";\nint f;\n', [(3, "f")]),
        ("#if A\nint f;\n#else\nint g, f;\n#endif\n", [(2, "f"), (4, "f")]),
        ("int if_f, ff;\n", []),
    ],
)
def test_a_literal_hides_what_is_in_it(source: str, expected: list[tuple[int, str]]) -> None:
    assert found(source) == expected


def test_what_stands_before_a_line_is_seen() -> None:
    assert found("int a = o.\nf;\nint b = f;\n", MEMBER) == [(2, "f")]

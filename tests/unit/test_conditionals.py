"""The preprocessor conditionals around a line, as evidence."""

from __future__ import annotations

import pytest

from analyzer.callgraph.conditionals import conditionals_at
from analyzer.preprocessor.skeleton import make_skeleton

TEXT = """#ifndef GUARD
#define GUARD
#ifdef CONFIG_A
a();
#elif CONFIG_N > 1 && defined(CONFIG_B)
b();
#else
c();
#if !defined(CONFIG_C)
d();
#endif
#endif
#ifndef __ASSEMBLY__
e();
#endif
f();
#endif
"""


@pytest.mark.parametrize(
    ("line", "conditions"),
    [
        (4, [("CONFIG_A", 3)]),
        (6, [("!CONFIG_A && CONFIG_N > 1 && defined(CONFIG_B)", 5)]),
        (8, [("!CONFIG_A && !(CONFIG_N > 1 && defined(CONFIG_B))", 7)]),
        (10, [("!CONFIG_A && !(CONFIG_N > 1 && defined(CONFIG_B))", 7), ("!CONFIG_C", 9)]),
        (14, []),
        (16, []),
    ],
)
def test_conditionals(line: int, conditions: list[tuple[str, int]]) -> None:
    skeleton = make_skeleton(TEXT.encode(), "x.h")
    found = conditionals_at(skeleton, line)
    assert [(text, place.line) for text, place in found] == conditions
    assert {place.file for _, place in found} <= {"x.h"}

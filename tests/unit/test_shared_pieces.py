"""What is parsed once for several units: not where the same tokens mean something else."""

from __future__ import annotations

import pytest

from analyzer.csource.source_cache import SourceCache
from analyzer.csource.syntax import Declaration, Expression, FunctionDefinition, Hole
from analyzer.csource.unit import TranslationUnit
from preprocess_case import walk

TYPE = ("typedef int T;\nint x;\n", Declaration)
OBJECT = ("int T, x;\n", Expression)


@pytest.mark.parametrize("text", ["T * x;", "USE", "T * x; USE"])
@pytest.mark.parametrize("order", [(TYPE, OBJECT), (OBJECT, TYPE)])
def test_tokens_mean_what_their_own_unit_makes_of_names(
    order: tuple[tuple[str, type], ...], text: str
) -> None:
    cache = SourceCache()
    for before, expected in order:
        walked = walk(f"#define USE T * x;\n{before}void f(void)\n{{ {text} }}\n")
        unit = TranslationUnit("a.c", walked.mask, walked.table, walked.inclusions, cache)
        (found,) = unit.ordinary("f")
        assert isinstance(found.statement, FunctionDefinition)
        statement = found.statement.body[0]
        if isinstance(statement, Expression) and isinstance(statement.expr, Hole):
            ((_, inner),) = found.bound.holes[statement.expr.number]
            statement = inner.piece.body[0]
        assert isinstance(statement, expected)

"""The JSON contract of ``matrix`` (``docs/schema/matrix-1.json``)."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.matrix.result import (
    Considered,
    MatrixClass,
    MatrixResult,
    Row,
    Statement,
    Varied,
)
from analyzer.report.json import paths_values
from analyzer.report.json_parts import (
    Value,
    config_values,
    diagnostic_values,
    document_text,
    hexadecimal,
    kernel_values,
    place_values,
)

MATRIX_SCHEMA = "kimpact/matrix/1"


def matrix_json(result: MatrixResult) -> str:
    """The text of a ``kimpact/matrix/1`` document, with a final line end."""
    return document_text(matrix_values(result))


def matrix_values(result: MatrixResult) -> dict[str, Value]:
    """A ``kimpact/matrix/1`` document."""
    names = [one.name for one in result.vary]
    return {
        "schema": MATRIX_SCHEMA,
        "kernel": kernel_values(result.paths.kernel),
        "base": {"name": result.base.name, "file": result.base.file},
        "functions": list(result.functions),
        "configs": config_values(result.paths.configs),
        "vary": names,
        "relevant": [_varied(one) for one in result.vary],
        "considered": [_considered(one) for one in result.considered],
        "rows": [_row(names, row) for row in result.rows],
        "classes": [_class(one) for one in result.classes],
        "paths": paths_values(result.paths),
        "diagnostics": diagnostic_values(result.diagnostics),
    }


def _varied(one: Varied) -> Value:
    return {
        "symbol": one.name,
        "values": list(one.values),
        "evidence": _statements(one.evidence),
    }


def _considered(one: Considered) -> Value:
    return {
        "symbol": one.name,
        "role": one.role.value,
        "evidence": _statements(one.evidence),
        "why": _statements(one.why),
    }


def _row(names: list[str], row: Row) -> Value:
    return {
        "values": dict(zip(names, row.values, strict=True)),
        "verdict": row.verdict.value,
        "reason": "; ".join(_sentence(reason) for reason in row.reasons) or None,
        "reasons": _statements(row.reasons),
        "config": row.witness,
        "witness": row.file,
        "class": row.path_class,
    }


def _sentence(statement: Statement) -> str:
    if statement.location is None:
        return statement.text
    return f"{statement.text} ({statement.location})"


def _class(one: MatrixClass) -> Value:
    return {
        "mask": hexadecimal(one.mask),
        "when": one.when,
        "built": one.built,
        "outcomes": [
            {
                "platforms": list(outcome.platforms),
                "effects": list(outcome.effects),
                "mask": hexadecimal(outcome.mask),
            }
            for outcome in one.outcomes
        ],
    }


def _statements(statements: Iterable[Statement]) -> list[Value]:
    return [{"text": one.text, **place_values(one.location)} for one in statements]

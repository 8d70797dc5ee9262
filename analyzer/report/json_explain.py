"""The JSON contract of ``explain`` (``docs/schema/explain-1.json``)."""

from __future__ import annotations

from analyzer.explain.result import ExplainResult, Explanation, Link, Operand, Statement, Wish
from analyzer.report.json_parts import (
    Value,
    config_values,
    diagnostic_values,
    document_text,
    hexadecimal,
    kernel_values,
    place_values,
)

EXPLAIN_SCHEMA = "kimpact/explain/1"


def explain_json(result: ExplainResult) -> str:
    """The text of a ``kimpact/explain/1`` document, with a final line end."""
    return document_text(explain_values(result))


def explain_values(result: ExplainResult) -> dict[str, Value]:
    """A ``kimpact/explain/1`` document."""
    return {
        "schema": EXPLAIN_SCHEMA,
        "kernel": kernel_values(result.kernel),
        "configs": config_values(result.configs),
        "symbols": [_explanation(each) for each in result.explanations],
        "wishes": [_wish(wish) for wish in result.wishes],
        "diagnostics": diagnostic_values(result.diagnostics),
    }


def _wish(wish: Wish) -> Value:
    return {
        "name": wish.name,
        "value": wish.value,
        "config": wish.config,
        "verdict": wish.kind.value,
        "fragment": list(wish.fragment),
        "reasons": [
            {"text": step.text, "follows": list(step.follows), **place_values(step.location)}
            for step in wish.reasons
        ],
        "probes": wish.probes,
    }


def _explanation(each: Explanation) -> Value:
    return {
        "name": each.name,
        "type": each.type.value,
        "value": each.value,
        "mask": hexadecimal(each.mask),
        "because": {"text": each.text, **place_values(each.location)},
        "recorded": each.recorded,
        "changed": each.changed,
        "unmet": each.unmet,
        "reasons": [_statement(statement) for statement in each.statements],
        "left_out": [{"kind": kind.value, "count": count} for kind, count in each.idle],
        "chain": [_link(link) for link in each.links],
        "hidden": each.hidden,
    }


def _statement(statement: Statement) -> Value:
    return {
        "kind": statement.kind.value,
        "state": statement.state.value,
        "decides": statement.decides,
        "text": statement.text,
        "valued": statement.valued,
        "value": statement.value,
        "symbols": [_operand(operand) for operand in statement.operands],
        "source": None if statement.source is None else _operand(statement.source),
        "origin": None if statement.origin is None else statement.origin.value,
        "blocked": statement.blocked or None,
        **place_values(statement.location),
        "chain": [_link(link) for link in statement.links],
        "hidden": statement.hidden,
    }


def _operand(operand: Operand) -> Value:
    return {"name": operand.name, "value": operand.value}


def _link(link: Link) -> Value:
    return {
        "name": link.name,
        "type": link.type.value,
        "value": link.value,
        "because": {"text": link.text, **place_values(link.location)},
        "again": link.again,
        "hidden": link.hidden,
        "chain": [_link(below) for below in link.links],
    }

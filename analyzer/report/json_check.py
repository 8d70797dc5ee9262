"""The JSON contract of ``check`` (``docs/schema/check-1.json``)."""

from __future__ import annotations

from analyzer.impact.policy import Rule, Violation
from analyzer.impact.verdicts import CheckResult
from analyzer.report.json_parts import (
    Value,
    config_values,
    diagnostic_values,
    document_text,
    hexadecimal,
    kernel_values,
    place_values,
)

CHECK_SCHEMA = "kimpact/check/1"


def check_json(result: CheckResult) -> str:
    """The text of a ``kimpact/check/1`` document, with a final line end."""
    return document_text(check_values(result))


def check_values(result: CheckResult) -> dict[str, Value]:
    """A ``kimpact/check/1`` document."""
    return {
        "schema": CHECK_SCHEMA,
        "kernel": kernel_values(result.kernel),
        "configs": config_values(result.configs),
        "rules": [rule_values(rule) for rule in result.rules],
        "trees": [
            {
                "title": tree.title,
                "absent": list(tree.absent),
                "violations": [violation_values(one) for one in tree.violations],
            }
            for tree in result.trees
        ],
        "kept": result.kept,
        "diagnostics": diagnostic_values(result.diagnostics),
    }


def rule_values(rule: Rule) -> dict[str, Value]:
    """A rule as it was given."""
    return {
        "name": rule.name,
        "function": rule.function,
        "when": rule.when,
        "object": rule.object,
        "platforms": list(rule.platforms),
        "never": list(rule.never),
        "only": None if rule.only is None else list(rule.only),
        "must": list(rule.must),
        "avoids": list(rule.avoids),
    }


def violation_values(one: Violation) -> dict[str, Value]:
    """Where and how a rule is broken, and the path."""
    return {
        "rule": one.rule,
        "what": one.what,
        "mask": hexadecimal(one.mask),
        "platforms": list(one.platforms),
        "when": one.when,
        "path": [
            {
                "name": node.name,
                "call": place_values(None if number == 0 else one.path[number - 1].location),
                **place_values(node.location),
            }
            for number, node in enumerate(one.nodes)
        ],
    }

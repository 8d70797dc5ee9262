"""The JSON contract of ``configs`` (``docs/schema/configs-1.json``)."""

from __future__ import annotations

from analyzer.contrast.result import ComparedSymbol, ConfigsResult
from analyzer.report.json_parts import (
    Value,
    config_values,
    diagnostic_values,
    document_text,
    hexadecimal,
    kernel_values,
)

CONFIGS_SCHEMA = "kimpact/configs/1"


def configs_json(result: ConfigsResult) -> str:
    """The text of a ``kimpact/configs/1`` document, with a final line end."""
    return document_text(configs_values(result))


def configs_values(result: ConfigsResult) -> dict[str, Value]:
    """A ``kimpact/configs/1`` document."""
    return {
        "schema": CONFIGS_SCHEMA,
        "kernel": None if result.kernel is None else kernel_values(result.kernel),
        "configs": config_values(result.configs),
        "function": result.function,
        "groups": [{"mask": hexadecimal(group)} for group in result.groups],
        "symbols": [_symbol(symbol) for symbol in result.symbols],
        "diagnostics": diagnostic_values(result.diagnostics),
    }


def _symbol(symbol: ComparedSymbol) -> Value:
    return {
        "name": symbol.name,
        "type": None if symbol.type is None else symbol.type.value,
        "differs": symbol.differs,
        "dependents": symbol.dependents,
        "values": [{"value": text, "mask": hexadecimal(mask)} for mask, text in symbol.values],
    }

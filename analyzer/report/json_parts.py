"""What the JSON documents of all commands have in common.

Masks are lower-case hex strings; bit *i* is configuration *i* of ``configs``. Files are
relative to the tree, lines count from 1. Text is ASCII, keys come in a fixed order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, Kernel

Value = None | bool | int | str | Sequence["Value"] | dict[str, "Value"]
"""What JSON can say."""


def document_text(document: Value) -> str:
    """The text of a document, with a final line end."""
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def hexadecimal(mask: Mask) -> str:
    """A mask."""
    return f"{mask:#x}"


def config_values(configs: Sequence[ConfigInfo]) -> list[Value]:
    """The configurations of a run; bit *i* of a mask is the *i*-th."""
    return [{"name": config.name, "file": config.file} for config in configs]


def place_values(location: Location | None) -> dict[str, Value]:
    """``file`` and ``line``, both null where there is no place."""
    if location is None:
        return {"file": None, "line": None}
    return {"file": location.file, "line": location.line}


def diagnostic_values(diagnostics: Iterable[Diagnostic]) -> list[Value]:
    """What a run assumed, skipped or could not follow."""
    return [
        {
            "severity": diagnostic.severity.value,
            "code": diagnostic.code,
            "message": diagnostic.message,
            **place_values(diagnostic.location),
        }
        for diagnostic in diagnostics
    ]


def kernel_values(kernel: Kernel) -> Value:
    """The tree."""
    return {"version": kernel.version, "arch": kernel.arch}

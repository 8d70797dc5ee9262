"""The schemas of the JSON documents, which are those of the tools' results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analyzer.errors import InternalError


def schema_of(command: str) -> dict[str, Any]:
    """The schema of ``kimpact COMMAND --format json``: in the package, or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "schema", package.parent / "docs" / "schema"):
        path = folder / f"{command}-1.json"
        if path.is_file():
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return found
    raise InternalError(f"the schema of {command} is missing from this installation")

"""The results of a sweep as a Parquet file, made from the file of JSON lines.

Columns are those of the lines. ``document`` is JSON text: its shape depends on what was asked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from analyzer.errors import BadInput
from analyzer.sweep.results import SCHEMA

GROUP_BYTES = 32 << 20
"""Lines are taken together into row groups of about this size."""

COLUMNS = pyarrow.schema(
    [
        pyarrow.field("task", pyarrow.string(), nullable=False),
        pyarrow.field("kernel", pyarrow.string(), nullable=False),
        pyarrow.field("patch", pyarrow.string()),
        pyarrow.field("function", pyarrow.string()),
        pyarrow.field("status", pyarrow.string(), nullable=False),
        pyarrow.field("seconds", pyarrow.float64(), nullable=False),
        pyarrow.field("error", pyarrow.string()),
        pyarrow.field("document", pyarrow.string()),
    ],
    metadata={"schema": SCHEMA},
)


def write_table(lines: Path, target: Path) -> None:
    """Write all results in ``lines`` to ``target``, which is replaced when all of it is there.

    Raises :class:`BadInput` if it cannot be written.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            with parquet.ParquetWriter(beside, COLUMNS, compression="zstd") as writer:
                for group in _groups(lines):
                    writer.write_table(pyarrow.Table.from_pylist(group, COLUMNS))
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror or error}", str(target)) from None


def _groups(lines: Path) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    size = 0
    with lines.open("rb") as stream:
        for line in stream:
            entry = json.loads(line)
            document = entry["document"]
            text = None if document is None else json.dumps(document)
            seconds = float(entry["seconds"])
            group.append({**entry, "seconds": seconds, "document": text})
            size += len(line)
            if size >= GROUP_BYTES:
                yield group
                group, size = [], 0
    if group:
        yield group

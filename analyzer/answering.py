"""From a request to its JSON document and its report in plain text.

Everything is loaded when it is needed: a process answers one request.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any, TextIO

from analyzer.errors import InternalError
from analyzer.progress import Progress
from analyzer.requests import (
    CallersRequest,
    CheckRequest,
    ConfigsRequest,
    ExplainRequest,
    MatrixRequest,
    PathsRequest,
    ReviewRequest,
    SlotsRequest,
)


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """``document`` is what the command's ``--format json`` prints, ``text`` its report."""

    document: dict[str, Any]
    text: str


def answer(request: object, progress: Progress) -> ToolAnswer:
    """Run the analysis that ``request`` asks for.

    Raises :class:`BadInput` as the pipeline does.
    """
    kept = io.BytesIO()
    out = io.TextIOWrapper(kept, encoding="utf-8", errors="backslashreplace", write_through=True)
    document = _document(request, progress, out)
    return ToolAnswer(json.loads(document), kept.getvalue().decode())


def _document(request: object, progress: Progress, out: TextIO) -> str:
    """The document as text; the report is written to ``out``."""
    match request:
        case PathsRequest():
            from analyzer.pipeline import run_paths
            from analyzer.report.json import paths_json
            from analyzer.report.tree import print_paths

            paths = run_paths(request, progress)
            print_paths(paths, out)
            return paths_json(paths)
        case CallersRequest():
            from analyzer.pipeline import run_callers
            from analyzer.report.callers import print_callers
            from analyzer.report.json import callers_json

            callers = run_callers(request, progress)
            print_callers(callers, out)
            return callers_json(callers)
        case SlotsRequest():
            from analyzer.pipeline import run_slots
            from analyzer.report.json import slots_json
            from analyzer.report.slots import print_slots

            slots = run_slots(request, progress)
            print_slots(slots, out)
            return slots_json(slots)
        case ExplainRequest():
            from analyzer.pipeline import run_explain
            from analyzer.report.explain import print_explain
            from analyzer.report.json_explain import explain_json

            explained = run_explain(request, progress)
            print_explain(explained, out)
            return explain_json(explained)
        case MatrixRequest():
            from analyzer.pipeline import run_matrix
            from analyzer.report.json_matrix import matrix_json
            from analyzer.report.matrix import print_matrix

            matrix = run_matrix(request, progress)
            print_matrix(matrix, out)
            return matrix_json(matrix)
        case ReviewRequest():
            from analyzer.pipeline import run_review
            from analyzer.report.json_review import review_json
            from analyzer.report.review import print_review

            review = run_review(request, progress)
            print_review(review, out)
            return review_json(review)
        case CheckRequest():
            from analyzer.pipeline import run_check
            from analyzer.report.check import print_check
            from analyzer.report.json_check import check_json

            checked = run_check(request, progress)
            print_check(checked, out)
            return check_json(checked)
        case ConfigsRequest():
            from analyzer.pipeline import run_configs
            from analyzer.report.configs import print_configs
            from analyzer.report.json_configs import configs_json

            compared = run_configs(request, progress)
            print_configs(compared, out)
            return configs_json(compared)
    raise InternalError(f"no tool asks for {type(request).__name__}")

"""Wiring: a request goes in, the parts are put together, plain facts come out.

``kept`` uses and keeps answers of earlier runs, ``sessions`` opens what an analysis works
on; the other files hold the commands.
"""

from analyzer.pipeline.answers import run_callers, run_paths, run_slots
from analyzer.pipeline.completing import run_record, run_resolve
from analyzer.pipeline.contrasting import run_configs
from analyzer.pipeline.explaining import run_explain
from analyzer.pipeline.matrix import run_matrix
from analyzer.pipeline.review import run_check, run_review
from analyzer.pipeline.units import run_callgraph

__all__ = [
    "run_callers",
    "run_callgraph",
    "run_check",
    "run_configs",
    "run_explain",
    "run_matrix",
    "run_paths",
    "run_record",
    "run_resolve",
    "run_review",
    "run_slots",
]

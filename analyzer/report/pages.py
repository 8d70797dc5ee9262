"""The pages of the commands: what ``--format html`` prints (:mod:`analyzer.report.page`)."""

from __future__ import annotations

from analyzer.paths.result import PathsResult
from analyzer.report.json import paths_values
from analyzer.report.page import page


def paths_page(result: PathsResult) -> str:
    """The page of ``kimpact paths``."""
    names = {node.id: node.name for node in result.nodes}
    return page(paths_values(result), f"paths of {', '.join(names[root] for root in result.roots)}")

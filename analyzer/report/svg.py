"""``--format svg``: a graph drawn by Graphviz, through its Python binding."""

from __future__ import annotations

from analyzer.errors import BadInput
from analyzer.report.dot import dot_text
from analyzer.report.graph import Drawing

_NEEDED = (
    "--format svg is drawn by Graphviz: install its program dot (the package graphviz of a "
    "distribution) and the binding (pip install 'kimpact[graph]'); --format dot needs neither"
)


def svg_text(drawing: Drawing) -> str:
    """The graph as an SVG document.

    Raises :class:`BadInput` where Graphviz or its binding is not installed.
    """
    try:
        import graphviz  # noqa: PLC0415 (an extra)
    except ImportError:
        raise BadInput(_NEEDED) from None
    try:
        drawn: str = graphviz.Source(dot_text(drawing)).pipe(format="svg", encoding="utf-8")
    except graphviz.ExecutableNotFound:
        raise BadInput(_NEEDED) from None
    return drawn

"""``--format dot``: a graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.report.graph import Drawing, Shape, Stroke

_SHAPES = {
    Shape.FUNCTION: 'style="rounded,filled"',
    Shape.MACRO: 'style="rounded,dashed"',
    Shape.ROOT: 'style="rounded,filled,bold" fillcolor="#e6eef9"',
    Shape.SLOT: 'style="filled" fillcolor="#f3f3f1"',
    Shape.UNKNOWN: 'shape=plain fontcolor="#7a4a00"',
}
_STROKES = {
    Stroke.SURE: "",
    Stroke.CANDIDATE: 'style="dashed"',
    Stroke.CALLBACK: 'style="dotted" penwidth=1.6',
}


def dot_text(drawing: Drawing) -> str:
    """The graph, with a final line end."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    yield f"digraph {_quoted([drawing.title])} {{"
    yield f"  rankdir={'LR' if drawing.across else 'TB'}"
    yield '  node [shape=box fontname="monospace" fontsize=10 fillcolor="#fcfcfb"]'
    yield '  edge [fontname="monospace" fontsize=8 fontcolor="#5b6067" color="#5b6067"]'
    for one in drawing.vertices:
        effects = [one.effects] if one.effects else []
        marks = ' color="#0b5f5c" penwidth=1.6' if effects else ""
        label = _quoted([*one.lines, *effects])
        yield f"  {one.id} [label={label} {_SHAPES[one.shape]}{marks}]"
    for arrow in drawing.arrows:
        label = f"label={_quoted(arrow.lines, left=True)} " if arrow.lines else ""
        yield f"  {arrow.source} -> {arrow.target} [{label}{_STROKES[arrow.stroke]}]"
    yield "}"


def _quoted(lines: Iterable[str], left: bool = False) -> str:
    """Lines as a quoted string; ``left``: each ends as one that is set flush left."""
    end = "\\l" if left else "\\n"
    texts = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return f'"{end.join(texts)}{end if left else ""}"'

"""``--format mermaid``: a flowchart as Markdown renderers draw it
(https://mermaid.js.org/syntax/flowchart.html)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analyzer.report.graph import Drawing, Shape, Stroke

_UNSAFE = re.compile(r"[^A-Za-z0-9 _.,:/+=*()-]")
"""What Mermaid, the Markdown in its labels or a browser could take for more than text."""

_BRACKETS = {
    Shape.FUNCTION: ("(", ")"),
    Shape.MACRO: ("[", "]"),
    Shape.ROOT: ("([", "])"),
    Shape.SLOT: ("[[", "]]"),
    Shape.UNKNOWN: (">", "]"),
}
_ARROWS = {Stroke.SURE: "-->", Stroke.CANDIDATE: "-.->", Stroke.CALLBACK: "==>"}


def mermaid_text(drawing: Drawing) -> str:
    """The graph, with a final line end."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    yield f"flowchart {'LR' if drawing.across else 'TD'}"
    for one in drawing.vertices:
        opening, closing = _BRACKETS[one.shape]
        label = _quoted([*one.lines, *([one.effects] if one.effects else [])])
        yield f"  {one.id}{opening}{label}{closing}"
    for arrow in drawing.arrows:
        label = f"|{_quoted(arrow.lines)}|" if arrow.lines else ""
        yield f"  {arrow.source} {_ARROWS[arrow.stroke]}{label} {arrow.target}"
    marked = [one.id for one in drawing.vertices if one.effects]
    if marked:
        yield "  classDef effect stroke:#0b5f5c,stroke-width:2px"
        yield f"  class {','.join(marked)} effect"


def _quoted(lines: Iterable[str]) -> str:
    """Lines as a quoted label; characters that could mean something as entity codes."""
    texts = (_UNSAFE.sub(lambda found: f"#{ord(found[0])};", line) for line in lines)
    return f'"{"<br/>".join(texts)}"'

"""One line of a changelog: a line of a call tree, a heading in one, or something else.

A line of a tree is a name at some indentation, drawn or not (``|-``, ``+--``, ``\\-``, ``->``),
with arguments, bracketed labels, a comment, and perhaps a chain behind it (``-> name()``).
Code, stack traces, tables, addresses and prose are something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.impact.claims.drawing import Label

MAX_LINE = 400
"""Longer lines are no lines of a tree."""

_TAB = 8
_GAP = 4
"""A name and an arrow further apart than this stand in two columns."""
_LEAD = re.compile(r"[\s|`\\+*└├│─╰→>=-]*")
_RULER = re.compile(r"[-=_*+|\s]*(?:-{4,}|={4,}|_{4,})[-=_*+|\s]*")
_ARROW = re.compile(r"\s*(?:-{1,3}>|={1,2}>|→)\s*")
_NAME = re.compile(r"[A-Za-z_]\w*")
_ARGUMENTS = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_LABEL = re.compile(r"\s*\[([^\[\]]*)\]")
_SAYING = re.compile(r"[^\W\d_]")
"""Dots, and the numbers of footnotes, say nothing."""
_REMARK = re.compile(
    r"\s+\((?:[^()]|\([^()]*\))*\)|\s+(?:/\*.*|//.*|#.*|<-.*|--\s.*|\.\.+\s.*|\*\d+)$|\s*:$|\s+\.\.\.$"
)
_HEADING = re.compile(r"\[([^\[\]]+)\]\s*:?")
_DOTS = re.compile(r"(?:\[?(?:\.{2,}|…|snip)\]?)?")
_KEYWORDS = frozenset(
    "if else for while do switch case default return goto break continue sizeof typeof "
    "struct union enum int void char long bool static const unsigned".split()
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name on a line, in ``column``; ``called`` if parentheses follow it."""

    name: str
    column: int
    called: bool
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class CallLine:
    """Names that call each other from left to right.

    ``edge`` is where the drawing before the name begins, None if there is none but space;
    ``arrow``: it is nothing but an arrow.
    """

    names: tuple[Named, ...]
    edge: int | None
    arrow: bool

    @property
    def column(self) -> int:
        """Where the line begins."""
        return self.names[0].column if self.edge is None else self.edge

    @property
    def loop(self) -> bool:
        """Whether it is the head of a loop made by a macro: what stands below it is called by
        what it stands in."""
        return len(self.names) == 1 and "for_each" in self.names[0].name

    @property
    def drawn(self) -> bool:
        """Whether lines or arrows are drawn."""
        return self.edge is not None or len(self.names) > 1


@dataclass(frozen=True, slots=True)
class HeadingLine:
    """Nothing but words in brackets."""

    label: Label
    column: int


@dataclass(frozen=True, slots=True)
class Filler:
    """Dots, or lines that only connect others."""


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Anything else; ``column`` is where it begins."""

    column: int


Shape = CallLine | HeadingLine | Filler | Blank | Foreign


def shape_of(line: str, number: int) -> Shape:
    """What line ``number`` of a message is."""
    if len(line) > MAX_LINE:
        return Foreign(0)
    text = line.expandtabs(_TAB).rstrip()
    if not text.strip():
        return Blank()
    begin = len(text) - len(text.lstrip())
    if text[begin] == ">" or _RULER.fullmatch(text):
        return Foreign(begin)
    lead = _match_end(_LEAD, text, 0)
    body = text[lead:]
    if _DOTS.fullmatch(body):
        return Filler()
    if heading := _HEADING.fullmatch(body):
        return HeadingLine(Label(heading[1].strip(), number), lead)
    names = _names(text, lead, number)
    if names is None:
        return Foreign(begin)
    edge = begin if begin < lead else None
    return CallLine(names, edge, bool(_ARROW.fullmatch(text[begin:lead])))


def _names(text: str, position: int, number: int) -> tuple[Named, ...] | None:
    """The chain of names from ``position`` to the end of a line; None if it is anything else."""
    found: list[Named] = []
    while True:
        name = _NAME.match(text, position)
        if name is None or name[0] in _KEYWORDS or name[0].isupper():
            return None
        end = name.end()
        called = _ARGUMENTS.match(text, end)
        if called is not None:
            end = called.end()
        labels: list[Label] = []
        while True:
            if label := _LABEL.match(text, end):
                if _SAYING.search(label[1]):
                    labels.append(Label(label[1].strip(), number))
                end = label.end()
            elif remark := _REMARK.match(text, end):
                if remark[0].strip() == ":" and called is None:
                    return None
                end = remark.end()
            else:
                break
        found.append(Named(name[0], position, called is not None, tuple(labels)))
        if end >= len(text.rstrip()):
            return tuple(found)
        arrow = _ARROW.match(text, end)
        if arrow is None or (called is None and not arrow[0][:1].isspace()):
            return None
        if len(arrow[0]) - len(arrow[0].lstrip()) > _GAP:
            return None
        position = arrow.end()
        if position == len(text):
            return tuple(found)


def _match_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return position if found is None else found.end()

"""``kimpact review --format tree``: the report for a terminal.

The summary comes first, one line a patch; then, for each patch that has an impact, the table
of what becomes of the object where, the trees before and after, what is not compiled, what to
run and what of the changelog is true (:mod:`analyzer.report.review_parts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.box import ASCII, SIMPLE_HEAD, Box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analyzer.impact.result import Entry, PatchReview, ReviewResult, Transition
from analyzer.impact.words import (
    became_text,
    change_text,
    changing,
    counted,
    edges_text,
    effects_seen,
    effects_text,
    still_text,
    summary,
    title_of,
    where_text,
    within_text,
)
from analyzer.report.console import UNWRAPPED, ascii_stream, console_for, is_utf8
from analyzer.report.platforms import platform_lines
from analyzer.report.remarks import remark_lines
from analyzer.report.review_parts import part_lines
from analyzer.report.sides import Drawn, Mark, Sides, beside_text, guides_of, sides_of
from analyzer.report.visible import one_line

MAX_TREES = 8
"""Transitions of a patch whose trees are drawn; the rest is in the table."""

MAX_ROWS = 40
"""Rows of a table."""

INDENT = 4
GUTTER = 3
GUIDE_COLUMNS = 4
LEAST_TEXT = 40

ALL_MARKS = frozenset(Mark)
CHANGES = ALL_MARKS - {Mark.SAME}
NO_MARKS = ALL_MARKS - ALL_MARKS

_MARKS = {Mark.SAME: "", Mark.NEW: "bold green", Mark.GONE: "bold red"}


def print_review(result: ReviewResult, stream: TextIO, *, ascii_only: bool = False) -> None:
    """Write ``result`` to ``stream``; plain ASCII if asked for or all that it can take."""
    if ascii_only or not is_utf8(stream):
        with ascii_stream(stream) as plain:
            _Report(result, plain, ASCII).print()
    else:
        _Report(result, stream, SIMPLE_HEAD).print()


class _Report:
    """One report on its way to a console."""

    def __init__(self, result: ReviewResult, stream: TextIO, box: Box) -> None:
        self._result = result
        self._box = box
        self._plain = box is ASCII
        self._drawn: list[list[_Drawn]] = []
        for review in result.reviews:
            self._drawn.append(_trees(review, [one for trees in self._drawn for one in trees]))
        deepest = max(
            (
                line.depth
                for trees in self._drawn
                for _, _, sides in trees
                if sides is not None
                for line in (*sides.before, *sides.after)
            ),
            default=0,
        )
        least = deepest * GUIDE_COLUMNS + LEAST_TEXT if deepest else 0
        self._console: Console = console_for(stream, least)

    def print(self) -> None:
        """Write everything."""
        result = self._result
        several = len(result.reviews) > 1
        self._heading(several)
        for index, review in enumerate(result.reviews):
            if several:
                self._line(Text(title_of(index, result.reviews, one_line), "bold"))
            text = Text(summary(review, one_line))
            self._console.print(Padding(text, (0, 0, 0, INDENT), expand=False))
        for index, review in enumerate(result.reviews):
            if several and _worth_a_section(review):
                self._line()
                self._line(Text(title_of(index, result.reviews, one_line), "bold underline"))
            self._section(review, self._drawn[index])
        remarks = list(remark_lines(result.diagnostics))
        if remarks:
            self._line()
        for remark in remarks:
            self._line(remark)

    def _line(self, text: Text | None = None) -> None:
        self._console.print(Text() if text is None else text)

    def _heading(self, several: bool) -> None:
        result = self._result
        count = len(result.configs)
        which = one_line(result.configs[0].name) if count == 1 else f"{count} configurations"
        kernel = one_line(f"Linux {result.kernel.version} {result.kernel.arch}")
        title = (
            f"{counted(len(result.reviews) - 1, 'patch', 'patches')} and the whole series"
            if several
            else title_of(0, result.reviews, one_line)
        )
        self._line(Text(title, "bold").append(f"  ({kernel}, {which})", "not bold dim"))
        for line in platform_lines(result):
            self._line(Text(line, "dim"))
        if several:
            self._line()

    def _section(self, review: PatchReview, trees: list[_Drawn]) -> None:
        if any(entry.transitions for entry in review.entries):
            self._line()
            self._console.print(self._table(review))
            self._rows_left(review)
        for entry, change, sides in trees:
            if sides is not None:
                self._line()
                self._tree(entry, change, sides)
        above = sum(1 for one in trees if one[2] is None)
        if above:
            self._line()
            self._line(Text(f"{counted(above, 'more tree')} as above", "dim"))
        left = sum(1 for _, change in changing(review) if change.paths_change) - len(trees)
        if left > 0:
            more = counted(left, "more change")
            self._line(Text(f"{more} without a tree here (--format json has all)", "dim"))
        for line in part_lines(review, self._result.configs, self._result.rules):
            self._line(line)

    def _table(self, review: PatchReview) -> Table:
        table = Table(box=self._box, show_edge=False, pad_edge=False, header_style="bold")
        seen = effects_seen(review)
        effects = ("before", "after") if seen else ()
        for title in ("function", "where", *effects, "paths"):
            table.add_column(title, overflow="fold")
        shown = ""
        for entry, change in _rows(review)[:MAX_ROWS]:
            name = one_line(entry.name)
            only = f" ({within_text(change, one_line)})" if change.within else ""
            style = "" if change.effects_change or change.paths_change else "dim"
            cells = [
                Text(name if name != shown else "", "bold"),
                Text(where_text(change, one_line), style),
            ]
            if seen:
                cells.append(Text(became_text(change, change.before, one_line), style))
                cells.append(_after(change, style))
            table.add_row(*cells, Text(edges_text(change) + only, style))
            shown = name
        return table

    def _rows_left(self, review: PatchReview) -> None:
        left = len(_rows(review)) - MAX_ROWS
        if left > 0:
            self._line(Text(f"{counted(left, 'more row')} (--format json has all)", "dim"))

    def _tree(self, entry: Entry, change: Transition, sides: Sides) -> None:
        heading = Text(one_line(entry.name), "bold").append(
            f" {where_text(change, one_line)}: ", "not bold cyan"
        )
        what = change_text if change.effects_change else still_text
        self._line(heading.append(what(change, one_line), "not bold default"))
        grid = self._beside(sides) if sides.before and sides.after else None
        if grid is not None:
            self._console.print(grid)
        else:
            for word, side in (("before", sides.before), ("after", sides.after)):
                if side:
                    self._line(Text(word, "dim"))
                for line in self._lines(side, ALL_MARKS):
                    self._line(line)
        if sides.cut:
            self._line(Text(f"{counted(sides.cut, 'line')} cut (--format json has all)", "dim"))

    def _beside(self, sides: Sides) -> Table | None:
        """Both trees side by side, with the places of changed lines only, or with none, if need
        be; None if that is too wide, or nothing limits the width."""
        room = self._console.width
        if room >= UNWRAPPED:
            return None
        for placed in (ALL_MARKS, CHANGES, NO_MARKS):
            both = [self._lines(side, placed) for side in (sides.before, sides.after)]
            widths = [max(line.cell_len for line in side) for side in both]
            if sum(widths) + GUTTER <= room:
                grid = Table.grid(padding=(0, GUTTER, 0, 0))
                grid.add_row(Text("before", "dim"), Text("after", "dim"))
                grid.add_row(*(Text("\n").join(side) for side in both))
                return grid
        return None

    def _lines(self, side: tuple[Drawn, ...], placed: frozenset[Mark]) -> list[Text]:
        """The lines of a tree, with the places of those that are marked like ``placed``."""
        lines: list[Text] = []
        for guides, one in zip(guides_of(side, self._plain), side, strict=True):
            text = Text(f"{one.mark.value} ", _MARKS[one.mark])
            text.append(guides.first, "not bold dim")
            text.append(one.name, "bold" if one.mark is not Mark.SAME else "not bold default")
            if one.remarks:
                text.append(f"  ({'; '.join(one.remarks)})", "not bold yellow")
            if one.place and one.mark in placed:
                text.append(f"  {one.place}", "not bold blue")
            if one.beside:
                text.append(f"  {beside_text(one.beside)}", "not bold dim")
            lines.append(text)
            if one.when:
                below = Text(f"   {guides.rest}", "dim")
                lines.append(below.append(f"when {one.when}", "not dim italic"))
        return lines


def _after(change: Transition, style: str) -> Text:
    if change.effects_change:
        return Text(effects_text(change.after, one_line), "magenta")
    return Text("the same" if change.there else "not compiled", style)


def _rows(review: PatchReview) -> list[tuple[Entry, Transition]]:
    return [(entry, change) for entry in review.entries for change in entry.transitions]


_Drawn = tuple[Entry, Transition, Sides | None]
"""A change and its trees; None where they stand above already."""


def _trees(review: PatchReview, above: Sequence[_Drawn]) -> list[_Drawn]:
    """The first changes of paths; those of ``above`` are not drawn again."""
    known = {(entry.name, change) for entry, change, _ in above}
    found = [pair for pair in changing(review) if pair[1].paths_change]
    return [
        (entry, change, None if (entry.name, change) in known else sides_of(entry, change))
        for entry, change in found[:MAX_TREES]
    ]


def _worth_a_section(review: PatchReview) -> bool:
    return not review.silent or bool(review.claims or review.diagnostics or review.policy)

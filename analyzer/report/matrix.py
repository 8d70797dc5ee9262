"""``kimpact matrix --format tree``: the combinations, what paths each gives, and why not.

A combination that can be had is marked with the letter of its paths; below the table each
letter is told: the expression that describes it, and what becomes of the object on each
platform. Proofs of what cannot be had stand below that, numbered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.box import ASCII, SIMPLE_HEAD, Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analyzer.configset.configset import Mask
from analyzer.matrix.result import (
    Considered,
    MatrixClass,
    MatrixResult,
    Outcome,
    Role,
    Row,
    Statement,
    Varied,
    Verdict,
)
from analyzer.report.console import ascii_stream, console_for, is_utf8
from analyzer.report.remarks import remark_lines
from analyzer.report.visible import one_line, visible

MAX_ROWS = 40
"""Combinations beyond which those that cannot be had are only counted."""

MAX_PLACES = 2
"""Places that are named for one symbol."""

_ROLE_TEXT = {
    Role.NO_EFFECT: "makes no difference",
    Role.FOLLOWS: "differs only along with a varied symbol",
    Role.FIXED: "has no other value",
    Role.UNDECIDED: "no other value found",
}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_Proofs = dict[tuple[Statement, ...], int]
"""The numbers of the reasons given so far."""


def print_matrix(result: MatrixResult, stream: TextIO, *, ascii_only: bool = False) -> None:
    """Write ``result`` to ``stream``; plain ASCII if asked for or all that it can take."""
    if ascii_only or not is_utf8(stream):
        with ascii_stream(stream) as plain:
            _print(result, plain, ASCII)
    else:
        _print(result, stream, SIMPLE_HEAD)


def class_letter(index: int) -> str:
    """The letter of a class: A to Z, then AA, AB."""
    if index < len(_LETTERS):
        return _LETTERS[index]
    return class_letter(index // len(_LETTERS) - 1) + _LETTERS[index % len(_LETTERS)]


def _print(result: MatrixResult, stream: TextIO, box: Box) -> None:
    console = console_for(stream)
    console.print(_title(result))
    for line in _varied_lines(result.vary):
        console.print(line)
    proofs: _Proofs = {}
    if result.vary:
        console.print(_table(result, proofs, box))
    hidden = _hidden(result)
    if hidden:
        console.print(
            Text(f"{hidden} combinations cannot be had (--format json lists them)", "dim")
        )
    for index, one in enumerate(result.classes):
        console.print()
        for line in _class_lines(result, index, one):
            console.print(line)
    _print_proofs(proofs, console)
    _print_considered(result.considered, console)
    remarks = list(remark_lines(result.diagnostics))
    if remarks:
        console.print()
        for remark in remarks:
            console.print(remark)


def _title(result: MatrixResult) -> Text:
    kernel = result.paths.kernel
    text = Text(visible(", ".join(result.functions)), "bold")
    about = f"Linux {kernel.version} {kernel.arch}, from {result.base.name}"
    return text.append(f"  ({visible(about)})", "not bold dim")


def _varied_lines(vary: Sequence[Varied]) -> Iterator[Text]:
    if not vary:
        yield Text("no symbol that the paths ask for makes a difference to them")
        return
    if not any(one.evidence for one in vary):
        return
    yield Text()
    yield Text("symbols that make a difference:")
    width = max(len(one.name) for one in vary)
    for one in vary:
        yield Text(f"  {one.name:{width}}", "bold").append_text(_places(one.evidence))


def _places(evidence: Sequence[Statement]) -> Text:
    text = Text()
    for statement in evidence[:MAX_PLACES]:
        text.append("  " + one_line(statement.text), "not bold cyan")
        if statement.location is not None:
            text.append(f" {visible(str(statement.location))}", "not bold blue")
    return text


def _table(result: MatrixResult, proofs: _Proofs, box: Box) -> Table:
    table = Table(box=box, show_edge=False, pad_edge=False, header_style="bold")
    for one in result.vary:
        table.add_column(one.name, overflow="fold")
    table.add_column("paths", overflow="fold")
    written = any(row.file is not None for row in result.rows)
    if written:
        table.add_column("configuration", overflow="fold")
    for row in _shown(result):
        cells = [Text(value, "" if value != "n" else "dim") for value in row.values]
        cells.append(_verdict(row, proofs))
        if written:
            cells.append(Text(visible(row.file or ""), "blue"))
        table.add_row(*cells)
    return table


def _shown(result: MatrixResult) -> list[Row]:
    if len(result.rows) <= MAX_ROWS:
        return list(result.rows)
    return [row for row in result.rows if row.verdict is not Verdict.IMPOSSIBLE]


def _hidden(result: MatrixResult) -> int:
    return len(result.rows) - len(_shown(result))


def _verdict(row: Row, proofs: _Proofs) -> Text:
    if row.verdict is Verdict.POSSIBLE:
        return Text("" if row.path_class is None else class_letter(row.path_class), "bold green")
    number = proofs.setdefault(row.reasons, len(proofs) + 1)
    style = "yellow" if row.verdict is Verdict.UNDECIDED else "dim"
    return Text(f"{row.verdict.value} [{number}]", style)


def _class_lines(result: MatrixResult, index: int, one: MatrixClass) -> Iterator[Text]:
    title = Text(f"{class_letter(index)}  ", "bold green")
    yield title.append(one.when if result.vary else "always", "bold default")
    if not one.built:
        yield Text("   not built", "yellow")
        return
    rows = [(_platforms(outcome, one.mask, result), outcome.effects) for outcome in one.outcomes]
    merged: dict[tuple[str, ...], list[str]] = {}
    for platforms, effects in rows:
        merged.setdefault(effects, []).append(platforms)
    texts = [(", ".join(names), effects) for effects, names in merged.items()]
    width = max((len(name) for name, _ in texts), default=0)
    for name, effects in texts:
        what = ", ".join(effects) or "the object is not seen to be given up"
        yield Text(f"   {name:{width}}  ", "").append(what, "magenta" if effects else "dim")


def _platforms(outcome: Outcome, mask: Mask, result: MatrixResult) -> str:
    if not outcome.platforms:
        return "everywhere"
    names = ", ".join(map(visible, outcome.platforms))
    there = 0
    for support in result.paths.support:
        if support.platform in outcome.platforms:
            there |= support.mask
    return names if outcome.mask & there == mask & there else f"{names} (some)"


def _print_proofs(proofs: _Proofs, console: Console) -> None:
    if proofs:
        console.print()
    for reasons, number in proofs.items():
        lead = f"[{number}]"
        for reason in reasons:
            text = Text(f"{lead:4} ", "dim").append(one_line(reason.text), "not dim")
            if reason.location is not None:
                text.append(f"  {visible(str(reason.location))}", "not dim blue")
            console.print(text)
            lead = ""


def _print_considered(considered: Sequence[Considered], console: Console) -> None:
    if not considered:
        return
    console.print()
    console.print(Text("also asked for, and not varied:"))
    by_role: dict[Role, list[Considered]] = {}
    for one in considered:
        by_role.setdefault(one.role, []).append(one)
    for role in Role:
        for one in by_role.get(role, ()):
            text = Text(f"  {one.name}", "bold").append(f" {_ROLE_TEXT[role]}", "not bold")
            text.append_text(_places(one.why[:1] or one.evidence[:1]))
            console.print(text)

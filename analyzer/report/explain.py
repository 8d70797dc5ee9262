"""``kimpact explain --format tree``: for each symbol its value, why, and every statement on it.

The reason stands first. Below it are the statements in the order in which a reader checks
them, what is to be said of each in parentheses; the chain hangs on the one that decides, and on
dependencies that fail.
Symbols in conditions carry their values as in menuconfig: ``SMP [=y]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from analyzer.explain.result import (
    ExplainResult,
    Explanation,
    Link,
    State,
    Statement,
    StatementKind,
    Wish,
    WishKind,
)
from analyzer.kconfig.model import Origin, SymbolType
from analyzer.location import Location
from analyzer.report.classes import members, subject
from analyzer.report.console import ascii_stream, console_for, is_utf8
from analyzer.report.remarks import remark_lines
from analyzer.report.visible import one_line, visible

MAX_TREES = 8
"""Groups of configurations that are drawn for one symbol; the rest is listed."""

_GUIDE_COLUMNS = 4
_LEAST_TEXT = 60
_BLOCKS = {Origin.IF: "if block", Origin.MENU: "menu", Origin.CHOICE: "choice"}
_STATES = {
    StatementKind.PROMPT: ("shown", "shown", "hidden"),
    StatementKind.VISIBLE_IF: ("holds", "holds", "fails"),
    StatementKind.DEPENDS: ("holds", "holds", "fails"),
    StatementKind.SELECT: ("applies", "applies", "does not apply"),
    StatementKind.IMPLY: ("applies", "set otherwise", "does not apply"),
    StatementKind.DEFAULT: ("taken", "not asked", "not taken"),
    StatementKind.CHOICE_DEFAULT: ("taken", "not asked", "not taken"),
    StatementKind.RANGE: ("in force", "not asked", "not in force"),
}
_VALUE_STYLES = {"y": "green", "m": "green", "n": "red"}


def print_explain(result: ExplainResult, stream: TextIO, *, ascii_only: bool = False) -> None:
    """Write ``result`` to ``stream``; plain ASCII if asked for or all that it can take."""
    if ascii_only or not is_utf8(stream):
        with ascii_stream(stream) as plain:
            _print(result, plain)
    else:
        _print(result, stream)


def _print(result: ExplainResult, stream: TextIO) -> None:
    deepest = 1 + max((_deepest(each) for each in result.explanations), default=0)
    console = console_for(stream, deepest * _GUIDE_COLUMNS + _LEAST_TEXT)
    console.print(_title(result))
    drawn: dict[str, int] = {}
    rest: dict[str, list[Explanation]] = {}
    for each in result.explanations:
        drawn[each.name] = drawn.get(each.name, 0) + 1
        if drawn[each.name] <= MAX_TREES:
            console.print()
            console.print(_tree(each, result))
        else:
            rest.setdefault(each.name, []).append(each)
    for name, others in rest.items():
        _list_rest(console, name, others, result)
    for wish in result.wishes:
        console.print()
        for line in _wish_lines(wish, result):
            console.print(line)
    remarks = list(remark_lines(result.diagnostics))
    if remarks:
        console.print()
        for remark in remarks:
            console.print(remark)


def _wish_lines(wish: Wish, result: ExplainResult) -> Iterator[Text]:
    head = Text("to get ").append_text(_assignment(wish.name, wish.value))
    if len(result.configs) > 1:
        head.append(f" in {visible(result.configs[wish.config].name)}", "not bold cyan")
    if wish.kind is WishKind.GIVEN:
        yield head.append(", nothing has to change", "not bold")
    elif wish.kind is WishKind.GRANTED:
        yield head.append(", merge this and complete it ('make olddefconfig'):", "not bold")
        for line in wish.fragment:
            yield Text(f"  {one_line(line)}", "green")
    else:
        denied = wish.kind is WishKind.DENIED
        what = ": it cannot be had" if denied else ": no way was found, and no proof"
        yield head.append(what, "not bold yellow")
        for step in wish.reasons:
            text = Text(f"  {one_line(step.text)}")
            if step.follows:
                text.append(f", so {one_line(', '.join(step.follows))}")
            if step.location is not None:
                text.append(f"  {visible(str(step.location))}", "blue")
            yield text


def _deepest(each: Explanation) -> int:
    return 1 + max(_depth(each.links), *(_depth(s.links) for s in each.statements), 0)


def _depth(links: Iterable[Link]) -> int:
    return max((1 + _depth(link.links) for link in links), default=0)


def _title(result: ExplainResult) -> Text:
    names = dict.fromkeys(each.name for each in result.explanations)
    count = len(result.configs)
    which = visible(result.configs[0].name) if count == 1 else f"{count} configurations"
    kernel = visible(f"Linux {result.kernel.version} {result.kernel.arch}")
    text = Text(visible(", ".join(names)), "bold")
    return text.append(f"  ({kernel}, {which})", "not bold dim")


def _tree(each: Explanation, result: ExplainResult) -> Tree:
    tree = Tree(_root(each, result), guide_style="dim")
    for statement in each.statements:
        _add_links(tree.add(_statement(statement)), statement.links, statement.hidden)
    _add_links(tree, each.links, each.hidden)
    for kind, count in each.idle:
        verb = "does" if count == 1 else "do"
        text = f"+ {count} '{kind.value}' that {verb} not apply (--all lists them)"
        tree.add(Text(text, "dim"))
    return tree


def _root(each: Explanation, result: ExplainResult) -> Text:
    text = _assignment(each.name, each.value)
    if each.type is not SymbolType.UNKNOWN:
        text.append(f"  {each.type.value}", "not bold dim")
    _add_reason(text, each.text, each.location)
    total = len(result.configs)
    count = each.mask.bit_count()
    if total > 1:
        who = subject(count, total)
        which = f": {members(result.configs, each.mask)}" if count < total else ""
        text.append(f"\n{who}{which}", "not bold cyan")
    if each.changed:
        given = "no line" if each.recorded is None else one_line(each.recorded)
        recorded = "n" if each.recorded == "n" else given
        text.append(
            f"\nrecorded: {recorded}; the tree gives {one_line(each.value)}", "not bold yellow"
        )
    if each.unmet:
        text.append("\nselected although its dependencies do not hold", "not bold yellow")
    return text


def _assignment(name: str, value: str) -> Text:
    text = Text(f"{visible(name)}=", "bold")
    return text.append(one_line(value), _VALUE_STYLES.get(value, ""))


def _add_reason(text: Text, reason: str, location: Location | None) -> None:
    text.append(": ", "not bold").append(one_line(reason), "not bold")
    if location is not None:
        text.append(f"  {visible(str(location))}", "not bold blue")


def _statement(statement: Statement) -> Text:
    style = "bold" if statement.decides else "dim" if statement.state is State.FAILS else ""
    text = Text(one_line(statement.valued), style)
    remarks = [one_line(remark) for remark in _remarks(statement)]
    text.append(f"  ({', '.join(remarks)})", "not bold not dim yellow")
    return text.append(f"  {visible(str(statement.location))}", "not bold not dim blue")


def _remarks(statement: Statement) -> Iterable[str]:
    if statement.decides:
        yield "decides"
    if statement.origin in _BLOCKS:
        yield _BLOCKS[statement.origin]
    if statement.kind is StatementKind.CHOICE:
        yield "takes nothing" if statement.source is None else f"takes {statement.source.name}"
        return
    holds, unused, fails = _STATES[statement.kind]
    if statement.state is State.FAILS:
        yield f"{fails}: {statement.blocked}" if statement.blocked else fails
        return
    if statement.state is State.UNUSED:
        yield unused
    else:
        yield f"{holds} as m" if statement.value == "m" else holds


def _add_links(branch: Tree, links: Iterable[Link], hidden: int) -> None:
    for link in links:
        text = _assignment(link.name, link.value)
        if link.again:
            text.append("  (see above)", "not bold yellow")
        else:
            _add_reason(text, link.text, link.location)
        _add_links(branch.add(text), link.links, link.hidden)
    if hidden:
        noun = "symbol" if hidden == 1 else "symbols"
        branch.add(Text(f"+ {hidden} {noun} (--depth shows more)", "dim"))


def _list_rest(
    console: Console, name: str, others: list[Explanation], result: ExplainResult
) -> None:
    console.print()
    console.print(
        Text(f"{visible(name)}: {len(others)} smaller groups are not drawn (--format json has all)")
    )
    for each in others[:MAX_TREES]:
        text = Text("  ").append_text(_assignment(each.name, each.value))
        text.append(f": {one_line(each.text)}", "not bold")
        text.append(f"  {members(result.configs, each.mask)}", "not bold cyan")
        console.print(text)
    if len(others) > MAX_TREES:
        console.print(Text(f"  and {len(others) - MAX_TREES} more groups"))

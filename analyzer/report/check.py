"""``kimpact check``: which rules are broken, where, and on which path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.text import Text

from analyzer.impact.policy import Violation
from analyzer.impact.verdicts import CheckResult, TreeVerdict
from analyzer.report.classes import members
from analyzer.report.console import ascii_stream, console_for, is_utf8
from analyzer.report.remarks import remark_lines
from analyzer.report.visible import one_line, visible


def print_check(result: CheckResult, stream: TextIO, *, ascii_only: bool = False) -> None:
    """Write ``result`` to ``stream``; plain ASCII if asked for or all that it can take."""
    if ascii_only or not is_utf8(stream):
        with ascii_stream(stream) as plain:
            _print(result, plain)
    else:
        _print(result, stream)


def _print(result: CheckResult, stream: TextIO) -> None:
    console = console_for(stream)
    for tree in result.trees:
        for line in _tree_lines(tree, result):
            console.print(line)
    remarks = list(remark_lines(result.diagnostics))
    if remarks:
        console.print()
        for remark in remarks:
            console.print(remark)


def _tree_lines(tree: TreeVerdict, result: CheckResult) -> Iterator[Text]:
    kernel = f"Linux {result.kernel.version} {result.kernel.arch}"
    name = kernel if tree.title is None else tree.title
    head = Text(one_line(name), "bold")
    broken = dict.fromkeys(one.rule for one in tree.violations)
    kept = [rule for rule in result.rules if rule.name not in (*broken, *tree.absent)]
    yield head.append(f"  {len(kept)} of {len(result.rules)} rules kept", "not bold dim")
    for rule in tree.absent:
        yield Text(f"  {one_line(rule)}: its function is not in this tree", "yellow")
    for violation in tree.violations:
        yield from _violation_lines(violation, result)


def _violation_lines(violation: Violation, result: CheckResult) -> Iterator[Text]:
    text = Text("  broken: ", "bold red").append(one_line(violation.rule), "bold not red")
    text.append(f"  {one_line(violation.what)}", "not bold magenta")
    if violation.platforms:
        text.append(f" on {visible(', '.join(violation.platforms))}", "not bold default")
    where = members(result.configs, violation.mask)
    yield text.append(f" when {one_line(violation.when)} ({where})", "not bold cyan")
    yield from way_lines(violation)


def way_lines(violation: Violation) -> Iterator[Text]:
    """The path that breaks a rule, call by call."""
    for number, node in enumerate(violation.nodes):
        step = Text(f"    {'  ' * number}{visible(node.name)}")
        if number:
            edge = violation.path[number - 1]
            step.append(f"  {visible(str(edge.location))}", "blue")
            for guard in edge.guards:
                words = guard.label or guard.text
                step.append(f"  when {one_line(words)}", "italic")
        yield step

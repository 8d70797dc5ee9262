"""Active lines of whole files, and macros in force, against ``gcc -E``.

Compared are the files of the tree; what a build generates is derived over masks by kimpact and
has other lines.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.csource.unit import TranslationUnit
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.tree.source_tree import DirectoryTree, SourceTree
from edges_build import RECIPES
from full.gcc_lines import Active, Lines, meaningful
from full.model import Case, Difference, Outcome, Part, Settings
from full.reference import reference_of
from kernels.trees import KernelTree

NONE = Lines({})


def active_in(unit: TranslationUnit, bit: int, tree: SourceTree) -> Active:
    """What kimpact takes as active in a unit's files in one configuration; those of ``tree``."""
    text: dict[str, Counter[int]] = {}
    for inclusion in unit.inclusions:
        counts = text.setdefault(inclusion.skeleton.file, Counter())
        for visit in inclusion.visits:
            if visit.mask >> bit & 1:
                item = inclusion.skeleton.items[visit.item]
                for number, line in enumerate(str(item.value).split("\n"), item.line):
                    counts[number] += meaningful(line)
    macros: dict[str, Counter[int]] = {}
    for name in unit.table.starting_with(""):
        for mask, macro in unit.table.now(name):
            if mask >> bit & 1:
                macros.setdefault(macro.file, Counter())[macro.line] += 1
    return Active(_in_tree(text, tree), _in_tree(macros, tree))


def _in_tree(found: Mapping[str, Counter[int]], tree: SourceTree) -> dict[str, Lines]:
    counted = {file: Lines(dict(+counts)) for file, counts in found.items()}
    return {file: lines for file, lines in counted.items() if lines.counts and tree.is_file(file)}


def _compare(kernel: KernelTree, config: str, settings: Settings) -> Outcome:
    reference = reference_of(kernel, config, settings.oracle, settings.jobs)
    configs = ConfigSet.of([parse_dotconfig(reference.dotconfig, config, config)])
    tree = DirectoryTree(kernel.path)
    session = Session(tree, "x86", configs, Diagnostics())
    total = agreed = 0
    found: list[Difference] = []
    extra = 0
    units = reference.lines()
    left_out: list[str] = []
    for path, theirs in units.items():
        if not tree.is_file(reference.objects[path].source):
            left_out.append(path)
            continue
        try:
            (item,) = session.objects(path)
        except BadInput as error:
            found.append(Difference(path, f"object missing: {error}"))
            total += sum(len(lines.counts) for lines in theirs.text.values())
            continue
        outcome = compare(path, theirs, active_in(session.analysis(item).opened.unit, 0, tree))
        session.forget(item)
        total += outcome.total
        agreed += outcome.agreed
        extra += outcome.extra
        found += outcome.differences
    remark = f"{len(units) - len(left_out)} objects"
    if left_out:
        remark += f"; sources that the build writes: {' '.join(left_out)}"
    return Outcome("lines", total, agreed, extra, tuple(found), remark)


def compare(unit: str, theirs: Active, ours: Active) -> Outcome:
    """The lines of one unit, of text and of macros."""
    sides = (("lines", theirs.text, ours.text), ("macros of lines", theirs.macros, ours.macros))
    total = agreed = extra = 0
    found: list[Difference] = []
    for kind, expected, actual in sides:
        total += sum(len(lines.counts) for lines in expected.values())
        agreed += sum(_common(lines, actual.get(file)) for file, lines in expected.items())
        extra += sum(
            len(lines.counts.keys() - expected.get(file, NONE).counts.keys())
            for file, lines in actual.items()
        )
        found += _differences(unit, kind, expected, actual)
    return Outcome("lines", total, agreed, extra, tuple(found))


def _common(theirs: Lines, ours: Lines | None) -> int:
    if ours is None:
        return 0
    if theirs.counts == ours.counts:
        return len(theirs.counts)
    return sum(ours.counts.get(line) == times for line, times in theirs.counts.items())


def _differences(
    unit: str, kind: str, theirs: Mapping[str, Lines], ours: Mapping[str, Lines]
) -> Iterator[Difference]:
    for file in {**theirs, **ours}:
        expected, actual = theirs.get(file, NONE), ours.get(file, NONE)
        if expected.counts != actual.counts:
            lost = Lines(_rest(expected, actual))
            more = Lines(_rest(actual, expected))
            yield Difference(f"{unit} {file}", f"{kind}: only gcc [{lost}], only kimpact [{more}]")


def _rest(one: Lines, other: Lines) -> dict[int, int]:
    return {line: n for line, n in one.counts.items() if other.counts.get(line) != n}


def cases(kernels: Sequence[KernelTree]) -> list[Case]:
    """One for each kernel and configuration."""
    return [
        Case("lines", name, kernel, functools.partial(_compare, kernel, name))
        for name in RECIPES
        for kernel in kernels
    ]


LINES = Part("lines", "active lines of whole files and macros against gcc -E", cases)

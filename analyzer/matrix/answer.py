"""The answer to ``kimpact matrix``: from combinations and their paths to a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzer.configset.configset import Mask
from analyzer.configset.dotconfig import DotConfig
from analyzer.configset.shortest import Shortest
from analyzer.diagnostics import Diagnostics
from analyzer.matrix.combinations import Table, combinations
from analyzer.matrix.relevant import Discovery, Relevant, Survey
from analyzer.matrix.result import MatrixClass, MatrixResult, Outcome, Statement, Varied
from analyzer.matrix.space import Space, Witness
from analyzer.paths.classes import partition
from analyzer.paths.result import ConfigInfo, PathsResult

MAX_SEARCHES = 3
"""Searches for relevant symbols; each but the first because the paths asked for new ones."""


@dataclass(frozen=True, slots=True)
class Analysed:
    """The paths of the functions asked about in some configurations, and the symbols that the
    sources ask for there, with places."""

    paths: PathsResult
    mentions: Mapping[str, tuple[Statement, ...]]


Analyse = Callable[[Sequence[DotConfig]], Analysed]


@dataclass(frozen=True, slots=True)
class Question:
    """``vary`` are the symbols to combine, none for those that make a difference."""

    functions: tuple[str, ...]
    vary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The result, and the configurations that its ``paths`` are about."""

    result: MatrixResult
    witnesses: tuple[Witness, ...]


def answer(
    question: Question,
    base: DotConfig,
    space: Space,
    analyse: Analyse,
    survey: Survey,
    diagnostics: Diagnostics,
) -> Answer:
    """Combine the symbols that ``question`` names, or those that matter, around ``base``.

    Raises :class:`analyzer.errors.BadInput` for a symbol that cannot be varied, and for too
    many combinations.
    """
    if question.vary:
        given = tuple(Varied(name, space.values(name)) for name in dict.fromkeys(question.vary))
        chosen = Relevant(given, ())
        table = combinations(chosen.vary, space)
        paths = analyse(_configs(table)).paths
    else:
        discovery = Discovery(base, space, survey, diagnostics)
        for _ in range(MAX_SEARCHES):
            chosen = discovery.run()
            table = combinations(chosen.vary, space)
            analysed = analyse(_configs(table))
            paths = analysed.paths
            if not discovery.learn(analysed.mentions):
                break
    classes = tuple(_classes(paths, chosen.vary, table))
    result = MatrixResult(
        base=ConfigInfo(base.name, base.file),
        functions=question.functions,
        vary=chosen.vary,
        considered=chosen.considered,
        rows=tuple(
            row if row.witness is None else replace(row, path_class=_of(row.witness, classes))
            for row in table.rows
        ),
        classes=classes,
        paths=paths,
        diagnostics=(),
    )
    return Answer(result, table.witnesses)


def _configs(table: Table) -> list[DotConfig]:
    return [witness.config for witness in table.witnesses]


def _of(witness: int, classes: Sequence[MatrixClass]) -> int | None:
    for number, one in enumerate(classes):
        if one.mask >> witness & 1:
            return number
    return None


def _classes(paths: PathsResult, vary: Sequence[Varied], table: Table) -> Iterator[MatrixClass]:
    rows: list[Sequence[str]] = [()] * len(table.witnesses)
    for row in table.rows:
        if row.witness is not None:
            rows[row.witness] = row.values
    shortest = Shortest([one.name for one in vary], rows)
    there = 0
    roots = set(paths.roots)
    for node in paths.nodes:
        if node.id in roots and node.absent is None:
            there |= node.mask
    for mask in sorted(path_classes(paths), key=lambda one: one & -one):
        outcomes = tuple(_outcomes(paths, mask))
        yield MatrixClass(mask, shortest.expression(mask), outcomes, bool(mask & there))


def path_classes(paths: PathsResult) -> tuple[Mask, ...]:
    """The configurations grouped by identical paths on each platform."""
    everything = (1 << len(paths.configs)) - 1
    return partition(everything, [one.mask for one in paths.classes])


def _outcomes(paths: PathsResult, mask: Mask) -> Iterator[Outcome]:
    """What becomes of the object on which platforms, platforms that agree together."""
    merged: dict[tuple[tuple[str, ...], Mask], list[str]] = {}
    for one in paths.classes:
        here = one.mask & mask
        if here:
            merged.setdefault((one.effects, here), []).extend(one.platforms)
    for (effects, where), platforms in merged.items():
        order = [name for name in paths.platforms if name in platforms]
        yield Outcome(tuple(order), effects, where)

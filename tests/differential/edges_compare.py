"""Report how kimpact's call edges agree with GCC's.

    python edges_compare.py CALLGRAPH.json TRUTH.json.xz [--unit mm/memory.o] [--bit 0]
                            [--top 15] [--json OUT] [--min-found 99.9] [--max-extra 1.0]

``CALLGRAPH.json`` is what ``kimpact callgraph … --contract-macros --format json`` wrote;
``--bit`` says which of its configurations is the one of the truth file. What counts, and
how, is in ``edges_match.py``. With a threshold the exit status is 1 when it is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edges_match import (
    ZERO,
    Difference,
    Edge,
    IndirectDifference,
    Score,
    UnitGraph,
    UnitResult,
    compare_unit,
)
from edges_truth import Truth, read_truth

MIN_FOUND = 100.0
"""Per cent of GCC's edges that must be found."""
MAX_EXTRA = 0.2
"""Per cent of extra edges that are tolerated."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All compared objects, and the objects that only one side has."""

    units: tuple[UnitResult, ...]
    only_gcc: tuple[str, ...]
    only_kimpact: tuple[str, ...]

    @property
    def score(self) -> Score:
        """The headline counts: functions of the kernel, no builtins."""
        return sum((unit.score for unit in self.units), ZERO)

    @property
    def builtins(self) -> Score:
        """The counts of edges to builtins."""
        return sum((unit.builtins for unit in self.units), ZERO)

    @property
    def indirect(self) -> Score:
        """The counts of calls through pointers."""
        return sum((unit.indirect for unit in self.units), ZERO)

    def uneven(self) -> Iterator[IndirectDifference]:
        """Functions of which the sides count different numbers of calls through pointers."""
        for unit in self.units:
            yield from unit.uneven

    def missing(self) -> Iterator[Difference]:
        """Edges that only GCC has."""
        for unit in self.units:
            yield from unit.missing

    def extra(self) -> Iterator[Difference]:
        """Edges that only kimpact has."""
        for unit in self.units:
            yield from unit.extra


def read_graphs(document: Mapping[str, Any], truth: Truth, bit: int = 0) -> dict[str, UnitGraph]:
    """The units of a ``kimpact/callgraph/1`` document in configuration ``bit``, by object.

    A unit without ``object`` is matched by its source, or else named after it. Raises
    ``ValueError`` for a document of another schema, or with two units for one object.
    """
    if document.get("schema") != "kimpact/callgraph/1":
        raise ValueError(f"not a kimpact/callgraph/1 document: {document.get('schema')!r}")
    by_source = {unit.source: unit.object for unit in truth.units.values()}
    graphs: dict[str, UnitGraph] = {}
    for unit in document["units"]:
        if not _holds(unit, bit):
            continue
        file: str = unit["file"]
        name = unit.get("object") or by_source.get(file) or file.rpartition(".")[0] + ".o"
        if name in graphs:
            raise ValueError(f"two units for {name}: the document does not tell them apart")
        edges: set[Edge] = {
            (edge["caller"], edge["callee"]) for edge in unit["edges"] if _holds(edge, bit)
        }
        functions = {
            entry["name"]: f"{entry['file']}:{entry['line']}"
            for entry in unit["functions"]
            if _holds(entry, bit) and not entry.get("macro", False)
        }
        indirect = Counter(call["caller"] for call in unit["indirect_calls"] if _holds(call, bit))
        graphs[name] = UnitGraph(name, file, functions, frozenset(edges), indirect)
    return graphs


def compare(graphs: Mapping[str, UnitGraph], truth: Truth) -> Comparison:
    """Compare the objects that both sides have."""
    both = sorted(graphs.keys() & truth.units.keys())
    return Comparison(
        units=tuple(compare_unit(truth.units[name], graphs[name]) for name in both),
        only_gcc=tuple(sorted(truth.units.keys() - graphs.keys())),
        only_kimpact=tuple(sorted(graphs.keys() - truth.units.keys())),
    )


def summary_lines(result: Comparison, truth: Truth, top: int) -> Iterator[str]:
    """The report for people, most frequent first."""
    yield f"{truth.kernel} {truth.name}, {truth.gcc}: {len(result.units)} units compared"
    if result.only_gcc:
        yield f"  not in the callgraph document ({len(result.only_gcc)}): " + _some(result.only_gcc)
    if result.only_kimpact:
        yield f"  not in the truth ({len(result.only_kimpact)}): " + _some(result.only_kimpact)
    yield _score_line("functions", result.score)
    yield _score_line("builtins (apart)", result.builtins)
    yield _score_line("calls through pointers", result.indirect, "calls")
    unjudged = sum(unit.unjudged for unit in result.units)
    yield f"  from functions GCC did not reach, in the body, not judged: {unjudged}"
    yield from _group("MISSING", list(result.missing()), top)
    yield from _group("EXTRA", list(result.extra()), top)
    uneven = list(result.uneven())
    yield f"CALLS THROUGH POINTERS, OTHER NUMBERS: {len(uneven)}"
    for row, times in Counter(replace(row, object="") for row in uneven).most_common(top):
        yield f"  {times:5d}  {_uneven_line(row)}"
    lost = Counter(name for unit in result.units for name in unit.reached_only_by_gcc)
    more = Counter(name for unit in result.units for name in unit.reached_only_by_kimpact)
    yield f"REACHED ONLY BY GCC: {lost.total()}"
    yield "  " + _counted(lost, top)
    yield f"REACHED ONLY BY KIMPACT: {more.total()}"
    yield "  " + _counted(more, top)
    worst = sorted(result.units, key=lambda unit: (-len(unit.missing), -len(unit.extra)))
    yield "WORST UNITS"
    for unit in worst[:top]:
        if unit.missing or unit.extra:
            yield (
                f"  {unit.object}: {len(unit.missing)} missing, {len(unit.extra)} extra"
                f" of {unit.score.true}"
            )


def unit_lines(unit: UnitResult) -> Iterator[str]:
    """Every difference of one object."""
    yield unit.object
    yield _score_line("functions", unit.score)
    yield _score_line("builtins (apart)", unit.builtins)
    yield _score_line("calls through pointers", unit.indirect, "calls")
    for title, rows in (("missing", unit.missing), ("extra", unit.extra)):
        for row in rows:
            yield f"  {title}: {row.caller} -> {row.callee}  [{row.place}] {row.cause.value}"
    for uneven in unit.uneven:
        yield f"  calls through pointers: {_uneven_line(uneven)}"
    yield "  reached only by GCC: " + " ".join(unit.reached_only_by_gcc)
    yield "  reached only by kimpact: " + " ".join(unit.reached_only_by_kimpact)


def as_json(result: Comparison, truth: Truth) -> dict[str, Any]:
    """The whole comparison as plain data."""
    return {
        "kernel": truth.kernel,
        "config": truth.name,
        "gcc": truth.gcc,
        "units": len(result.units),
        "units_only_gcc": list(result.only_gcc),
        "units_only_kimpact": list(result.only_kimpact),
        "functions": _score_json(result.score),
        "builtins": _score_json(result.builtins),
        "indirect": _score_json(result.indirect),
        "missing": [_difference_json(row) for row in result.missing()],
        "extra": [_difference_json(row) for row in result.extra()],
        "uneven": [asdict(row) for row in result.uneven()],
    }


def _holds(entry: Mapping[str, Any], bit: int) -> bool:
    return bool(int(entry["mask"], 16) >> bit & 1)


def _uneven_line(row: IndirectDifference) -> str:
    resolved = f", direct instead: {' '.join(row.resolved)}" if row.resolved else ""
    return f"{row.caller}: {row.gcc} in GCC, {row.kimpact} in kimpact  [{row.place}]{resolved}"


def _score_line(title: str, score: Score, unit: str = "edges") -> str:
    return (
        f"  {title}: {score.true} {unit} in GCC, found {score.found} ({score.found_percent:.3f}%),"
        f" missing {score.true - score.found}, extra {score.extra} ({score.extra_percent:.3f}%)"
    )


def _score_json(score: Score) -> dict[str, float]:
    return {
        "gcc": score.true,
        "found": score.found,
        "found_percent": round(score.found_percent, 4),
        "extra": score.extra,
        "extra_percent": round(score.extra_percent, 4),
    }


def _difference_json(row: Difference) -> dict[str, str]:
    return {
        "object": row.object,
        "caller": row.caller,
        "callee": row.callee,
        "cause": row.cause.name.lower().replace("_", "-"),
        "place": row.place,
    }


def _group(title: str, rows: Sequence[Difference], top: int) -> Iterator[str]:
    yield f"{title}: {len(rows)}"
    for cause, count in Counter(row.cause for row in rows).most_common():
        mine = [row for row in rows if row.cause is cause]
        yield f"  {count} x {cause.value}"
        yield "    callees: " + _counted(Counter(row.callee for row in mine), top)
        yield "    callers: " + _counted(Counter(row.caller for row in mine), top)
        distinct = Counter((row.caller, row.callee, row.place) for row in mine)
        for (caller, callee, place), times in distinct.most_common(top):
            yield f"    {times:5d}  {caller} -> {callee}  [{place}]"


def _counted(counts: Counter[str], top: int) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = len(ordered) - top
    text = ", ".join(f"{name} {count}" for name, count in ordered[:top])
    return text + (f", and {rest} more" if rest > 0 else "")


def _some(names: Iterable[str], limit: int = 12) -> str:
    ordered = list(names)
    rest = len(ordered) - limit
    return " ".join(ordered[:limit]) + (f" and {rest} more" if rest > 0 else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the command; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Compare kimpact's call edges with GCC's.")
    parser.add_argument("callgraph", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--unit", help="every difference of one object, such as mm/memory.o")
    parser.add_argument("--bit", type=int, default=0, help="which configuration of the document")
    parser.add_argument("--top", type=int, default=15, help="length of each list")
    parser.add_argument("--json", type=Path, help="also write the comparison to this file")
    parser.add_argument("--min-found", type=float, default=0.0, help="per cent, else exit 1")
    parser.add_argument("--max-extra", type=float, default=float("inf"), help="per cent")
    options = parser.parse_args(arguments)
    truth = read_truth(options.truth)
    document = json.loads(options.callgraph.read_text(encoding="utf-8"))
    result = compare(read_graphs(document, truth, options.bit), truth)
    if options.json is not None:
        options.json.write_text(json.dumps(as_json(result, truth), indent=1) + "\n")
    if options.unit is not None:
        chosen = [unit for unit in result.units if unit.object == options.unit]
        if not chosen:
            print(f"{options.unit}: not on both sides", file=sys.stderr)
            return 2
        lines: Iterable[str] = unit_lines(chosen[0])
    else:
        lines = summary_lines(result, truth, options.top)
    print("\n".join(lines))
    score = result.score
    missed = score.found_percent < options.min_found or score.extra_percent > options.max_extra
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

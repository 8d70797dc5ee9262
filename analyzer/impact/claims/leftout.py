"""What a drawing leaves out of what it could have shown with its own names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.configset.configset import Mask
from analyzer.impact.claims.case import Case
from analyzer.impact.claims.edges import Followed, conditions
from analyzer.impact.claims.graph import Loose, Ways, union
from analyzer.impact.claims.wording import between_words
from analyzer.impact.result import Claim, ClaimKind, Standing

MAX_LEFT_OUT = 20
"""Most of them that are told for one drawing."""

MAX_PASSED = 2
"""Most names that an edge passes over which a drawing is said to leave out."""

_NOTHING = Loose(0, ())


def left_out(case: Case, followed: Sequence[Followed]) -> list[Claim]:
    """Edges between names of the drawing that it does not have, and where edges that have
    labels are taken beside what these say."""
    drawn: dict[tuple[str, str], Mask] = {}
    labelled: dict[tuple[str, str], int] = {}
    for call, each in zip(case.calls, followed, strict=True):
        if call.parent is None:
            continue
        pair = (each.caller, call.name)
        drawn[pair] = drawn.get(pair, 0) | each.claimed
        if any(True for _ in case.wheres(call)):
            labelled.setdefault(pair, call.line)
    found = [*_beside(case, drawn, labelled), *_between(case, drawn)]
    return sorted(found, key=lambda claim: claim.line)[:MAX_LEFT_OUT]


def _beside(
    case: Case, drawn: dict[tuple[str, str], Mask], labelled: dict[tuple[str, str], int]
) -> Iterator[Claim]:
    for (caller, name), line in labelled.items():
        reached = case.reached(caller)
        rest = reached & ~drawn[caller, name]
        ways = case.graph.ways(caller, name, rest, case.drawn)
        if ways.mask:
            why = f"also {conditions(case, caller, name, ways, reached, _NOTHING)}"
            yield _claim(case, caller, name, line, ways, why)


def _between(case: Case, drawn: dict[tuple[str, str], Mask]) -> Iterator[Claim]:
    lines: dict[str, int] = {}
    for call in case.calls:
        lines.setdefault(call.name, call.line)
    for caller, line in lines.items():
        reached = case.reached(caller)
        near = case.graph.adjacent(caller, reached, case.drawn)
        for name in lines:
            if name not in near or caller == name or (caller, name) in drawn:
                continue
            ways = case.graph.ways(caller, name, reached, case.drawn)
            if not ways.mask or min(len(way.between) for way in ways.ways) > MAX_PASSED:
                continue
            told = (
                conditions(case, caller, name, ways, reached, _NOTHING),
                between_words(ways.ways),
            )
            yield _claim(case, caller, name, line, ways, "; ".join(filter(None, told)))


def _claim(case: Case, caller: str, name: str, line: int, ways: Ways, why: str) -> Claim:
    mask = union(way.mask for way in ways.ways)
    text = f"{caller} -> {name}"
    return case.claim(text, line, Standing.HOLDS, why, mask, ClaimKind.LEFT_OUT)

"""What a search did not look at, said as diagnostics: caps, limits, unknown targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from analyzer.callgraph.program import FunctionRef, Program, RefKind
from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostics
from analyzer.location import Location
from analyzer.paths.relevance import Relevance
from analyzer.paths.result import LimitReason, Node
from analyzer.paths.routes import MAX_WALK_STEPS, EdgeKey
from analyzer.paths.search import DETOUR, MAX_EXPANDED, MAX_ROUTE, Found

ABSENT_CODE = "absent-definition"
"""The code of the remark that a node has no body; trees say it at the node instead."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 call``, ``3 calls``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def remark_macros(roots: Iterable[FunctionRef], diagnostics: Diagnostics) -> None:
    """One remark for each macro that was asked about."""
    for name, place in dict.fromkeys(
        (ref.name, ref.location) for ref in roots if ref.kind is RefKind.MACRO
    ):
        diagnostics.note(
            "macro-asked",
            f"{name} is a macro here: shown is what it can call whatever its arguments are; "
            "a use may take fewer branches, and call what its arguments name",
            place,
        )


def remark_cuts(found: Found, to: str | None, depth: int | None, diagnostics: Diagnostics) -> None:
    """Say where the search stopped and why, one remark per reason."""
    nodes = dict.fromkeys(LimitReason, 0)
    for cut in found.cuts:
        nodes[cut.reason] += 1
    if nodes[LimitReason.CAP]:
        diagnostics.warning(
            "search-cap",
            f"the search stopped after looking into {counted(MAX_EXPANDED, 'function')}; "
            f"{counted(nodes[LimitReason.CAP], 'function was', 'functions were')} not followed",
        )
    if nodes[LimitReason.OBJECT]:
        diagnostics.note(
            "not-followed",
            f"{counted(nodes[LimitReason.OBJECT], 'function')} of further objects "
            "not followed (--depth N follows calls into them, --to FUNCTION finds the routes)",
        )
    if nodes[LimitReason.DEPTH]:
        diagnostics.note("depth-limit", _depth_text(nodes[LimitReason.DEPTH], to, depth))
    if not found.exact:
        diagnostics.warning(
            "recursive-routes",
            f"the routes run through cycles that {MAX_WALK_STEPS} steps did not exhaust; "
            "edges may be shown that are on no simple route",
        )


def remark_unsettled(slots: Sequence[str], diagnostics: Diagnostics) -> None:
    """Say of which slots all candidates are shown, whatever the platform."""
    shown = ", ".join(slots[:3]) + (" ..." if len(slots) > 3 else "")
    diagnostics.note(
        "slots-not-settled",
        f"what {counted(len(slots), 'slot holds', 'slots hold')} on each platform was not worked "
        f"out: {shown}",
    )


def remark_left_out(chosen: Relevance, diagnostics: Diagnostics) -> None:
    """Count what the default answer does not show at all."""
    if chosen.walls:
        families = ", ".join(f"{count} {family}" for family, count in sorted(chosen.walls.items()))
        diagnostics.note(
            "boundaries",
            f"{counted(sum(chosen.walls.values()), 'call')} into boundaries not shown: {families} "
            "(--all follows them)",
        )
    if chosen.idle:
        diagnostics.note(
            "idle-macros",
            f"{counted(chosen.idle, 'use')} of macros that call nothing not shown "
            "(--all shows them)",
        )


def remark_besides(
    chosen: Relevance, shown: Mapping[EdgeKey, Mask], diagnostics: Diagnostics
) -> None:
    """Count the calls that would be of interest, and have no part in what becomes of the
    object that the answer is about."""
    besides = sum(bool(mask & ~shown.get(edge, 0)) for edge, mask in chosen.shown.items())
    if besides:
        diagnostics.note(
            "besides",
            f"{counted(besides, 'call')} with no part in what becomes of the object not "
            "shown (--all shows them)",
        )


def remark_unknown(found: Found, diagnostics: Diagnostics) -> None:
    """Count the calls with no known target that a search towards a goal came across."""
    places: list[Location] = []
    for key, steps in found.graph.steps.items():
        inside = found.graph.expanded_in(key)
        places += [s.edge.location for s in steps if s.target is None and s.mask & inside]
    if places:
        diagnostics.note(
            "unknown-targets",
            f"{counted(len(places), 'indirect call')} with unknown target met during the "
            f"search, the first at {places[0]}; routes through them are not known",
        )


def remark_absent(nodes: Iterable[Node], diagnostics: Diagnostics) -> None:
    """One remark for each node that has no body to follow."""
    for node in nodes:
        if node.absent is not None:
            diagnostics.note(ABSENT_CODE, f"{node.name}: {node.absent}", node.location)


def remark_doubts(
    program: Program, found: Found, edges: Mapping[EdgeKey, Mask], diagnostics: Diagnostics
) -> None:
    """An error for each conditional of the answer that may depend on a stand-in header."""
    asked: dict[tuple[str, str, Location], Mask] = {}
    for (source, index), mask in edges.items():
        step = found.graph.steps[source][index]
        units = dict.fromkeys((source[1], source[1] if step.target is None else step.target[1]))
        for text, place in step.edge.conditionals:
            for unit in units:
                asked[unit, text, place] = asked.get((unit, text, place), 0) | mask
    for (unit, text, place), mask in asked.items():
        for doubt in program.in_doubt(unit, place, text, mask):
            diagnostics.error(
                "stand-in-condition",
                f"'{text}' may depend on {doubt.header}, which is not derived: an empty file "
                f"stands for it, and nothing else defines {doubt.name}; paths under this "
                "condition may be wrong (--objtree DIR takes the header from a build folder)",
                place,
            )


def _depth_text(count: int, to: str | None, depth: int | None) -> str:
    functions = counted(count, "function")
    if depth is not None:
        return f"{functions} at depth {depth} not followed (--depth N goes further)"
    if to is not None:
        return (
            f"{functions} not followed: routes of more than {MAX_ROUTE} edges, more than "
            f"{DETOUR} longer than the shortest, or longer than it and through other objects "
            "were not searched (--depth N searches all of up to N edges)"
        )
    return f"{functions} not followed"

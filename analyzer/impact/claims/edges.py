"""The edges of one drawing, held against the paths of its root.

An edge is claimed wherever its caller is reached as drawn and the conditions of its labels
hold; it holds where there is a way that goes over none of the drawing's other names. A run-time
condition of C code does not make it less true: the drawing says what may be called. A condition
of the boot, on which it depends what a dispatch slot holds, does, and so do configurations and
platforms without the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.impact.claims.case import Case
from analyzer.impact.claims.drawing import DrawnCall
from analyzer.impact.claims.graph import Loose, Way, Ways
from analyzer.impact.claims.wording import between_words, boot_words, listed
from analyzer.impact.result import Claim, ClaimKind, Standing

MAX_ROUNDS = 8
"""How often a drawing is gone over for its references."""

NO_SUCH = "no function or macro of this name in the tree"


@dataclass(frozen=True, slots=True)
class Followed:
    """A call of the drawing: by whom (empty for the root), where that is claimed, and the ways
    there are where it is."""

    caller: str
    claimed: Mask
    ways: Ways


def follow(case: Case) -> tuple[Followed, ...]:
    """Follow a drawing from its root, call by call.

    What a reference ("see above") stands for is followed from there too, so the drawing is
    gone over until nothing is added. What is below a call that does not hold is judged
    wherever it is reached otherwise.
    """
    referred: dict[str, Mask] = {}
    found: list[Followed] = []
    for _ in range(MAX_ROUNDS):
        before = dict(referred)
        found = []
        for call in case.calls:
            found.append(_followed(case, call, found, referred))
            if case.refers(call):
                referred[call.name] = referred.get(call.name, 0) | found[-1].ways.mask
        if referred == before:
            break
    return tuple(found)


def _followed(
    case: Case, call: DrawnCall, found: Sequence[Followed], referred: dict[str, Mask]
) -> Followed:
    if call.parent is None:
        there = case.reached(call.name)
        return Followed("", case.premise, Ways(there, there, ()))
    told = _by(case, call, call.parent, found, referred)
    above = case.calls[call.parent].parent
    while call.loose and not told.ways.mask and above is not None:
        other = _by(case, call, above, found, referred)
        told = other if other.ways.mask else told
        above = case.calls[above].parent
    return told


def _by(
    case: Case,
    call: DrawnCall,
    parent: int,
    found: Sequence[Followed],
    referred: dict[str, Mask],
) -> Followed:
    """A call as one by the call with the index ``parent``."""
    caller = case.calls[parent].name
    scope = found[parent].ways.mask | referred.get(caller, 0)
    if not scope:
        scope = case.reached(caller)
    for label in (*call.headings, *call.labels):
        scope &= case.where(label)
    graph = case.graph_of(caller, call.name)
    return Followed(caller, scope, graph.ways(caller, call.name, scope, case.drawn))


def root_claim(case: Case, followed: Followed) -> Claim | None:
    """What is to be said of a root that is not there wherever the drawing speaks of."""
    root = case.calls[0]
    there, scope = followed.ways.mask, followed.claimed
    if not scope:
        why = "no configuration of the analysis has what the text speaks of"
        return Claim(root.name, root.line, Standing.UNDECIDED, why)
    if there == scope:
        return None
    standing = Standing.HOLDS_IF if there else Standing.DOES_NOT_HOLD
    why = case.words.where(there, scope) if there else "it is not built there"
    return case.claim(root.name, root.line, standing, why, there, ClaimKind.EDGE)


def edge_claims(case: Case, call: DrawnCall, followed: Followed) -> list[Claim]:
    """The claim of an edge, and one for each condition or platform in its labels.

    With conditions, the edge itself holds if it is there in any of them; where, these say.
    """
    caller = followed.caller
    text = f"{caller} -> {call.name}"
    claimed, ways = followed.claimed, followed.ways
    wheres = list(case.wheres(call))
    edge = _Edge(case, caller, call.name)
    if wheres and ways.mask:
        why = between_words(ways.ways)
        holds = Standing.HOLDS
        found = [case.claim(text, call.line, holds, why, ways.mask, ClaimKind.EDGE)]
    elif not claimed:
        found = [_unclaimed(case, call, caller, text)]
    else:
        found = [edge.claim(text, call.line, claimed, ways, ClaimKind.EDGE)]
    for label, where in wheres:
        scope = claimed & case.mask(where)
        worded = f"{call.name} [{where.text}]"
        if scope:
            part = _within(ways, scope)
            found.append(edge.claim(worded, label.line, scope, part, ClaimKind.LABEL))
        else:
            why = "no configuration of the analysis has this"
            standing = Standing.UNDECIDED
            found.append(Claim(worded, label.line, standing, why, kind=ClaimKind.LABEL))
    return found


def _unclaimed(case: Case, call: DrawnCall, caller: str, text: str) -> Claim:
    if not case.exists(call.name):
        return Claim(text, call.line, Standing.DOES_NOT_HOLD, NO_SUCH)
    why = f"{caller} is not reached"
    if case.reached(caller):
        why = "no configuration of the analysis has what the labels say"
    return Claim(text, call.line, Standing.UNDECIDED, why)


@dataclass(frozen=True, slots=True)
class _Edge:
    case: Case
    caller: str
    name: str

    def claim(self, text: str, line: int, scope: Mask, ways: Ways, kind: ClaimKind) -> Claim:
        """What is to be said of the edge where ``scope``."""
        case = self.case
        if ways.mask == scope == ways.sure:
            why = between_words(ways.ways) if kind is ClaimKind.EDGE else None
            return case.claim(text, line, Standing.HOLDS, why, scope, kind)
        loose = case.graph_of(self.caller, self.name).loose(
            self.caller, self.name, scope & ~ways.mask, case.drawn
        )
        if ways.mask:
            why = conditions(case, self.caller, self.name, ways, scope, loose)
            return case.claim(text, line, Standing.HOLDS_IF, why, ways.mask, kind)
        if loose.mask and case.exists(self.name):
            why = "; ".join(loose.reasons[:2])
            return Claim(text, line, Standing.UNDECIDED, why, kind=kind)
        why = self._instead(scope)
        if case.drawing.vague:
            why = f"{why}; the arrow may mean something else"
            return Claim(text, line, Standing.UNDECIDED, why, kind=kind)
        return Claim(text, line, Standing.DOES_NOT_HOLD, why, kind=kind)

    def _instead(self, scope: Mask) -> str:
        """What there is where the edge is not."""
        case, caller, name = self.case, self.caller, self.name
        calls = case.graph.calls(caller, scope)
        called = f": {caller} calls {listed(calls)}" if calls else ""
        if not case.exists(name):
            return NO_SUCH + called
        over = case.graph_of(caller, name).ways(caller, name, scope, frozenset()).ways
        if over:
            return f"in between: {listed(over[0].between)}"
        if case.graph.ways(name, caller, case.axis.there, frozenset()).mask:
            return f"it is the other way round: {name} calls {caller}"
        return "the edge is not in the source" + called


def conditions(
    case: Case, caller: str, name: str, ways: Ways, scope: Mask, loose: Loose
) -> str | None:
    """Where and on what conditions an edge is there; None if everywhere and on
    none."""
    parts: list[str] = []
    graph = case.graph_of(caller, name)
    if ways.sure:
        parts.append(case.words.where(ways.sure, scope))
    said: dict[str, Mask] = {}
    for way in ways.ways:
        if unsure := way.mask & ~ways.sure:
            words = boot_words(graph, way)
            said[words] = said.get(words, 0) | unsure
    for words, mask in said.items():
        parts.append(f"{case.words.where(mask, scope)} {words}".strip())
    if loose.mask:
        undecided = f"not decidable ({loose.reasons[0]})"
        parts.append(case.words.placed(undecided, loose.mask, scope))
    return "; ".join(filter(None, parts)) or None


def _within(ways: Ways, scope: Mask) -> Ways:
    """The ways inside a scope."""
    kept = tuple(
        Way(way.mask & scope, way.edges, way.between) for way in ways.ways if way.mask & scope
    )
    return Ways(ways.mask & scope, ways.sure & scope, kept)

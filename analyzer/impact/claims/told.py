"""What labels say besides configurations and platforms: a branch, a reference, an effect."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.impact.claims.case import Case
from analyzer.impact.claims.drawing import DrawnCall, Label
from analyzer.impact.claims.edges import Followed
from analyzer.impact.claims.graph import Ways, union
from analyzer.impact.claims.labels import (
    RELEASES,
    Branch,
    Effect,
    Reference,
    denies_branch,
    says_branch,
)
from analyzer.impact.claims.wording import listed
from analyzer.impact.result import Claim, ClaimKind, Standing

_LOST = "unknown"
"""The effect where an object is lost."""


def label_claims(case: Case, index: int, followed: Followed) -> Iterator[Claim]:
    """One claim for each part of the labels and headings of call ``index`` that is not a
    condition or platform."""
    call = case.calls[index]
    for label in (*call.headings, *call.labels):
        for meaning in case.meanings(label):
            if isinstance(meaning, Effect):
                yield _effect(case, call, label, meaning, followed)
            elif isinstance(meaning, Reference):
                yield _reference(case, index, label)
            elif isinstance(meaning, Branch):
                yield _branch(call, label, meaning.text, case, followed.ways)


def _branch(call: DrawnCall, label: Label, words: str, case: Case, ways: Ways) -> Claim:
    """A heading or label whose words are those of a condition in C."""
    text, line, kind = f"{call.name} [{label.text.rstrip(': ')}]", label.line, ClaimKind.LABEL
    if not ways.ways:
        why = f"{call.name} is not called there"
        return Claim(text, line, Standing.UNDECIDED, why, kind=kind)
    yes = no = 0
    guards: dict[str, None] = {}
    for way in ways.ways:
        on_way = [guard for edge in way.edges for guard in edge.guards]
        if any(says_branch(words, guard.label, guard.text) for guard in on_way):
            yes |= way.mask
        elif any(denies_branch(words, guard.label) for guard in on_way):
            no |= way.mask
        for guard in on_way:
            guards.setdefault(guard.text if not guard.label else f"{guard.text} ({guard.label})")
    found = f"it is called when {listed(list(guards))}" if guards else "it is always called"
    if yes == ways.mask:
        return case.claim(text, line, Standing.HOLDS, None, yes, kind)
    if yes:
        why = case.words.where(yes, ways.mask)
        return case.claim(text, line, Standing.HOLDS_IF, why, yes, kind)
    if no == ways.mask:
        return Claim(text, line, Standing.DOES_NOT_HOLD, found, kind=kind)
    why = f"the words are not understood; {found}"
    return Claim(text, line, Standing.UNDECIDED, why, kind=kind)


def _reference(case: Case, index: int, label: Label) -> Claim:
    call = case.calls[index]
    text = f"{call.name} [{label.text}]"
    for number, other in enumerate(case.calls):
        if other.name == call.name and number != index and not case.refers(other):
            return Claim(text, label.line, Standing.HOLDS, kind=ClaimKind.LABEL)
    why = f"{call.name} is not drawn elsewhere"
    return Claim(text, label.line, Standing.DOES_NOT_HOLD, why, kind=ClaimKind.LABEL)


def _effect(case: Case, call: DrawnCall, label: Label, said: Effect, followed: Followed) -> Claim:
    """What becomes of the object at a call or below it, where the call is made.

    Where it is not made at all, what its caller does is told instead.
    """
    text, line, kind = f"{call.name} [{said.text}]", label.line, ClaimKind.LABEL
    name, scope = call.name, followed.ways.mask
    if not scope and call.parent is not None:
        name, scope = followed.caller, followed.claimed
    if not scope:
        why = f"{call.name} is not reached"
        return Claim(text, line, Standing.UNDECIDED, why, kind=kind)
    releases = [effect for effect in said.names if effect in RELEASES]
    if releases and not case.graph.has_effects():
        why = "what becomes of the object is not known"
        return Claim(text, line, Standing.UNDECIDED, why, kind=kind)
    found = case.graph.effects(name, scope, RELEASES if releases else said.names)
    meant = said.names if name == call.name else ()
    yes = union(mask for effect, mask in found.items() if effect in meant)
    other = {effect: mask for effect, mask in found.items() if effect not in meant}
    if yes == scope and not other:
        return case.claim(text, line, Standing.HOLDS, None, yes, kind)
    lost = other.pop(_LOST, 0)
    parts = [case.words.where(yes, scope)] if yes else []
    for effect, mask in other.items():
        also = f"also {effect}" if mask & yes else effect
        parts.append(case.words.placed(also, mask, scope))
    if lost:
        parts.append(case.words.placed("not decidable: the object is lost", lost, scope))
    why = "; ".join(filter(None, parts))
    if yes:
        return case.claim(text, line, Standing.HOLDS_IF, why, yes, kind)
    if lost == scope:
        return Claim(text, line, Standing.UNDECIDED, why, kind=kind)
    instead = f"instead: {why}" if why else "nothing of the kind happens there"
    return Claim(text, line, Standing.DOES_NOT_HOLD, instead, kind=kind)

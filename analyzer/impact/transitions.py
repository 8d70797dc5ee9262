"""Two analyses of one function, before and after a patch: where its paths go over into what.

Both are over the same configurations. Lines move when a file is patched, so edges are compared
by what they connect and how, not by where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.describe import Describer
from analyzer.impact.result import Step, Transition
from analyzer.impact.within import within
from analyzer.location import Location
from analyzer.paths.result import Edge, PathClass, PathsResult

_NOWHERE = Location("", 0)


@dataclass(frozen=True, slots=True)
class _Situation:
    """One class of one side on some configurations and platforms; None: no root there."""

    mask: Mask
    platforms: tuple[str, ...]
    found: PathClass | None


def transitions(
    before: PathsResult | None,
    after: PathsResult | None,
    configs: ConfigSet,
    symbols: Sequence[str] = (),
) -> tuple[Transition, ...]:
    """Where which paths become which: parts that change first, large parts before small ones, those
    without the root last.

    Together they are all configurations, on every platform that each of them has; a platform
    that only one side tells apart goes with the class that the other has everywhere.
    """
    mentioned = [name for side in (before, after) if side for name, _ in side.symbols]
    describer = Describer(configs, symbols, mentioned)
    steps = {side: _steps(result) for side, result in ((0, before), (1, after)) if result}
    merged: dict[Transition, Mask] = {}
    for old in _situations(before, configs.all, _names(after)):
        for new in _situations(after, configs.all, _names(before)):
            mask = old.mask & new.mask
            platforms = tuple(name for name in old.platforms if name in new.platforms)
            if not mask or (old.platforms and not platforms):
                continue
            change = _transition((before, old.found), (after, new.found), steps, mask)
            key = replace(change, mask=0, platforms=platforms)
            merged[key] = merged.get(key, 0) | mask
    result = [
        replace(each, mask=mask, when=describer.describe(mask)) for each, mask in _together(merged)
    ]
    result.sort(key=_weight)
    return tuple(result)


def _weight(one: Transition) -> tuple[bool, bool, bool, int]:
    return not one.effects_change, not one.paths_change, not one.there, -_size(one)


def _size(transition: Transition) -> int:
    return transition.mask.bit_count() * max(1, len(transition.platforms))


def _together(merged: Mapping[Transition, Mask]) -> Iterator[tuple[Transition, Mask]]:
    """Platforms with the same change in the same configurations as one."""
    joined: dict[tuple[Transition, Mask], list[str]] = {}
    for change, mask in merged.items():
        key = (replace(change, platforms=()), mask)
        joined.setdefault(key, []).extend(change.platforms)
    for (change, mask), platforms in joined.items():
        yield replace(change, platforms=tuple(dict.fromkeys(platforms))), mask


def _names(result: PathsResult | None) -> tuple[str, ...]:
    return () if result is None else result.platforms


def _situations(
    result: PathsResult | None, everything: Mask, others: tuple[str, ...]
) -> Iterator[_Situation]:
    """The classes of one side; ``others`` are the platforms that the other side tells apart."""
    if result is None:
        yield _Situation(everything, others, None)
        return
    rootless = everything & ~_rooted(result)
    if rootless:
        yield _Situation(rootless, result.platforms or others, None)
    for one in result.classes:
        mask = one.mask & ~rootless
        if mask:
            yield _Situation(mask, one.platforms or others, one)


def _rooted(result: PathsResult) -> Mask:
    """The configurations in which a root is there, with a body."""
    roots = set(result.roots)
    mask = 0
    for node in result.nodes:
        if node.id in roots and node.absent is None:
            mask |= node.mask
    return mask


_Steps = Mapping[int, tuple[tuple[Step, Step], ...]]
"""By side, for each edge its step without a place, and with it."""


def _steps(result: PathsResult) -> tuple[tuple[Step, Step], ...]:
    names = {node.id: node.name for node in result.nodes}
    placed = [_step(edge, names) for edge in result.edges]
    return tuple((replace(step, location=_NOWHERE), step) for step in placed)


def _step(edge: Edge, names: Mapping[str, str]) -> Step:
    return Step(
        caller=names[edge.source],
        callee=None if edge.target is None else names[edge.target],
        name=edge.name,
        kind=edge.kind,
        slot=edge.slot,
        context=edge.context,
        guards=edge.guards,
        location=edge.location,
    )


_Found = tuple[PathsResult | None, PathClass | None]


def _transition(one: _Found, other: _Found, steps: _Steps, mask: Mask) -> Transition:
    old, new = one[1], other[1]
    before = _edges(old, steps.get(0, ()))
    after = _edges(new, steps.get(1, ()))
    labels = [
        set(_labels(found, steps.get(side, ()), unlike))
        for side, found, unlike in ((0, one, after), (1, other, before))
        if found[1] is not None and any(step not in unlike for step in (before, after)[side])
    ]
    return Transition(
        mask=mask,
        platforms=(),
        when="",
        before=None if old is None else old.effects,
        after=None if new is None else new.effects,
        gone=tuple(place for step, place in before.items() if step not in after),
        new=tuple(place for step, place in after.items() if step not in before),
        within=tuple(sorted(set.intersection(*labels))) if labels and old and new else (),
    )


def _labels(
    found: _Found, steps: tuple[tuple[Step, Step], ...], others: Mapping[Step, Step]
) -> tuple[str, ...]:
    """The labels that confine what one side has and the other has not."""
    result, one = found
    if result is None or one is None:
        return ()
    changed = {index for index in one.edges if steps[index][0] not in others}
    return within(result, one.edges, changed)


def _edges(found: PathClass | None, steps: tuple[tuple[Step, Step], ...]) -> dict[Step, Step]:
    """The edges of a class, first places first."""
    if found is None:
        return {}
    result: dict[Step, Step] = {}
    for index in found.edges:
        step, placed = steps[index]
        result.setdefault(step, placed)
    return result

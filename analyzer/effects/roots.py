"""The effects of the functions that a question is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from analyzer.callgraph.program import FunctionRef
from analyzer.configset.configset import Mask
from analyzer.configset.widening import Widening
from analyzer.effects.analysis import EffectAnalysis
from analyzer.effects.code import Body, Code
from analyzer.effects.model import (
    DROP,
    GATHER,
    GRACE_PERIOD_THEN,
    IMMEDIATE,
    IPI_THEN,
    UNKNOWN,
    Carries,
    Carry,
    Labels,
    Lost,
    Outcome,
    add,
)
from analyzer.effects.objects import Chosen, Rank, candidates, named
from analyzer.errors import BadInput

_ORDER = (IMMEDIATE, GATHER, "rcu-callback-free", IPI_THEN, GRACE_PERIOD_THEN, DROP)
_LAST = (UNKNOWN,)


@dataclass(frozen=True, slots=True)
class Followed:
    """An object that was followed: ``name`` in ``root`` where ``mask``.

    ``others`` are names of arguments that are given up too and were not followed.
    """

    root: FunctionRef
    name: str
    mask: Mask
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RootEffects:
    """What becomes of the objects of the roots; all masks are wide.

    ``effects`` are in a fixed order, ``unknown`` last. ``without``: the roots of which no
    argument is seen to be given up.
    """

    widening: Widening
    effects: tuple[tuple[str, Mask], ...]
    labels: Labels
    carries: Carries
    followed: tuple[Followed, ...]
    lost: tuple[Lost, ...]
    without: tuple[FunctionRef, ...]


class RootAnalysis:
    """Answers for roots, whose masks are wide too."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._analysis = EffectAnalysis(code)

    def of(
        self, roots: Sequence[FunctionRef], text: str | None, scopes: Sequence[Collection[str]]
    ) -> RootEffects:
        """The effects on the object called ``text`` (:func:`analyzer.effects.objects.named`);
        where that is None, on the argument that is given up as far as the functions of some
        objects show: those of the first of ``scopes`` that do.

        Raises :class:`BadInput` if no root has such an object.
        """
        effects: dict[str, Mask] = {}
        labels: dict[tuple[FunctionRef, str], Mask] = {}
        carries: dict[Carry, Mask] = {}
        followed: list[Followed] = []
        lost: list[Lost] = []
        bodies = [body for root in roots for body in self._bodies(root)]
        for body, mask in bodies:
            chosen = self._choose(body, text, scopes)
            if not chosen:
                continue
            first, known = chosen[0]
            outcome = self._analysis.of(body, first) if known is None else known
            others = tuple(other.name for other, _ in chosen[1:])
            followed.append(Followed(body.ref, first.name, mask, others))
            for name, where in outcome.effects.items():
                add(effects, name, where & mask)
            for label, where in outcome.labels.items():
                if where & mask:
                    labels[label] = labels.get(label, 0) | (where & mask)
            for carry, where in outcome.carries.items():
                if where & mask:
                    carries[carry] = carries.get(carry, 0) | (where & mask)
            for event in outcome.lost:
                if event.mask & mask:
                    lost.append(event)
                    add(effects, UNKNOWN, event.mask & mask)
        if text is not None and bodies and not followed:
            raise _no_such_object(text, bodies[0][0])
        found = {each.root for each in followed}
        without = dict.fromkeys(body.ref for body, _ in bodies if body.ref not in found)
        return RootEffects(
            self._code.widening,
            tuple(sorted(effects.items(), key=lambda item: effect_order(item[0]))),
            labels,
            carries,
            tuple(followed),
            tuple(lost),
            tuple(without),
        )

    def _bodies(self, root: FunctionRef) -> list[tuple[Body, Mask]]:
        mask = root.mask
        return [(body, body.mask & mask) for body in self._code.bodies(root) if body.mask & mask]

    def _choose(
        self, body: Body, text: str | None, scopes: Sequence[Collection[str]]
    ) -> list[tuple[Chosen, Outcome | None]]:
        """The object first, then what else is given up; with what becomes of it, if known."""
        if text is not None:
            return [(chosen, None) for chosen in named(body, text)]
        objects = candidates(body)
        numbers = [chosen for chosen in objects if chosen.rank is Rank.NUMBER]
        others = [chosen for chosen in objects if chosen.rank is not Rank.NUMBER]
        searches = [(within, others) for within in scopes]
        searches += [(within, numbers) for within in scopes[:1]]
        for within, some in searches:
            found = EffectAnalysis(self._code, within).released_among(body, some)
            if found:
                return found
        return []


def effect_order(name: str) -> tuple[int, str]:
    """A key that sorts effects: the ways of being freed, what else happens, ``unknown``."""
    if name in _ORDER:
        return (_ORDER.index(name), name)
    return (len(_ORDER) + (1 if name in _LAST else 0), name)


def _no_such_object(text: str, body: Body) -> BadInput:
    names = [name for name in body.actions.parameters if name]
    known = f"its parameters are {', '.join(names)}" if names else "it has no parameters"
    return BadInput(f"{body.ref.name}() has no parameter or local variable '{text}'; {known}")

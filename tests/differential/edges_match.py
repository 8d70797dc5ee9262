"""Comparing kimpact's direct call edges of an object with GCC's.

The rule of the comparison (``docs/accuracy.md`` states it for users):

* An edge is a (caller, callee) pair within one object, however often it is called.
* **Found** is counted over every edge that GCC has from a function it reached, also when
  kimpact lacks the caller altogether.
* **Extra** is an edge of kimpact that GCC does not have. Edges that start in a function
  which GCC defines but did not reach are not judged against ``calls`` (there are none);
  they count as extra only when the callee does not stand in the function's body at all.
* **Builtins** (``__builtin_*``, ``__sync_*``, ``__atomic_*``) are no functions of the
  kernel: they form a class of their own, for both found and extra, outside the headline.
  A library name called as such (``memcpy(...)``) is a function like any other.
* Names that carry ``__COUNTER__`` or a line (``__compiletime_assert_42``) lose the number.
* A call of an alias is a call of its target.
* **Indirect calls** are counted per function that GCC reached: GCC says how many there are,
  not where. Found are as many as both sides have; what kimpact has beyond is extra. Where
  the compiler makes a direct call of one (a ``const`` pointer that holds one function),
  it is one on both sides, an edge like any other.
"""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edges_truth import Body, UnitTruth

Edge = tuple[str, str]

_BUILTIN = re.compile(r"__(?:builtin|sync|atomic)_")
_NUMBERED = re.compile(r"^(__compiletime_assert|__UNIQUE_ID_\w*?)_?\d+$")


class Cause(enum.Enum):
    """Why an edge is on one side only, as far as the two graphs tell."""

    CALLER_ABSENT = "kimpact does not have the caller"
    CALLEE_ABSENT = "kimpact names the callee nowhere in the unit"
    EDGE_ABSENT = "kimpact has caller and callee, but not this edge"
    FOLDED = "in the body, but GCC folds the branch away"
    ADDRESS = "GCC takes the address only"
    CALLER_UNDEFINED = "GCC defines no such caller"
    NO_SUCH_CALL = "GCC sees no such call in the body, folded or not"


@dataclass(frozen=True, slots=True)
class Difference:
    """One edge that only one side has; ``place`` is the caller's ``file:line``."""

    object: str
    caller: str
    callee: str
    cause: Cause
    place: str


@dataclass(frozen=True, slots=True)
class IndirectDifference:
    """A function of which the sides count different numbers of calls through pointers;
    ``resolved``: direct edges that only kimpact has, which may stand for what it lacks."""

    object: str
    caller: str
    gcc: int
    kimpact: int
    resolved: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """What kimpact says of one object in one configuration."""

    object: str
    file: str
    functions: Mapping[str, str]
    """Name to ``file:line``."""
    edges: frozenset[Edge]
    indirect: Mapping[str, int]
    """Calls through pointers by caller."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of edges or calls: ``true`` of GCC, ``found`` of them, ``claimed`` by kimpact."""

    true: int
    found: int
    claimed: int
    extra: int

    def __add__(self, other: Score) -> Score:
        return Score(
            self.true + other.true,
            self.found + other.found,
            self.claimed + other.claimed,
            self.extra + other.extra,
        )

    @property
    def found_percent(self) -> float:
        """Share of GCC's edges that kimpact has; 100 when GCC has none."""
        return 100.0 * self.found / self.true if self.true else 100.0

    @property
    def extra_percent(self) -> float:
        """Extra edges per edge of GCC."""
        return 100.0 * self.extra / self.true if self.true else float(self.extra and 100)


ZERO = Score(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class UnitResult:
    """The comparison of one object."""

    object: str
    score: Score
    builtins: Score
    indirect: Score
    missing: tuple[Difference, ...]
    extra: tuple[Difference, ...]
    uneven: tuple[IndirectDifference, ...]
    reached_only_by_gcc: tuple[str, ...]
    reached_only_by_kimpact: tuple[str, ...]
    unjudged: int
    """Edges of kimpact from functions that GCC did not reach, callee in the body."""


def plain_name(name: str, aliases: Mapping[str, str]) -> str:
    """``name`` without a running number, an alias replaced by its target."""
    numbered = _NUMBERED.match(name)
    return numbered[1] if numbered else aliases.get(name, name)


def is_builtin(name: str) -> bool:
    """Whether ``name`` is the compiler's own rather than a function of the kernel."""
    return _BUILTIN.match(name) is not None


def compare_unit(truth: UnitTruth, mine: UnitGraph) -> UnitResult:
    """Compare one object; both sides must be of the same configuration."""
    aliases = truth.aliases
    bodies = {plain_name(body.name, {}): body for body in truth.bodies.values()}
    reached = {name for name, body in bodies.items() if body.reached}
    gcc = _plain(truth.edges(), aliases)
    ours = _plain(mine.edges, aliases)
    gcc_builtins = {edge for edge in gcc if is_builtin(edge[1])}
    our_builtins = {edge for edge in ours if is_builtin(edge[1])}
    gcc, ours = gcc - gcc_builtins, ours - our_builtins

    functions = {plain_name(name, {}): place for name, place in mine.functions.items()}
    functions.update((caller, "?") for caller, _ in ours if caller not in functions)
    named = functions.keys() | {callee for _, callee in ours}
    missing = tuple(
        Difference(
            truth.object,
            caller,
            callee,
            _missing(caller, callee, functions, named),
            _at(bodies, caller),
        )
        for caller, callee in sorted(gcc - ours)
    )
    extra: list[Difference] = []
    unjudged = 0
    for caller, callee in sorted(ours - gcc):
        cause = _extra(bodies.get(caller), callee, aliases)
        if cause is None:
            unjudged += 1
            continue
        place = functions.get(caller, "?")
        extra.append(Difference(truth.object, caller, callee, cause, place))
    indirect, uneven = _indirect(truth, mine, bodies, extra)
    judged_builtins = {edge for edge in our_builtins if edge[0] in reached}
    return UnitResult(
        object=truth.object,
        score=Score(len(gcc), len(gcc & ours), len(ours), len(extra)),
        builtins=Score(
            len(gcc_builtins),
            len(gcc_builtins & our_builtins),
            len(judged_builtins),
            len(judged_builtins - gcc_builtins),
        ),
        indirect=indirect,
        missing=missing,
        extra=tuple(extra),
        uneven=uneven,
        reached_only_by_gcc=tuple(sorted(reached - functions.keys())),
        reached_only_by_kimpact=tuple(sorted(functions.keys() - reached)),
        unjudged=unjudged,
    )


def _indirect(
    truth: UnitTruth, mine: UnitGraph, bodies: Mapping[str, Body], extra: Iterable[Difference]
) -> tuple[Score, tuple[IndirectDifference, ...]]:
    ours: Counter[str] = Counter()
    for name, count in mine.indirect.items():
        ours[plain_name(name, {})] += count
    score = ZERO
    uneven: list[IndirectDifference] = []
    for name, body in sorted(bodies.items()):
        if not body.reached:
            continue
        gcc, our = body.indirect, ours[name]
        score += Score(gcc, min(gcc, our), our, max(our - gcc, 0))
        if gcc != our:
            resolved = tuple(row.callee for row in extra if row.caller == name)
            place = _at(bodies, name)
            uneven.append(IndirectDifference(truth.object, name, gcc, our, resolved, place))
    return score, tuple(uneven)


def _plain(edges: Iterable[Edge], aliases: Mapping[str, str]) -> set[Edge]:
    return {(plain_name(caller, {}), plain_name(callee, aliases)) for caller, callee in edges}


def _at(bodies: Mapping[str, Body], name: str) -> str:
    body = bodies.get(name)
    if body is None:
        return "?"
    return f"{body.file}:{body.line}" + (" (macro-made)" if body.macro_made else "")


def _missing(caller: str, callee: str, functions: Mapping[str, str], named: set[str]) -> Cause:
    if caller not in functions:
        return Cause.CALLER_ABSENT
    return Cause.EDGE_ABSENT if callee in named else Cause.CALLEE_ABSENT


def _extra(body: Body | None, callee: str, aliases: Mapping[str, str]) -> Cause | None:
    """The cause of an extra edge; None when GCC gives no verdict on it."""
    if body is None:
        return Cause.CALLER_UNDEFINED
    before = {plain_name(name, aliases) for name in body.before_folding}
    if callee in before:
        return Cause.FOLDED if body.reached else None
    if callee in {plain_name(name, aliases) for name in body.address_taken}:
        return Cause.ADDRESS
    return Cause.NO_SUCH_CALL

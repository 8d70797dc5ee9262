"""Finding the symbols to vary: those that make a difference to the paths.

From one configuration on: every symbol that the sources of the paths ask for is given its
other values, all of these configurations are analysed at once, and what they make the
sources ask for anew is tried in turn, in the base and in one configuration of each class
of paths found so far, until nothing new comes up. Of all symbols that tell two classes
apart, the fewest are kept, those that a user can set before others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from analyzer.configset.configset import Mask
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.matrix.combinations import label
from analyzer.matrix.result import Considered, Role, Statement, Varied, Verdict
from analyzer.matrix.space import Space, Tried

MAX_CONFIGURATIONS = 256
"""Configurations that are tried while looking for symbols."""

MAX_ROUNDS = 6
"""Rounds of trying; a round is one analysis of all configurations so far."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What one analysis of some configurations tells: ``classes`` are disjoint masks of
    configurations with identical paths, ``mentions`` the symbols asked for, with places."""

    classes: tuple[Mask, ...]
    mentions: Mapping[str, tuple[Statement, ...]]


Survey = Callable[[Sequence[DotConfig]], Surveyed]


@dataclass(frozen=True, slots=True)
class Relevant:
    """The symbols to vary, and those that were looked at and are not."""

    vary: tuple[Varied, ...]
    considered: tuple[Considered, ...]


class Discovery:
    """Looks for the symbols that make a difference to what a survey looks at; see above."""

    __slots__ = ("_diagnostics", "_survey", "_trials")

    def __init__(
        self, base: DotConfig, space: Space, survey: Survey, diagnostics: Diagnostics
    ) -> None:
        self._trials = _Trials(base, space)
        self._survey = survey
        self._diagnostics = diagnostics

    def run(self) -> Relevant:
        """Survey and try until nothing new comes up."""
        trials = self._trials
        for number in range(MAX_ROUNDS):
            surveyed = self._survey(trials.configs)
            trials.classes = surveyed.classes
            trials.learn(surveyed.mentions)
            if not trials.widen():
                break
            if number == MAX_ROUNDS - 1:
                self._diagnostics.warning(
                    "matrix-rounds",
                    f"after {MAX_ROUNDS} rounds the sources still ask for new symbols: "
                    f"{', '.join(trials.fresh)} (--vary looks at them)",
                )
        if trials.dropped:
            self._diagnostics.warning(
                "matrix-configurations",
                f"{trials.dropped} more configurations were not tried: there are "
                f"{MAX_CONFIGURATIONS} already (--vary looks at the symbols named)",
            )
        return trials.sorted_out()

    def learn(self, mentions: Mapping[str, tuple[Statement, ...]]) -> bool:
        """Take note of symbols that another analysis asks for; whether any of them is new and
        has been given other values, so that it is worth running again."""
        self._trials.learn(mentions)
        return self._trials.widen()


@dataclass(slots=True)
class _Trials:
    """The configurations tried so far.

    ``changes[i]`` is what was asked for to get ``configs[i]``, the last of it with regard to
    configuration ``starts[i]``.
    """

    base: DotConfig
    space: Space
    configs: list[DotConfig] = field(default_factory=list)
    values: list[dict[str, str]] = field(default_factory=list)
    changes: list[Mapping[str, str]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    mentions: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    failed: dict[str, list[Tried]] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    classes: tuple[Mask, ...] = ()
    asked: set[str] = field(default_factory=set)
    dropped: int = 0

    def __post_init__(self) -> None:
        self._add(replace(self.base, name="base"))
        self.changes.append({})
        self.starts.append(0)

    def learn(self, mentions: Mapping[str, tuple[Statement, ...]]) -> None:
        """Note what is asked for; ``fresh`` are then the symbols that were not known."""
        names = [name for name in map(self._stem, mentions) if name]
        self.fresh = [name for name in dict.fromkeys(names) if name not in self.mentions]
        for name, places in mentions.items():
            stem = self._stem(name)
            if stem:
                known = self.mentions.get(stem, ())
                self.mentions[stem] = tuple(dict.fromkeys((*known, *places)))

    def _stem(self, name: str) -> str | None:
        """The symbol itself where ``name`` is the one set for its value ``m``."""
        if self.space.varies(name):
            return name
        stem = name.removesuffix("_MODULE")
        return stem if stem != name and self.space.varies(stem) else None

    def widen(self) -> bool:
        """Try the symbols that are new, in one configuration of each class; whether any."""
        asked: list[tuple[int, dict[str, str]]] = []
        for start in self._representatives():
            have = self.changes[start]
            for name in self.fresh:
                if name in have:
                    continue
                now = self.values[start].get(name, "n")
                asked += (
                    (start, {**have, name: value})
                    for value in self.space.values(name)
                    if value != now
                )
        new = [one for one in asked if label(one[1]) not in self.asked]
        room = max(0, MAX_CONFIGURATIONS - len(self.configs))
        self.dropped += len(new[room:])
        new = new[:room]
        self.asked.update(label(changes) for _, changes in new)
        before = len(self.configs)
        answers = self.space.try_all([changes for _, changes in new])
        for (start, changes), tried in zip(new, answers, strict=True):
            if tried.witness is not None:
                self._add(replace(tried.witness.config, name=label(changes)))
                self.changes.append(changes)
                self.starts.append(start)
            else:
                self.failed.setdefault(list(changes)[-1], []).append(tried)
        return len(self.configs) > before

    def _add(self, config: DotConfig) -> None:
        self.configs.append(config)
        self.values.append(config.values)

    def _representatives(self) -> list[int]:
        """The first configuration of every class, the base first."""
        firsts = [(mask & -mask).bit_length() - 1 for mask in self.classes if mask]
        return [0, *(first for first in sorted(firsts) if first)]

    def sorted_out(self) -> Relevant:
        """Which symbols to vary, and what became of the others."""
        table = {name: self._column(name) for name in self.mentions}
        chosen = self._fewest(table)
        vary = [Varied(name, self.space.values(name), self.mentions[name]) for name in chosen]
        idle = self._idle()
        others = [
            self._considered(name, table[name], name in idle)
            for name in self.mentions
            if name not in chosen
        ]
        return Relevant(tuple(vary), tuple(others))

    def _column(self, name: str) -> tuple[str, ...]:
        return tuple(values.get(name, "n") for values in self.values)

    def _pairs(self) -> Iterable[tuple[int, int]]:
        """Pairs of configurations whose paths differ."""
        groups = [_bits(mask) for mask in self.classes]
        for index, group in enumerate(groups):
            for other in groups[index + 1 :]:
                yield from ((one, two) for one in group for two in other)

    def _fewest(self, table: Mapping[str, tuple[str, ...]]) -> list[str]:
        """The fewest symbols of which one differs in every pair of unlike configurations."""
        pairs = list(self._pairs())
        apart = {
            name: {number for number, (one, two) in enumerate(pairs) if column[one] != column[two]}
            for name, column in table.items()
        }
        order = {name: number for number, name in enumerate(table)}
        left = set().union(*apart.values())
        chosen: list[str] = []
        while left:
            best = max(
                apart,
                key=lambda name: (
                    len(apart[name] & left),
                    self.space.has_prompt(name),
                    -order[name],
                ),
            )
            chosen.append(best)
            left -= apart[best]
        for name in list(chosen):
            others = set().union(*(apart[other] for other in chosen if other != name))
            if apart[name] <= others:
                chosen.remove(name)
        return sorted(chosen, key=order.__getitem__)

    def _idle(self) -> set[str]:
        """The symbols that were given another value and the paths never changed for it."""
        number_of = {
            index: number for number, mask in enumerate(self.classes) for index in _bits(mask)
        }
        tried: set[str] = set()
        matter: set[str] = set()
        for index, changes in enumerate(self.changes):
            if index:
                name = list(changes)[-1]
                tried.add(name)
                if number_of.get(index) != number_of.get(self.starts[index]):
                    matter.add(name)
        return tried - matter

    def _considered(self, name: str, column: Sequence[str], idle: bool) -> Considered:
        evidence = self.mentions[name]
        if len(set(column)) == 1:
            tried = self.failed.get(name, [])
            undecided = [one for one in tried if one.verdict is Verdict.UNDECIDED]
            role = Role.UNDECIDED if undecided or not tried else Role.FIXED
            first = undecided[0] if undecided else tried[0] if tried else None
            return Considered(name, role, evidence, () if first is None else first.reasons)
        return Considered(name, Role.NO_EFFECT if idle else Role.FOLLOWS, evidence)


def _bits(mask: Mask) -> list[int]:
    return [index for index in range(mask.bit_length()) if mask >> index & 1]

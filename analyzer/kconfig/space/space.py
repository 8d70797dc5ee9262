"""Questions to the configuration space: can symbols have these values, and how to get there.

The answers are relative to a base configuration, which also says (depending on the policy)
how shell probes were answered. A fragment is tried before it is offered; what the clauses
rule out is told as an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import DotConfig, parse_dotconfig
from analyzer.errors import InternalError
from analyzer.kconfig.evaluate import NO_ANSWERS
from analyzer.kconfig.expressions import Node, Op
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.recorded import recorded_answers
from analyzer.kconfig.render import quoted
from analyzer.kconfig.resolve import ProbePolicy
from analyzer.kconfig.space.argument import Argument
from analyzer.kconfig.space.candidates import sources_of
from analyzer.kconfig.space.clauses import FALSE, Literal
from analyzer.kconfig.space.encoding import Encoding
from analyzer.kconfig.space.solving import Model, Solving
from analyzer.kconfig.space.targets import Target, literals_of, target_of
from analyzer.kconfig.space.verdict import (
    Impossible,
    Line,
    Possible,
    Reason,
    Undecided,
    Verdict,
)
from analyzer.kconfig.space.witness import Fragment, Outcome, Witnesses
from analyzer.kconfig.uservalues import user_values

MAX_ROUNDS = 8
"""How many other fragments are tried where one does not do what the encoding says."""


@dataclass(slots=True)
class _Query:
    """One question: its targets and literals, and the way to answering it."""

    targets: list[Target]
    distances: dict[Node, int]
    literals: list[Literal]
    blocked: list[Literal] = field(default_factory=list)
    fragment: Fragment = ()
    verdict: Verdict | None = None


class Space:
    """The space around ``base`` (None: an empty configuration).

    With :attr:`ProbePolicy.RECORDED` a probe has the answer that ``base`` records, and else
    the profile's that ``model`` was loaded with; with ``PROFILE`` always the profile's.
    ``probes`` says so in words. Clauses are made when a symbol is asked about and kept.
    """

    def __init__(
        self,
        model: KconfigModel,
        base: DotConfig | None = None,
        policy: ProbePolicy = ProbePolicy.PROFILE,
    ) -> None:
        self.model = model
        self.probes = f"toolchain profile {model.toolchain}"
        configs = Configurations([DotConfig.of_values("", "", {}) if base is None else base])
        self._user = user_values(model, configs)
        self._answers = NO_ANSWERS
        if base is not None and policy is ProbePolicy.RECORDED:
            self._answers = recorded_answers(model, self._user, configs)
            self.probes = f"as the base configuration records, else {self.probes}"
        self._witnesses = Witnesses(model, configs[0], self._answers)
        self._wanted: dict[int, tuple[str, ...]] = {}
        self._start()

    def _start(self) -> None:
        self._encoding = Encoding(self.model, self._user, self._answers, self._wanted)
        self._solving = Solving(self._encoding.clauses)
        self._argument = Argument(self.model, self._encoding, self._solving, self.probes)

    def combination(self, values: Mapping[str, str]) -> Verdict:
        """Whether symbols can have these values together; names without ``CONFIG_``.

        A value is ``n``, ``m``, ``y`` or the text of an int, hex or string symbol, quoted or
        not. :class:`Possible` has the nearest witness found: the base with few lines changed.
        """
        return self.combinations([values])[0]

    def combinations(self, values: Sequence[Mapping[str, str]]) -> tuple[Verdict, ...]:
        """:meth:`combination` for each; all witnesses are resolved together."""
        asked = [self._asked(one) for one in values]
        self._know_texts(t for one in asked if not isinstance(one, Impossible) for t in one)
        queries = [self._query(one) for one in asked]
        for query in queries:
            self._advance(query)
        for _ in range(MAX_ROUNDS):
            if not self._try([query for query in queries if query.verdict is None]):
                break
        why = f"{MAX_ROUNDS} fragments were tried and none gave the values"
        return tuple(query.verdict or Undecided(why) for query in queries)

    def want(self, name: str, value: str) -> Verdict:
        """The smallest fragment that gives ``name`` the value, merged into the base.

        It has as few lines as possible, and none that can be left out. The value is as for
        :meth:`combination`.
        """
        verdict = self.combination({name: value})
        if not isinstance(verdict, Possible) or len(verdict.fragment) < 2:
            return verdict
        target = target_of(self.model, name, value)
        targets = [target] if isinstance(target, Target) else []
        fragment = self._without_idle(verdict.fragment, targets)
        if fragment == verdict.fragment:
            return verdict
        outcome = self._witnesses.outcomes([fragment], [targets])[0]
        return self._possible(fragment, outcome) if outcome.stays else verdict

    # The way to a verdict

    def _asked(self, values: Mapping[str, str]) -> list[Target] | Impossible:
        """What is asked; a verdict already where a symbol never has the value."""
        targets: list[Target] = []
        for name, value in values.items():
            target = target_of(self.model, name, value)
            if isinstance(target, Reason):
                return Impossible((target,), self.probes)
            if target is not None:
                targets.append(target)
        return targets

    def _query(self, asked: list[Target] | Impossible) -> _Query:
        """A question with its literals."""
        if isinstance(asked, Impossible):
            return _Query([], {}, [], verdict=asked)
        distances = self._encoding.include([target.index for target in asked])
        tables = self._encoding.tables
        literals = [one for target in asked for one in literals_of(tables, target)]
        return _Query(asked, distances, literals)

    def _know_texts(self, targets: Iterable[Target]) -> None:
        """Make the texts asked for candidates; what is encoded may have to be redone for that."""
        encoded = self._encoding.tables.texts
        again = False
        for target in targets:
            if self.model.symbols[target.index].type.is_logical:
                continue
            for index in sources_of(self.model, target.index):
                known = self._wanted.get(index, ())
                if target.text not in known:
                    self._wanted[index] = (*known, target.text)
                    again = again or target.text not in encoded.get(index, {target.text: 0})
        if again:
            self._solving.close()
            self._start()

    def _advance(self, query: _Query) -> None:
        """Find the next fragment to try, or the verdict."""
        if query.verdict is not None:
            return
        if FALSE in query.literals:
            query.verdict = self._no_such_text(query)
            return
        tables = self._encoding.tables
        lines = {
            index: tables.lines[index]
            for index in self._settable(query.distances)
            if index in tables.lines
        }
        assumptions = [*query.literals, tables.exact, *query.blocked]
        own = [lines[target.index] for target in query.targets if target.index in lines]
        found = self._solving.nearest(assumptions, [-line for line in lines.values()], own)
        if found is None:
            query.verdict = self._without_solution(query)
            return
        query.fragment = self._fragment(lines, found)

    def _without_solution(self, query: _Query) -> Verdict:
        """A proof, if the clauses have no solution at all."""
        if query.blocked:
            return Undecided("every fragment that the encoding offers was tried and failed")
        if self._solving.solution(query.literals) is not None:
            names = ", ".join(self.model.symbols[target.index].name for target in query.targets)
            return Undecided(
                f"{names}: not ruled out, but only by texts that were not tried or by values "
                "that a written configuration loses"
            )
        reasons = self._argument.reasons(query.literals, query.distances)
        if reasons is None:
            return Undecided("ruled out, but no statement was found that says so")
        return Impossible(reasons or self._never(query), self.probes)

    def _never(self, query: _Query) -> tuple[Reason, ...]:
        """The symbols that are never ``m``, tristates or not, and that are asked to be."""
        symbols = self.model.symbols
        return tuple(
            Reason(f"{symbols[one.index].name} is y or n, never m", location)
            for one in query.targets
            for location in [symbols[one.index].definitions[0].location]
            if one.text == "m"
        )

    def _no_such_text(self, query: _Query) -> Verdict:
        """The symbol has no prompt, and no default brings the text."""
        for target in query.targets:
            literals = literals_of(self._encoding.tables, target)
            if FALSE in literals:
                symbol = self.model.symbols[target.index]
                texts = list(self._encoding.tables.texts.get(target.index, {}))
                known = " or ".join(quoted(symbol, text) for text in texts[:4] if text)
                more = f" and {len(texts) - 4} others" if len(texts) > 4 else ""
                text = f"{symbol.name} has no prompt, and its defaults give it {known}{more}"
                if any(default.probed for default in symbol.defaults):
                    text += f" ({self.probes})"
                place = symbol.definitions[0].location
                return Impossible((Reason(text, place),), self.probes)
        return Undecided("a constant is asked to have another value")

    def _settable(self, distances: Mapping[Node, int]) -> Iterator[int]:
        """The symbols of a cone, and all members of its choices."""
        for number in distances:
            op, operand, *_ = self.model.nodes[number]
            if op == Op.SYMBOL:
                yield operand
            elif op == Op.CHOICE:
                yield from self.model.choices[operand].members

    def _fragment(self, lines: Mapping[int, Literal], found: Model) -> Fragment:
        """The lines of a solution, what others depend on first."""
        place = self._encoding.position
        changed = [index for index, line in lines.items() if line in found]
        changed.sort(key=lambda index: place[self.model.symbol_nodes[index]])
        return tuple(self._line(index, found) for index in changed)

    def _line(self, index: int, found: Model) -> Line:
        symbol = self.model.symbols[index]
        tables, node = self._encoding.tables, self.model.symbol_nodes[index]
        if symbol.type.is_logical:
            m, y = tables.taken.get(index) or (tables.m[node], tables.y[node])
            return Line(symbol.name, "y" if y in found else "m" if m in found else "n")
        for text, literal in tables.texts[index].items():
            if text is not None and literal in found:
                return Line(symbol.name, quoted(symbol, text))
        raise InternalError(f"a solution without a text for {symbol.name}")

    # Trying

    def _try(self, queries: Sequence[_Query]) -> bool:
        """Resolve the fragments of ``queries``; whether any of them needs another round."""
        if not queries:
            return False
        targets = [query.targets for query in queries]
        outcomes = self._witnesses.outcomes([query.fragment for query in queries], targets)
        for query, outcome in zip(queries, outcomes, strict=True):
            if outcome.lost is None and outcome.stays:
                query.verdict = self._possible(query.fragment, outcome)
            elif self._blocked(query):
                self._advance(query)
            else:
                query.verdict = Undecided(_failure(outcome))
        return any(query.verdict is None for query in queries)

    def _blocked(self, query: _Query) -> bool:
        """Ask for another fragment; False if there is nothing else to ask for.

        At first transitional symbols, which a written configuration loses, are to be off; then
        one of the fragment's lines has to go or to be another.
        """
        carried = [
            -self._encoding.tables.m[self.model.symbol_nodes[index]]
            for index in self._settable(query.distances)
            if self.model.symbols[index].transitional
        ]
        if any(literal not in query.blocked for literal in carried):
            query.blocked += carried
            return True
        if not query.fragment:
            return False
        clauses, tables = self._encoding.clauses, self._encoding.tables
        condition = clauses.variable()
        literals: list[Literal] = []
        for line in query.fragment:
            index = self.model.by_name[line.symbol]
            target = target_of(self.model, line.symbol, line.value)
            literals.append(-tables.lines[index])
            if isinstance(target, Target):
                literals += (-one for one in literals_of(tables, target))
        clauses.add(-condition, *literals)
        query.blocked.append(condition)
        return True

    def _possible(self, fragment: Fragment, outcome: Outcome) -> Possible:
        config = parse_dotconfig(outcome.text, "", "witness")
        return Possible(fragment, outcome.text, config)

    def _without_idle(self, fragment: Fragment, targets: Sequence[Target]) -> Fragment:
        """Leave out lines as long as one can be left out."""
        while fragment:
            shorter = [fragment[:place] + fragment[place + 1 :] for place in range(len(fragment))]
            reached = self._witnesses.reaching(shorter, [targets] * len(shorter))
            if True not in reached:
                break
            fragment = shorter[reached.index(True)]
        return fragment


def _failure(outcome: Outcome) -> str:
    if outcome.lost is not None:
        return f"{outcome.lost} has another value in the base than the encoding says"
    return "completing the configuration a second time changes it again"

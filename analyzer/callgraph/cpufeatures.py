"""CPU features by number, for code that is patched by them: asm text has lost their names."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.callgraph.analysis import macro_chain
from analyzer.callgraph.guard_words import WordedGuard
from analyzer.callgraph.program import OutGuard
from analyzer.csource.alternatives import FeatureTest
from analyzer.csource.sites import CallSite
from analyzer.preprocessor.arithmetic import ArithmeticFault, evaluate
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.token import scan
from analyzer.primitives.knowledge import Knowledge
from analyzer.primitives.model import FeatureNames


class CpuFeatures:
    """The features that the macros of one unit name."""

    __slots__ = ("_knowledge", "_names", "_table")

    def __init__(self, table: MacroTable, knowledge: Knowledge) -> None:
        self._table = table
        self._knowledge = knowledge
        self._names: dict[int, tuple[str, FeatureNames]] | None = None

    def guards(self, site: CallSite) -> Sequence[WordedGuard]:
        """What CPU features a call in an asm statement needs, as guards of the macro that
        wrote the statement."""
        if not site.when:
            return ()
        writers = tuple(macro_chain(site.where))
        return [WordedGuard(self._guard(test), writers) for test in site.when]

    def _guard(self, test: FeatureTest) -> OutGuard:
        known = None if test.number is None else self._known().get(test.number)
        if known is None:
            return OutGuard(f"!({test.text})" if test.negated else test.text)
        name, words = known
        label = (words.otherwise if test.negated else words.word).replace("{}", name)
        return OutGuard(f"!{name}" if test.negated else name, label)

    def _known(self) -> dict[int, tuple[str, FeatureNames]]:
        """Of two names for one number the first one counts."""
        if self._names is None:
            self._names = {}
            for words in self._knowledge.feature_names:
                for name in self._table.starting_with(words.name):
                    for macro in self._table.ever(name):
                        try:
                            value = evaluate(scan(macro.body), lambda _name, _tokens: 0)
                        except ArithmeticFault:
                            continue  # no number: a macro that takes features apart or tests them
                        self._names.setdefault(value.number, (name, words))
        return self._names

"""What a boot has to come by, growing with what turns out to be asked for."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.callgraph.mentions import Mentions
from analyzer.platforms.code import LinkedCode
from analyzer.platforms.features import Features
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.parameters import Parameters
from analyzer.platforms.relevance import Relevance, RelevanceSearch
from analyzer.platforms.values import Path
from analyzer.tree.source_tree import SourceTree

MAX_GROWTH = 24
"""Functions that may be walked in addition to know a variable that a condition reads."""
MAX_WRITERS = 12
"""Writers of a variable above which its value is not followed."""


class Growth:
    """The functions and objects that matter so far; each variable and CPU feature is tried
    once."""

    __slots__ = (
        "_code",
        "_features",
        "_key",
        "_mentions",
        "_setters",
        "_tried",
        "parameters",
        "relevance",
        "search",
    )

    def __init__(
        self, mentions: Mentions, tree: SourceTree, code: LinkedCode, knowledge: BootKnowledge
    ) -> None:
        self._mentions = mentions
        self._code = code
        self._key = knowledge.static_calls.name
        self._setters = frozenset((*knowledge.force, *knowledge.clear))
        self._features = Features(mentions, sorted(self._setters))
        self._tried: set[str] = set()
        self.parameters = Parameters(mentions, knowledge.parameters)
        self.search = RelevanceSearch(mentions, tree)
        self.relevance: Relevance = self.search.add(())

    def objects(self) -> frozenset[str]:
        """The objects whose values the walks know; those that a boot parameter sets are open."""
        names = {name for name in self.relevance.objects if not self.parameters.sets(name)}
        return frozenset(names | {self._key + name for name in names})

    def take(self, objects: Iterable[tuple[str, Path]]) -> bool:
        """Take in all that can store into ``objects``; whether there is anything new."""
        return self._became(self.search.add(objects))

    def take_variables(self, names: Iterable[str]) -> bool:
        """Take in what writes to variables, where that is little."""
        before = self.relevance
        for name in sorted(set(names)):
            if name not in self._tried and name not in self.relevance.objects:
                self._tried.add(name)
                if self._can_follow(name):
                    self._became(self.search.try_add(name, MAX_GROWTH))
        return self.relevance != before

    def take_features(self, numbers: Iterable[int]) -> bool:
        """Take in what forces or clears CPU features."""
        before = self.relevance
        for word in sorted({name for number in numbers for name in self._features.names(number)}):
            if word not in self._tried:
                self._tried.add(word)
                self._became(self.search.try_calls(word, self._setters, MAX_GROWTH))
        return self.relevance != before

    def _became(self, relevance: Relevance | None) -> bool:
        before = self.relevance
        self.relevance = relevance or before
        return self.relevance != before

    def _can_follow(self, name: str) -> bool:
        """Whether the value of a variable is decided in the boot, at few places."""
        if self.parameters.sets(name) or not self._code.defined(name, ""):
            return False
        return len(self._mentions.writes_to_root(name)) <= MAX_WRITERS

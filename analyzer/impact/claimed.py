"""What a changelog claims, held against the tree after its patch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from analyzer.configset.configset import ConfigSet
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.impact.claims.check import SYSTEM_CALL, AnalysedTree, check_changelog
from analyzer.impact.claims.drawing import Changelog, MentionKind
from analyzer.impact.claims.reader import read_changelog
from analyzer.impact.result import Claim
from analyzer.kconfig.model import KconfigModel
from analyzer.paths.result import PathsResult

MAX_ROOTS = 3
"""Functions whose paths are looked for because a changelog draws them; the paths that a review
has anyway do not count."""

MAX_NAMESAKES = 4
"""Functions of one name whose paths are compared with a drawing."""


class Asked(Protocol):
    """What is asked of the tree."""

    @property
    def configs(self) -> ConfigSet:
        """The configurations."""

    def model(self) -> KconfigModel:
        """The Kconfig files."""

    def spelled(self, names: Collection[str], folders: Iterable[str]) -> set[str]:
        """Those of ``names`` that a source in or below folders defines, built or not."""

    def knows(self, function: str) -> bool:
        """Whether there is such a function or macro."""

    def namesakes(self, function: str) -> Sequence[str]:
        """The functions and macros of a name, as ``file:name``."""

    def paths(self, function: str, about: str | None = None) -> PathsResult:
        """The paths of a function; raises :class:`BadInput` if there is none or several."""

    def routes(self, function: str, to: str) -> PathsResult:
        """The routes from a function to another one; raises as :meth:`paths`."""

    def platforms(self) -> tuple[str, ...]:
        """The names of the platforms that the tree has sources for."""


@dataclass(frozen=True, slots=True)
class Sided:
    """One of the trees, and the paths that have been found in it, by the name of their root."""

    tree: Asked
    known: Sequence[tuple[str, PathsResult]]


@dataclass(frozen=True, slots=True)
class Message:
    """A changelog, and what its patch takes away (functions, macros, symbols).

    ``folders`` are those of the files that it touches.
    """

    text: str
    removed: frozenset[str]
    folders: tuple[str, ...] = ()


def claims_of(
    message: Message, before: Sided, after: Sided, diagnostics: Diagnostics
) -> tuple[Claim, ...]:
    """Every claim of a changelog with its standing, in the order of its lines."""
    changelog = read_changelog(message.text)
    for remark in changelog.remarks:
        diagnostics.note("changelog-unread", remark)
    drawn = _drawn(changelog)
    names = drawn | {one.name for one in changelog.mentions if one.kind is MentionKind.FUNCTION}
    new = _Tree(message, after, drawn, names, diagnostics).asked()
    if not changelog.drawings:  # the tree before is only asked about these
        return check_changelog(changelog, new)
    return check_changelog(
        changelog, new, _Tree(message, before, drawn, names, diagnostics).asked()
    )


def _drawn(changelog: Changelog) -> frozenset[str]:
    return frozenset(call.name for drawing in changelog.drawings for call in drawing.calls)


class _Tree:
    def __init__(
        self,
        message: Message,
        side: Sided,
        drawn: frozenset[str],
        names: frozenset[str],
        diagnostics: Diagnostics,
    ) -> None:
        self._diagnostics = diagnostics
        self._message = message
        self._tree = side.tree
        self._known: dict[str, PathsResult | None] = {
            root.rpartition(":")[2]: result for root, result in side.known
        }
        self._drawn = drawn
        self._names = names
        self._spelled: list[set[str]] = []
        self._exists: dict[str, bool] = {}
        self._looked_at = 0

    def asked(self) -> AnalysedTree:
        return AnalysedTree(
            self._tree.configs,
            self._paths,
            self._function_exists,
            self._symbol_exists,
            self._message.removed,
            self._routes,
            self._tree.platforms(),
        )

    def _function_exists(self, name: str) -> bool:
        """Beside the changed files, anywhere in the tree, or made by a macro."""
        if name not in self._exists:
            call = name.removeprefix(SYSTEM_CALL)
            if call != name and call in self._names:
                return self._spells(call)  # the entry that SYSCALL_DEFINE1(call, ...) makes
            self._exists[name] = self._spells(name) or self._tree.knows(name)
        return self._exists[name]

    def _spells(self, name: str) -> bool:
        """Whether a source spells the definition of a name of the changelog; all of them are
        looked for at once."""
        if name not in self._names:
            return False
        for number, folders in enumerate((self._message.folders, ("",))):
            if number == len(self._spelled):
                left = self._names.difference(*self._spelled)
                self._spelled.append(self._tree.spelled(left, folders))
            if name in self._spelled[number]:
                return True
        return False

    def _symbol_exists(self, name: str) -> bool:
        symbol = self._tree.model().symbol(name)
        return symbol is not None and bool(symbol.definitions)

    def _paths(self, name: str) -> PathsResult | None:
        """The paths of the function that a drawing means: of several of one name, that on
        whose paths most of what is drawn lies."""
        if name not in self._known:
            self._known[name] = self._looked(name)
        return self._known[name]

    def _looked(self, name: str) -> PathsResult | None:
        if self._looked_at == MAX_ROOTS:
            self._diagnostics.note(
                "changelog-roots",
                f"{name}() is drawn too and not looked at: {MAX_ROOTS} others are (--root does)",
            )
            return None
        self._looked_at += 1
        found = [self._tried(each) for each in self._tree.namesakes(name)[:MAX_NAMESAKES]]
        there = [each for each in found if each is not None]
        return max(there, key=self._alike, default=None)

    def _routes(self, name: str, to: str) -> PathsResult | None:
        """All routes between two functions that a drawing names."""
        result = self._known.get(name)
        nodes = () if result is None else result.nodes
        root = next((node for node in nodes if result and node.id in result.roots), None)
        if root is None or root.location is None:
            return None
        try:
            return self._tree.routes(f"{root.location.file}:{name}", to)
        except BadInput:
            # There is no such function, or it cannot be told from another.
            return None

    def _alike(self, paths: PathsResult) -> int:
        return len({node.name for node in paths.nodes} & self._drawn)

    def _tried(self, function: str) -> PathsResult | None:
        try:
            return self._tree.paths(function)
        except BadInput:
            # Not built, or cannot be told from another: the claim is then undecided.
            return None

"""The objects of one tree, listed once by another process for all sessions that work on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from analyzer.background import Background
from analyzer.configset.configurations import Configurations
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.objects import ObjectFile
from analyzer.tree.overlay import PatchableTree


class SharedListing:
    """Begins to list the objects when told to, or at the first question."""

    __slots__ = ("_arch", "_background", "_configs", "_known", "_remarks", "_stack", "_tree")

    def __init__(
        self, tree: PatchableTree, arch: str, configs: Configurations, stack: ExitStack
    ) -> None:
        """``stack`` ends the other process."""
        self._tree = tree
        self._arch = arch
        self._configs = configs
        self._stack = stack
        self._remarks = Diagnostics()
        self._background: Background | None = None
        self._known: Sequence[ObjectFile] | None = None

    def begin(self) -> Background:
        """Have them listed, if that has not begun."""
        if self._background is None:
            self._configs.lines()  # sorted here, for both processes
            background = Background(self._tree, self._arch, self._configs, self._remarks)
            self._background = self._stack.enter_context(background)
        return self._background

    def told_to(self, diagnostics: Diagnostics) -> Callable[[], Sequence[ObjectFile]]:
        """What lists the objects for a session; remarks on that go to its ``diagnostics``."""

        def listing() -> Sequence[ObjectFile]:
            if self._known is None:
                self._known = self.begin().objects()
            for remark in self._remarks:
                diagnostics.add(remark)
            return self._known

        return listing

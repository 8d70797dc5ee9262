"""The answer of ``kimpact check`` as plain facts: which rules each tree keeps."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.diagnostics import Diagnostic
from analyzer.impact.policy import Rule, Violation
from analyzer.paths.result import ConfigInfo, Kernel


@dataclass(frozen=True, slots=True)
class TreeVerdict:
    """One tree: ``title`` is the subject of the patch that made it, None for the base.

    ``absent`` names the rules whose function is not in this tree.
    """

    title: str | None
    violations: tuple[Violation, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The trees in order: the base alone, or what each patch of a series makes of it."""

    kernel: Kernel
    configs: tuple[ConfigInfo, ...]
    rules: tuple[Rule, ...]
    trees: tuple[TreeVerdict, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def kept(self) -> bool:
        """Whether no tree breaks a rule."""
        return not any(tree.violations for tree in self.trees)

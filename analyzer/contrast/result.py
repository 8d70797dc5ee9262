"""The answer of ``kimpact configs`` as plain facts."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostic
from analyzer.kconfig.model import SymbolType
from analyzer.paths.result import ConfigInfo, Kernel


@dataclass(frozen=True, slots=True)
class ComparedSymbol:
    """One symbol: ``values`` are disjoint masks with the text as written, ``n`` for unset.

    ``type`` and ``dependents``, the number of differing symbols whose values depend on it,
    are known with a kernel only.
    """

    name: str
    values: tuple[tuple[Mask, str], ...]
    type: SymbolType | None = None
    dependents: int | None = None

    @property
    def differs(self) -> bool:
        """Whether the configurations disagree."""
        return len(self.values) > 1


@dataclass(frozen=True, slots=True)
class ConfigsResult:
    """``symbols``, the most telling first; ``groups`` are the configurations that agree on all
    of them, by their first member.

    ``function`` is the one for whose paths the symbols matter, ``asked`` says that they were
    named or derived, and not just all that differ.
    """

    configs: tuple[ConfigInfo, ...]
    groups: tuple[Mask, ...]
    symbols: tuple[ComparedSymbol, ...]
    kernel: Kernel | None
    function: str | None
    asked: bool
    diagnostics: tuple[Diagnostic, ...]

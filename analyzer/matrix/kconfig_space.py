"""The configuration space of a tree's Kconfig files, as the matrix asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from analyzer.configset.dotconfig import DotConfig
from analyzer.errors import BadInput
from analyzer.kconfig.model import KconfigModel, Symbol, SymbolType
from analyzer.kconfig.resolve import ProbePolicy, resolve
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Impossible, Possible
from analyzer.kconfig.space.verdict import Verdict as Found
from analyzer.matrix.result import Statement, Verdict
from analyzer.matrix.space import Tried, Witness

_VALUES = {SymbolType.BOOL: ("n", "y"), SymbolType.TRISTATE: ("n", "m", "y")}


class KconfigSpace:
    """All configurations of ``model``; ``base`` is completed as ``olddefconfig`` would."""

    def __init__(self, model: KconfigModel, base: DotConfig, policy: ProbePolicy) -> None:
        self._model = model
        self.base = resolve(model, [base], policy).completed()[0]
        self._space = Space(model, base, policy)

    def try_all(self, asked: Sequence[Mapping[str, str]]) -> Sequence[Tried]:
        """For each of ``asked`` a witness near the base, or why there is none."""
        return [_tried(verdict) for verdict in self._space.combinations(asked)]

    def values(self, name: str) -> tuple[str, ...]:
        """``n`` and ``y``, for a tristate ``m`` too.

        Raises :class:`BadInput` for a symbol that no Kconfig file defines, and for one that is
        no bool or tristate.
        """
        symbol = self._symbol(name)
        if symbol is None:
            near = get_close_matches(name, self._model.by_name, n=3)
            hint = f" (did you mean {', '.join(near)}?)" if near else ""
            raise BadInput(f"no Kconfig file of this architecture defines {name}{hint}")
        values = _VALUES.get(symbol.type)
        if values is None:
            kind = symbol.type.value
            raise BadInput(f"{name} is {kind}: only bool and tristate symbols can be varied")
        return values

    def varies(self, name: str) -> bool:
        """Whether ``name`` is a bool or tristate that a Kconfig file defines."""
        symbol = self._symbol(name)
        return symbol is not None and symbol.type in _VALUES

    def has_prompt(self, name: str) -> bool:
        """Whether a user can set ``name`` somewhere."""
        symbol = self._symbol(name)
        return symbol is not None and bool(symbol.prompts)

    def _symbol(self, name: str) -> Symbol | None:
        symbol = self._model.symbol(name)
        return symbol if symbol is not None and symbol.definitions else None


def _tried(verdict: Found) -> Tried:
    if isinstance(verdict, Possible):
        return Tried(Verdict.POSSIBLE, Witness(verdict.config, verdict.text))
    if isinstance(verdict, Impossible):
        steps = tuple(Statement(_step(r.text, r.follows), r.location) for r in verdict.reasons)
        return Tried(Verdict.IMPOSSIBLE, None, steps)
    return Tried(Verdict.UNDECIDED, None, (Statement(verdict.why),))


def _step(text: str, follows: Sequence[str]) -> str:
    return f"{text}, so {', '.join(follows)}" if follows else text

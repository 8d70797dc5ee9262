"""What a ``.config`` records of the toolchain it was made with.

A ``.config`` written by the kernel's tools tells how the shell probes were answered:
``CONFIG_GCC_VERSION=120200``, ``CONFIG_CC_HAS_ASM_INLINE=y``, or a line for a symbol that
``depends on $(cc-option,...)``. Those answers are taken before the profile's. A symbol that
is missing counts as ``n`` only in a *complete* configuration: one that records a probe
and, as far as its heading says, was made for the same kernel version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.configset.configset import Mask
from analyzer.configset.dotconfig import DotConfig
from analyzer.kconfig.evaluate import ProbeAnswers, Texts
from analyzer.kconfig.expressions import Node, Op
from analyzer.kconfig.model import KconfigModel, Symbol
from analyzer.kconfig.uservalues import Given, UserValues


def recorded_answers(
    model: KconfigModel, user: UserValues, configs: Sequence[DotConfig]
) -> ProbeAnswers:
    """The probe answers that ``configs``, read as ``user``, record."""
    evidence = _Evidence(model)
    texts: dict[int, Texts] = {}
    recording = 0
    for index, symbol in enumerate(model.symbols):
        if not symbol.definitions:
            continue
        given = user.given.get(index)
        if given is None:
            continue
        evidence.of_line(symbol, given)
        if _is_probed(symbol):
            recording |= given.m | _texts_mask(given)
            if not symbol.type.is_logical:
                texts[index] = given.texts
    complete = recording & _same_version(model, configs)
    for index, symbol in enumerate(model.symbols):
        if symbol.definitions and symbol.type.is_logical and _is_probed(symbol):
            given = user.given.get(index, Given(0, 0, 0))
            evidence.of_absence(symbol, complete & ~given.m)
    y = evidence.y
    n = {probe: mask & ~y.get(probe, 0) for probe, mask in evidence.n.items()}
    return ProbeAnswers(y, n, texts)


def _is_probed(symbol: Symbol) -> bool:
    """Whether the user has no say in it and a probe has."""
    return not symbol.prompts and any(default.probed for default in symbol.defaults)


def _texts_mask(given: Given) -> Mask:
    result = 0
    for mask, _ in given.texts:
        result |= mask
    return result


def _same_version(model: KconfigModel, configs: Sequence[DotConfig]) -> Mask:
    def series(version: str) -> list[str]:
        return version.split("-", maxsplit=1)[0].split(".")[:2]

    result = 0
    for number, config in enumerate(configs):
        if config.version is None or series(config.version) == series(model.version):
            result |= 1 << number
    return result


class _Evidence:
    """Collects where a probe must have been ``y`` (``y``) or ``n`` (``n``)."""

    def __init__(self, model: KconfigModel) -> None:
        self._model = model
        self.y: dict[int, Mask] = {}
        self.n: dict[int, Mask] = {}

    def of_line(self, symbol: Symbol, given: Given) -> None:
        """A line of a symbol that nothing selects shows that all its conditions hold."""
        if len(symbol.definitions) != 1 or symbol.selects or symbol.implies:
            return
        if symbol.prompts:
            self._all_hold(symbol.definitions[0].full_depends, given.any)
            return
        where = given.m | _texts_mask(given)
        self._all_hold(symbol.definitions[0].full_depends, where)
        if len(symbol.defaults) == 1:
            self._all_hold(symbol.defaults[0].condition, where)
            if symbol.type.is_logical:
                self._all_hold(symbol.defaults[0].value, where)

    def of_absence(self, symbol: Symbol, where: Mask) -> None:
        """Its only default is the probe: without the symbol the probe has failed."""
        if len(symbol.defaults) != 1 or symbol.selects or symbol.implies or not where:
            return
        default = symbol.defaults[0]
        for node in (default.value, default.condition):
            for probe, positive in self._conjuncts(node):
                side = self.n if positive else self.y
                side[probe] = side.get(probe, 0) | where

    def _all_hold(self, node: Node, where: Mask) -> None:
        if where:
            for probe, positive in self._conjuncts(node):
                side = self.y if positive else self.n
                side[probe] = side.get(probe, 0) | where

    def _conjuncts(self, node: Node) -> Iterator[tuple[int, bool]]:
        """The probes that are operands of ``&&`` in ``node``, and whether not negated."""
        nodes = self._model.nodes
        stack = [node]
        while stack:
            op, *operands = nodes[stack.pop()]
            if op == Op.PROBE:
                yield operands[0], True
            elif op == Op.AND:
                stack += operands
            elif op == Op.NOT and nodes[operands[0]][0] == Op.PROBE:
                yield nodes[operands[0]][1], False

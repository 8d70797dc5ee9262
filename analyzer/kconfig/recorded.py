"""What a ``.config`` records of the toolchain it was made with.

A ``.config`` written by the kernel's tools tells how the shell probes were answered:
``CONFIG_GCC_VERSION=120200``, ``CONFIG_CC_HAS_ASM_INLINE=y``, or a line for a symbol that
``depends on $(cc-option,...)``. Those answers are taken before the profile's. That a symbol
is missing says something only in a *complete* configuration: one that records a probe and,
as far as its heading says, was made for the same kernel version.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.configset.configset import Mask
from analyzer.configset.dotconfig import DotConfig
from analyzer.kconfig.evaluate import ProbeAnswers, Texts, Values, evaluate
from analyzer.kconfig.expressions import Node, Op
from analyzer.kconfig.model import KconfigModel, Symbol
from analyzer.kconfig.uservalues import Given, UserValues

MAX_ROUNDS = 4
"""How often missing lines are looked at again; each round can reveal others."""

_NOTHING = Given(0, 0, 0)


def evaluate_recorded(
    model: KconfigModel, user: UserValues, configs: Sequence[DotConfig]
) -> Values:
    """Evaluate ``configs``, read as ``user``, with the probe answers that they record."""
    return _evaluated(model, user, configs)[0]


def recorded_answers(
    model: KconfigModel, user: UserValues, configs: Sequence[DotConfig]
) -> ProbeAnswers:
    """The answers that :func:`evaluate_recorded` comes to, to use them with other values."""
    return _evaluated(model, user, configs)[1]


def _evaluated(
    model: KconfigModel, user: UserValues, configs: Sequence[DotConfig]
) -> tuple[Values, ProbeAnswers]:
    evidence = _Evidence(model)
    complete = evidence.of_lines(user) & _same_version(model, configs)
    evidence.of_toolchain_symbols(user, complete)
    answers = evidence.answers()
    values = evaluate(model, user, answers)
    for _ in range(MAX_ROUNDS):
        if not evidence.of_missing_lines(user, values, complete):
            break
        answers = evidence.answers()
        values = evaluate(model, user, answers)
    return values, answers


def _is_plain(symbol: Symbol) -> bool:
    """Whether a line of it must mean that the conditions of its one entry hold."""
    return len(symbol.definitions) == 1 and not symbol.selects and not symbol.implies


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


def toolchain_symbols(model: KconfigModel) -> list[int]:
    """The indices of symbols whose value follows from probes alone, without the user."""
    pure = [False] * len(model.nodes)
    probed = [False] * len(model.nodes)
    found: list[int] = []
    for number in model.order:
        op, *operands = model.nodes[number]
        if op == Op.PROBE:
            pure[number] = probed[number] = True
        elif op == Op.SYMBOL:
            symbol = model.symbols[operands[0]]
            if not symbol.definitions:
                pure[number] = True
            elif not symbol.prompts and not symbol.ranges and _is_plain(symbol):
                defaults = symbol.defaults
                needed = [n for d in defaults for n in (d.value, d.condition)]
                pure[number] = all(pure[n] for n in needed) and pure[symbol.direct]
                if pure[number] and (
                    any(probed[n] for n in needed) or any(d.probed for d in defaults)
                ):
                    probed[number] = True
                    found.append(operands[0])
        elif op not in (Op.CHOICE, Op.MODE):
            pure[number] = all(pure[operand] for operand in operands)
            probed[number] = any(probed[operand] for operand in operands)
    return found


class _Evidence:
    """Collects where a probe must have been ``y`` or ``n``, and values that follow from them."""

    def __init__(self, model: KconfigModel) -> None:
        self._model = model
        self._toolchain = toolchain_symbols(model)
        self._y: dict[int, Mask] = {}
        self._likely: dict[int, Mask] = {}
        self._n: dict[int, Mask] = {}
        self._levels: dict[int, Given] = {}
        self._texts: dict[int, Texts] = {}

    def answers(self) -> ProbeAnswers:
        """What has been found; a probe that anything shows to be ``y`` is ``y``."""
        y = dict(self._y)
        n = {probe: mask & ~y.get(probe, 0) for probe, mask in self._n.items()}
        for probe, mask in self._likely.items():
            y[probe] = y.get(probe, 0) | (mask & ~n.get(probe, 0))
        return ProbeAnswers(y, n, self._levels, self._texts)

    def of_lines(self, user: UserValues) -> Mask:
        """Read the lines that are there; where they record any probe at all."""
        recording = 0
        for index in self._toolchain:
            given = user.given.get(index, _NOTHING)
            recording |= given.m | _texts_mask(given)
        for index, given in user.given.items():
            symbol = self._model.symbols[index]
            if not _is_plain(symbol):
                continue
            where = given.any if symbol.prompts else given.m | _texts_mask(given)
            self._note(symbol.definitions[0].full_depends, where, holds=True)
            if not symbol.prompts and len(symbol.defaults) == 1:
                self._note(symbol.defaults[0].condition, where, holds=True)
                if symbol.type.is_logical:
                    self._note(symbol.defaults[0].value, where, holds=True)
                    self._note_likely(symbol.defaults[0].value, where)
        return recording

    def of_toolchain_symbols(self, user: UserValues, complete: Mask) -> None:
        """They have the value recorded; in a complete configuration ``n`` if there is none."""
        for index in self._toolchain:
            given = user.given.get(index, _NOTHING)
            if self._model.symbols[index].type.is_logical:
                self._levels[index] = Given(given.m | complete, given.m, given.y)
            else:
                self._texts[index] = given.texts

    def of_missing_lines(self, user: UserValues, values: Values, complete: Mask) -> bool:
        """A line that would be added but for a probe: the probe failed. Whether any was new."""
        before = dict(self._n)
        for index, symbol in enumerate(self._model.symbols):
            missing = values.written[index] & complete
            if not missing or not _is_plain(symbol):
                continue
            given = user.given.get(index, _NOTHING)
            missing &= ~(given.any if symbol.prompts else given.m | _texts_mask(given))
            if len(symbol.prompts) == 1:
                self._note(symbol.prompts[0].condition, missing, holds=False)
            elif not symbol.prompts and len(symbol.defaults) == 1:
                self._note(symbol.defaults[0].condition, missing, holds=False)
                self._note(symbol.defaults[0].value, missing, holds=False)
        return self._n != before

    def _note(self, node: Node, where: Mask, *, holds: bool) -> None:
        if not where:
            return
        for probe, positive in self._conjuncts(node):
            side = self._y if positive == holds else self._n
            side[probe] = side.get(probe, 0) | where

    def _note_likely(self, node: Node, where: Mask) -> None:
        """Of probes that are alternatives any may be the one that succeeded."""
        nodes = self._model.nodes
        stack = [node]
        while stack and where:
            op, *operands = nodes[stack.pop()]
            if op == Op.PROBE:
                self._likely[operands[0]] = self._likely.get(operands[0], 0) | where
            elif op in (Op.AND, Op.OR):
                stack += operands

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

"""Fragments put to the test: merged into the base, completed, and completed once more.

All fragments of one call are resolved at once, as one set of configurations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.configset.configurations import Configurations
from analyzer.configset.dotconfig import DotConfig, parse_dotconfig
from analyzer.configset.lines import LineTable
from analyzer.configset.mask import Mask
from analyzer.kconfig.evaluate import ProbeAnswers, Values, evaluate
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.render import dotconfig_text, written_text
from analyzer.kconfig.space.targets import Target
from analyzer.kconfig.space.verdict import Line
from analyzer.kconfig.uservalues import Given, user_values

COMPLETED_AT_MOST = 3

Fragment = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a fragment: the complete text, and whether all targets are in it.

    ``lost`` names a symbol that has not the value wanted (None: all have), ``stays`` says
    that the text is left as it is when completed again. Where the base has transitional
    symbols, which are lost when it is written, ``text`` may be what comes after that.
    """

    text: str
    lost: str | None
    stays: bool


class Witnesses:
    """Resolves fragments over one base, with the answers to probes fixed."""

    def __init__(self, model: KconfigModel, base: DotConfig, answers: ProbeAnswers) -> None:
        self._model = model
        self._base = list(base.lines())
        self._table = LineTable()
        self._answers = answers

    def reaching(
        self, fragments: Sequence[Fragment], targets: Sequence[Sequence[Target]]
    ) -> list[bool]:
        """Whether each fragment reaches its targets; the text is not looked at."""
        values = self._completed([self._merged(fragment) for fragment in fragments])
        return [self._lost(values, i, wanted) is None for i, wanted in enumerate(targets)]

    def outcomes(
        self, fragments: Sequence[Fragment], targets: Sequence[Sequence[Target]]
    ) -> list[Outcome]:
        """What becomes of each fragment with regard to its targets."""
        values = self._completed([self._merged(fragment) for fragment in fragments])
        texts, lost = self._texts(values, targets)
        for _ in range(COMPLETED_AT_MOST):
            before, lost_before = texts, lost
            again = self._completed(before)
            texts, lost = self._texts(again, targets)
            lost = [one or other for one, other in zip(lost_before, lost, strict=True)]
            if texts == before:
                break
        stays = [text == same for text, same in zip(texts, before, strict=True)]
        return [Outcome(*one) for one in zip(texts, lost, stays, strict=True)]

    def _texts(
        self, values: Values, targets: Sequence[Sequence[Target]]
    ) -> tuple[list[str], list[str | None]]:
        """The configurations as written, and what each has lost of its targets."""
        texts = [dotconfig_text(self._model, values, i) for i in range(len(targets))]
        return texts, [self._lost(values, i, wanted) for i, wanted in enumerate(targets)]

    def _merged(self, fragment: Fragment) -> str:
        """As ``merge_config.sh`` does it: a line replaces those of the same symbol."""
        new = {line.symbol: line.value for line in fragment}
        kept = [(line.symbol, line.exact) for line in self._base if line.symbol not in new]
        return "".join(f"CONFIG_{symbol}={value}\n" for symbol, value in (*kept, *new.items()))

    def _completed(self, texts: Sequence[str]) -> Values:
        configs = Configurations(parse_dotconfig(text, "", "", self._table) for text in texts)
        user = user_values(self._model, configs)
        return evaluate(self._model, user, widened(self._answers, len(configs)))

    def _lost(self, values: Values, index: int, targets: Sequence[Target]) -> str | None:
        for target in targets:
            if not self._has(values, 1 << index, target):
                return self._model.symbols[target.index].name
        return None

    def _has(self, values: Values, bit: Mask, target: Target) -> bool:
        symbol = self._model.symbols[target.index]
        if symbol.type.is_logical:
            return written_text(self._model, values, target.index, bit) == target.text
        if not symbol.definitions:
            return target.text == "n"
        if not values.written[target.index] & bit:
            return False
        texts = values.texts.get(target.index, ())
        return any(mask & bit and text == target.text for mask, text in texts)


def widened(answers: ProbeAnswers, count: int) -> ProbeAnswers:
    """Answers of one configuration, for ``count`` that share them."""
    everywhere = (1 << count) - 1

    def wide(mask: Mask) -> Mask:
        return everywhere if mask else 0

    return ProbeAnswers(
        {probe: wide(mask) for probe, mask in answers.y.items()},
        {probe: wide(mask) for probe, mask in answers.n.items()},
        {
            index: Given(wide(given.any), wide(given.m), wide(given.y))
            for index, given in answers.levels.items()
        },
        {
            index: tuple((wide(mask), text) for mask, text in texts)
            for index, texts in answers.texts.items()
        },
    )

"""What one configuration sees of a resolution, and which others see the same.

Every look-up narrows :attr:`View.alike` to the configurations for which it has the same
outcome. An answer made of look-ups alone therefore holds in all of ``alike``, and is made
once for each group of configurations that it holds in.
"""

from __future__ import annotations

from analyzer.configset.configset import Mask
from analyzer.kconfig.expressions import Node
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.render import written_text
from analyzer.kconfig.resolve import Resolution
from analyzer.kconfig.uservalues import Given

_NOTHING = Given(0, 0, 0)


class View:
    """``resolution`` as configuration ``index`` sees it; ``alike`` starts as ``among``."""

    __slots__ = ("_bit", "_user", "_values", "alike", "index", "model")

    def __init__(self, resolution: Resolution, index: int, among: Mask | None = None) -> None:
        self.model: KconfigModel = resolution.model
        self.index = index
        self.alike: Mask = resolution.values.everywhere() if among is None else among
        self._values = resolution.values
        self._user = resolution.user
        self._bit: Mask = 1 << index

    def _in(self, mask: Mask) -> bool:
        inside = bool(mask & self._bit)
        self.alike &= mask if inside else ~mask
        return inside

    def narrow(self, mask: Mask) -> None:
        """Leave those out that are not in ``mask``, which has this configuration."""
        self.alike &= mask

    def on(self, node: Node) -> bool:
        """Whether a node is at least ``m``."""
        return self._in(self._values.m[node])

    def level(self, node: Node) -> int:
        """0, 1 or 2 for ``n``, ``m`` and ``y``."""
        return self._in(self._values.m[node]) + self._in(self._values.y[node])

    def letter(self, node: Node) -> str:
        """``n``, ``m`` or ``y``."""
        return "nmy"[self.level(node)]

    def value(self, number: int) -> str:
        """The value of symbol ``number`` as it stands after ``=``."""
        symbol = self.model.symbols[number]
        if symbol.type.is_logical:
            return self.letter(self.model.symbol_nodes[number])
        for mask, _ in self._values.texts.get(number, ()):
            if mask & self._bit:
                self.alike &= mask
        return written_text(self.model, self._values, number, self._bit)

    def visible(self, number: int) -> bool:
        """Whether a prompt of symbol ``number`` shows."""
        return self._in(self._values.visible[number])

    def written(self, number: int) -> bool:
        """Whether a complete ``.config`` has a line for symbol ``number``."""
        return self._in(self._values.written[number])

    def is_given(self, number: int) -> bool:
        """Whether the configuration has a valid value for symbol ``number``."""
        return self._in(self._user.given.get(number, _NOTHING).any)

    def given_level(self, number: int) -> int:
        """The level that the configuration gives to a bool or tristate; 0 also for none."""
        given = self._user.given.get(number, _NOTHING)
        return self._in(given.m) + self._in(given.y)

    def given_text(self, number: int) -> str | None:
        """The text that the configuration gives to an int, hex or string, None for none."""
        for mask, text in self._user.given.get(number, _NOTHING).texts:
            if self._in(mask):
                return text
        return None

    def has_modules(self) -> bool:
        """Whether a tristate can be ``m``."""
        modules = self.model.modules
        return modules is not None and self.on(self.model.symbol_nodes[modules])

    def by_user(self, number: int) -> bool:
        """Whether the configuration has a valid value and a prompt shows, so that it counts."""
        return self.visible(number) and self.is_given(number)

"""What a function does with values, in source order: calls, stores, returns.

The same evaluation as for call sites (:mod:`analyzer.csource.walk`), with the values that
go into each call and come out of it. Loops stand for one round. All masks are over the
run's ConfigSet; an action's index is its position in the function's actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from analyzer.configset.configset import Mask
from analyzer.csource.operand import Operand, Place
from analyzer.csource.sites import CallSite, GuardFact
from analyzer.csource.sites import Place as Where
from analyzer.csource.syntax import Expr


@dataclass(frozen=True, slots=True)
class CallAction:
    """A call with its arguments. ``callee`` is the pointer's value for an indirect one.

    The arguments of an asm call are told by operand constraints and may leave gaps, which
    are :class:`Opaque`.
    """

    site: CallSite
    arguments: tuple[Operand, ...]
    callee: Operand | None = None

    @property
    def mask(self) -> Mask:
        return self.site.mask

    @property
    def guards(self) -> tuple[GuardFact, ...]:
        return self.site.guards


@dataclass(frozen=True, slots=True)
class StoreAction:
    """``place = value`` where ``mask``; an initialiser of a local counts."""

    place: Place
    value: Operand
    mask: Mask
    where: Where
    guards: tuple[GuardFact, ...]


@dataclass(frozen=True, slots=True)
class ReturnAction:
    """``return value``; ``expr`` is the value as parsed, in the last bound of ``where``."""

    value: Operand | None
    expr: Expr | None
    mask: Mask
    where: Where
    guards: tuple[GuardFact, ...]


Action: TypeAlias = CallAction | StoreAction | ReturnAction


@dataclass(frozen=True, slots=True)
class FunctionActions:
    """One function's actions; ``parameters`` are the names in order ("" for an unnamed one)."""

    name: str
    parameters: tuple[str, ...]
    actions: tuple[Action, ...]

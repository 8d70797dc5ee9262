"""Calls made by asm statements: ``call f`` in the template, or a call through an operand.

An x86 paravirt operation is such a statement: ``call *%[ptr]`` with the slot as an operand;
the compiler itself counts it as no call at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.configset.configset import Mask
from analyzer.csource import syntax as c
from analyzer.csource.alternatives import FeatureTest, asm_code
from analyzer.csource.scope import Bound
from analyzer.csource.sites import SiteKind, Target
from analyzer.csource.target import describe
from analyzer.csource.unfold import only_expression

if TYPE_CHECKING:
    from analyzer.csource.walk_state import WalkState

_TRANSFER = re.compile(r"(?:^|[;\s:])(?:call|jmp)[lq]?\s+([^\s;]+)")
"""A call or jump instruction and its first operand word."""
_OPERAND = re.compile(r"^\*?%[a-zA-Z]?(?:\[(\w+)\]|(\d+))")
"""A reference to an operand: ``%0``, ``%P0``, ``*%c[name]``."""
_LABEL_OPERAND = re.compile(r"^%l(\[|\d)")
_SYMBOL = re.compile(r"^[A-Za-z_][\w.]*$")
_SYMBOLIC = re.compile(r"^\s*\[\s*(\w+)\s*\]")


@dataclass(frozen=True, slots=True)
class AsmSite:
    """One callee of an asm statement; ``kind`` is ADDRESS for a mere mention. It is called
    where the CPU features are as in ``when``."""

    kind: SiteKind
    name: str
    mask: Mask
    target: Target | None
    when: tuple[FeatureTest, ...] = ()


def asm_sites(statement: c.Asm, walk: WalkState, mask: Mask) -> Iterator[AsmSite]:
    """The callees of ``statement`` where it is reached (``mask``), each once for what CPU
    features it is called with."""
    operands = (*statement.outputs, *statement.inputs)
    called: set[int] = set()
    for code in asm_code(statement.template):
        symbols, numbers = _callees(code.text, [_name_of(constraint) for constraint, _ in operands])
        for symbol in symbols:
            yield AsmSite(SiteKind.ASM, symbol, mask, None, code.when)
        for index in sorted(numbers):
            called.add(index)
            for site in _operand_sites(operands[index][1], walk, walk.bound, mask, SiteKind.ASM):
                yield replace(site, when=code.when)
    for index, (_, operand) in enumerate(operands):
        if index not in called:
            yield from _operand_sites(operand, walk, walk.bound, mask, SiteKind.ADDRESS)


def _callees(text: str, names: Sequence[str | None]) -> tuple[Iterable[str], set[int]]:
    """The symbols and the operands (by number; ``names`` are their names) that code calls."""
    called: set[int] = set()
    symbols: dict[str, None] = {}
    for match in _TRANSFER.finditer(text):
        word = match.group(1).rstrip(",)")
        reference = _OPERAND.match(word)
        if _LABEL_OPERAND.match(word):
            continue
        if reference is None:
            if _SYMBOL.match(word):
                symbols.setdefault(word)
        elif reference.group(2) is not None:
            called.add(int(reference.group(2)))
        else:
            called |= {index for index, name in enumerate(names) if name == reference.group(1)}
    return symbols, {index for index in called if index < len(names)}


def _name_of(constraint: str) -> str | None:
    match = _SYMBOLIC.match(constraint)
    return match.group(1) if match else None


def _operand_sites(
    operand: c.Expr, walk: WalkState, bound: Bound, mask: Mask, kind: SiteKind
) -> Iterator[AsmSite]:
    """What an operand stands for: a function, or (only if called) a slot."""
    while isinstance(operand, c.Cast) or (
        isinstance(operand, c.Unary) and operand.operator in {"&", "*"}
    ):
        operand = operand.operand
    if isinstance(operand, c.Hole):
        for share, alternative in bound.holes[operand.number]:
            inner = only_expression(alternative)
            if mask & share and inner is not None:
                yield from _operand_sites(inner, walk, alternative, mask & share, kind)
        return
    if isinstance(operand, c.Name):
        function = walk.function_mask(operand.name, mask)
        if function:
            yield AsmSite(kind, operand.name, function, None)
            mask &= ~function
    while kind is SiteKind.ASM and mask:
        target, share = describe(operand, bound, mask, walk.environment, walk.folder.typer)
        yield AsmSite(kind, "", share, target)
        mask &= ~share


def asm_operand(walk: WalkState, operand: c.Expr, mask: Mask) -> Mask:
    """Evaluate an operand; a function or object named as such is for the template."""
    plain = operand
    while isinstance(plain, c.Unary | c.Cast) and (
        isinstance(plain, c.Cast) or plain.operator == "&"
    ):
        plain = plain.operand
    return mask if isinstance(plain, c.Name) else walk.walk(operand, mask)

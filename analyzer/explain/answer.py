"""From a resolution to explanations: once for each group of configurations that see the same."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.errors import BadInput
from analyzer.explain.chain import Chain, Links
from analyzer.explain.result import Explanation, State, Statement, StatementKind
from analyzer.explain.statements import statements
from analyzer.kconfig.explain import reason_in
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.resolve import Resolution
from analyzer.kconfig.view import View
from analyzer.kconfig.wording import is_name

NEAREST_AT_MOST = 3

_PREFIX = "CONFIG_"
_LIKENESS = 0.7
_LISTED_ON_DEMAND = (StatementKind.SELECT, StatementKind.IMPLY)


@dataclass(frozen=True, slots=True)
class Question:
    """``symbols`` with or without ``CONFIG_``; ``depth`` counts the links of the chain.

    ``show_all`` lists also what does not apply; ``fragments`` says that a symbol without
    a line in a configuration was left open and not meant to be ``n``.
    """

    symbols: tuple[str, ...]
    depth: int
    show_all: bool = False
    fragments: bool = False


def explain(resolution: Resolution, question: Question) -> tuple[Explanation, ...]:
    """The explanations of all symbols asked for, in their order.

    Raises :class:`BadInput` with the nearest names for a symbol that no file mentions.
    """
    numbers = [numbered(resolution.model, name) for name in dict.fromkeys(question.symbols)]
    return tuple(each for number in numbers for each in _of_symbol(resolution, question, number))


def numbered(model: KconfigModel, given: str) -> int:
    """The index of the symbol that a user calls ``given``."""
    name = given[len(_PREFIX) :] if given.upper().startswith(_PREFIX) else given
    number = model.by_name.get(name)
    if number is None or not is_name(model.symbols[number]):
        raise BadInput(
            f"unknown symbol {name!r}: no Kconfig file of Linux {model.version} for {model.arch} "
            f"mentions it{_hint(model, name)}"
        )
    return number


def _hint(model: KconfigModel, name: str) -> str:
    """The names most like it, and some that have it as a part."""
    known = sorted(symbol.name for symbol in model.symbols if symbol.definitions)
    alike = difflib.get_close_matches(name.upper(), known, NEAREST_AT_MOST, _LIKENESS)
    longer = [each for each in known if name and f"_{name.upper()}_" in f"_{each}_"]
    names = list(dict.fromkeys([*alike, *longer[:NEAREST_AT_MOST]]))
    return f"; did you mean {' or '.join(names)}?" if names else ""


def _of_symbol(resolution: Resolution, question: Question, number: int) -> Iterator[Explanation]:
    """One for each group, the largest first."""
    recorded = _recorded(resolution, number)
    found: list[Explanation] = []
    rest = resolution.values.everywhere()
    while rest:
        index = (rest & -rest).bit_length() - 1
        view = View(resolution, index, rest)
        text = next((text for text, mask in recorded if mask >> index & 1), None)
        narrowed = next((mask for _, mask in recorded if mask >> index & 1), None)
        if narrowed is None:
            for _, mask in recorded:
                view.narrow(~mask)
        else:
            view.narrow(narrowed)
        explanation = _explained(view, question, number, text)
        found.append(explanation)
        rest &= ~explanation.mask
    yield from sorted(found, key=lambda each: -each.mask.bit_count())


def _recorded(resolution: Resolution, number: int) -> list[tuple[str, Mask]]:
    """What the configurations say of the symbol, those without a line left out."""
    name = resolution.model.symbols[number].name
    return list(resolution.given.assigned(name).items())


def _explained(view: View, question: Question, number: int, recorded: str | None) -> Explanation:
    symbol = view.model.symbols[number]
    reason = reason_in(view, number)
    chain = Chain(view, number, question.depth)
    listed = list(statements(view, number, reason, chain)) if symbol.definitions else []
    shown = [each for each in listed if question.show_all or not _is_idle(each)]
    loose = Links() if any(each.decides for each in shown) else chain.below(reason.because)
    idle = dict.fromkeys(_LISTED_ON_DEMAND, 0)
    for each in listed:
        idle[each.kind] = idle.get(each.kind, 0) + (each not in shown)
    changed = _is_changed(view, number, recorded, reason.value, fragment=question.fragments)
    unmet = view.level(symbol.selected) > view.level(symbol.direct)
    return Explanation(
        symbol.name,
        symbol.type,
        reason.value,
        view.alike,
        reason.text,
        reason.location,
        recorded,
        changed,
        unmet,
        tuple(shown),
        tuple((kind, count) for kind, count in idle.items() if count),
        loose.shown,
        loose.hidden,
    )


def _is_idle(statement: Statement) -> bool:
    return statement.kind in _LISTED_ON_DEMAND and statement.state is State.FAILS


def _is_changed(
    view: View, number: int, recorded: str | None, value: str, *, fragment: bool
) -> bool:
    """Whether the tree gives another value; a missing line and ``is not set`` are the same."""
    symbol = view.model.symbols[number]
    if recorded is None and fragment:
        return False
    if symbol.type.is_logical or not symbol.definitions:
        return (recorded or "n") != value
    return recorded != (value if view.written(number) else None)

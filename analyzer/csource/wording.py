"""Operands and places in words, spelled like C where C has a spelling."""

from __future__ import annotations

from analyzer.csource.operand import (
    Address,
    Choice,
    Derived,
    Element,
    Field,
    FunctionName,
    Literal,
    Load,
    Opaque,
    Operand,
    Place,
    Variable,
    Varying,
    Words,
)

UNTOLD = "?"
"""What has no spelling: a call's result, a part that could not be told."""


def place_words(place: Place) -> str:
    """``table.open``, ``work->func``, ``handlers[]``, ``*p``."""
    root = place.root
    arrow = not isinstance(root, Variable)
    text = root.name if isinstance(root, Variable) else operand_words(root)
    if arrow and not place.path:
        return f"*{text}"
    for step in place.path:
        if isinstance(step, Field):
            text += f"{'->' if arrow else '.'}{step.name}"
        elif isinstance(step, Element):
            text += "[]"
        arrow = False
    return text


def operand_words(operand: Operand) -> str:
    """The value as C would spell it; of several alternatives all, joined by "or"."""
    match operand:
        case Literal(value):
            return str(value)
        case FunctionName(name):
            return name
        case Words(text):
            return f'"{text}"'
        case Load(place):
            return place_words(place)
        case Address(place):
            return f"&{place_words(place)}"
        case Derived(operator, (one,)):
            return f"{operator}{operand_words(one)}"
        case Derived(operator, (left, right)):
            return f"{operand_words(left)} {operator} {operand_words(right)}"
        case Choice(_, then, otherwise):
            return f"{operand_words(then)} or {operand_words(otherwise)}"
        case Varying(alternatives):
            return " or ".join(dict.fromkeys(operand_words(one) for _, one in alternatives))
        case Opaque(text) if text:
            return text
        case _:
            return UNTOLD

"""The preprocessor conditionals around a line, as written: evidence for an edge."""

from __future__ import annotations

from analyzer.location import Location
from analyzer.preprocessor.directive import Op, Test, TestOp
from analyzer.preprocessor.skeleton import Skeleton

_NO_EVIDENCE = frozenset(("!__ASSEMBLY__", "!__ASSEMBLER__", "__KERNEL__"))
"""Conditions that hold in every C source of the kernel."""


def conditionals_at(skeleton: Skeleton, line: int) -> tuple[tuple[str, Location], ...]:
    """What must hold for ``line`` (1-based) to be compiled, outermost first.

    Each condition comes with the place of the directive that decides. ``#else`` gives the
    negation of the branches before it. The include guard, and what tells C from assembly,
    are left out.
    """
    stack: list[list[tuple[str, int]]] = []
    for item in skeleton.items:
        if item.line > line:
            break
        if item.op is Op.IF:
            stack.append([(_text(item.value), item.line)])
        elif item.op is Op.ELIF:
            stack[-1].append((_text(item.value), item.line))
        elif item.op is Op.ELSE:
            stack[-1].append(("", item.line))
        elif item.op is Op.ENDIF:
            stack.pop()
    result: list[tuple[str, Location]] = []
    for branches in stack:
        text, at = branches[-1]
        if text in _NO_EVIDENCE or (skeleton.guard is not None and text == f"!{skeleton.guard}"):
            continue
        parts = [_negated(before) for before, _ in branches[:-1]]
        if text:
            parts.append(text)
        result.append((" && ".join(parts), Location(skeleton.file, at)))
    return tuple(result)


def _text(value: object) -> str:
    if not isinstance(value, Test):
        return ""
    if value.op is TestOp.DEFINED:
        return value.name if value.text == f"defined({value.name})" else value.text
    if value.op is TestOp.NOT and value.parts[0].op is TestOp.DEFINED:
        return f"!{value.parts[0].name}"
    return value.text


def _negated(text: str) -> str:
    if text.startswith("!") and text[1:].isidentifier():
        return text[1:]
    return f"!{text}" if text.isidentifier() else f"!({text})"

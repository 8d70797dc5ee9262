"""The bundled knowledge against real headers: arguments are where it says, of a fitting type.

A name is looked for as a declaration or definition with parameters, or as a macro with
parameters. One that a kernel does not have is nothing to complain of: the file speaks of
several kernels; but most names must be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from analyzer.primitives.knowledge import Knowledge, load_knowledge
from analyzer.primitives.model import (
    Allocation,
    BootParameter,
    Callback,
    Conversion,
    Initcall,
    Predicate,
    ReferenceDrop,
    Release,
    Starter,
    Synchronisation,
)
from kernels.trees import KernelTree

pytestmark = pytest.mark.kernel

FOLDERS = ("include", "arch/x86/include", "mm", "kernel", "lib", "net/core", "block")
FUNCTION = re.compile(
    r"\(\s*\*|_func_t\b|_fn_t\b|callback_t\b|handler_t\b|\bsmp_cond_func_t\b|actor_t\b"
    r"|\*\s*(fn|func|action)\b"
)
"""Types and spellings of parameters that are functions."""

Parameters = dict[str, list[tuple[str, ...]]]


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="module")
def parameters(kernel: KernelTree, known: Knowledge) -> Parameters:
    """The parameters of what the knowledge speaks of, by name, of each declaration."""
    names = {name for facts in known.names().values() for name in facts}
    use = re.compile(r"(?<![\w.>])([A-Za-z_]\w*)\s*\(")
    found: Parameters = {}
    for folder in FOLDERS:
        for path in sorted((kernel.path / folder).rglob("*.[ch]")):
            text = path.read_bytes().decode("utf-8", "replace")
            for match in use.finditer(text):
                name = match[1]
                if name in names and _declares(text, match.start()):
                    found.setdefault(name, []).append(_split(text, match.end()))
    return found


def _declares(text: str, at: int) -> bool:
    """Whether a use at ``at`` is a declaration or ``#define``: something that is no
    expression stands before it on the line, which is not indented."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if line.startswith("#define"):
        return line.split() == ["#define"]
    return not line or (
        (line[0].isalpha() or line[0] == "_") and "=" not in line and "(" not in line
    )


def _split(text: str, at: int) -> tuple[str, ...]:
    parts = [""]
    depth = 0
    for character in text[at : at + 2000]:
        depth += character in "([{"
        depth -= character in ")]}"
        if depth < 0:
            break
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return tuple(" ".join(part.split()) for part in parts)


def indices(known: Knowledge, name: str) -> Iterator[tuple[str, int]]:
    """What the knowledge says of the arguments of ``name``."""
    for callback in known.callbacks(name):
        yield "function", callback.function
        if callback.data is not None:
            yield "data", callback.data
        if callback.waits_argument is not None:
            yield "wait", callback.waits_argument
    for starter in known.starters(name):
        yield f"struct {starter.struct}", starter.object
    for release in known.releases(name):
        yield "object", release.object
    for drop in known.reference_drops(name):
        yield "object", drop.object
        if drop.release is not None:
            yield "function", drop.release
    for sync in known.synchronisations(name):
        if sync.waits_argument is not None:
            yield "wait", sync.waits_argument
    conversion = known.conversion(name)
    if conversion is not None:
        yield "object", conversion.object


def test_arguments_are_where_the_knowledge_says(known: Knowledge, parameters: Parameters) -> None:
    wrong = []
    for name, lists in parameters.items():
        for role, index in indices(known, name):
            for one in lists:
                if one == ("...",) or one[-1].endswith("..."):
                    continue
                text = one[index] if index < len(one) else None
                typed = text is not None and " " in text
                if text is None:
                    wrong.append(f"{name}({', '.join(one)}): no argument {index}")
                elif typed and role == "function" and not FUNCTION.search(text):
                    wrong.append(f"{name}({', '.join(one)}): {text} is no function")
                elif typed and role == "wait" and "wait" not in text:
                    wrong.append(f"{name}({', '.join(one)}): {text} is no wait")
    assert wrong == []


def test_most_names_are_there(known: Knowledge, kernel: KernelTree, parameters: Parameters) -> None:
    counted = (
        *(Callback, Starter, Release, ReferenceDrop, Synchronisation, Conversion),
        *(Predicate, BootParameter, Initcall),
    )
    names = known.names()
    asked = [name for kind in counted for name in names[kind.__name__]]
    there = [name for name in asked if name in parameters]
    assert len(there) >= 0.85 * len(asked), sorted(set(asked) - set(there))
    allocations = names[Allocation.__name__]
    assert sum(name in parameters for name in allocations) >= 60, kernel

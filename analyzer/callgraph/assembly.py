"""Functions that assembly defines: labels in ``.S`` files and in asm at file scope of C.

Only what a linker would see is read: where a label stands and which functions the code
behind it calls or jumps to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.csource.scope import Bound
from analyzer.csource.syntax import Asm

_LABEL = re.compile(r"(?:^|[\s;])([A-Za-z_.$][\w.$]*)\s*:")
_TRANSFER = re.compile(r"(?:^|[\s;])(?:call|jmp)[lq]?\s+([A-Za-z_][\w.]*)")
_CALL = re.compile(r"(?:^|[\s;])call[lq]?\s+([A-Za-z_][\w.]*)")
_LINE = re.compile(r"\\n|\n|;")


@dataclass(frozen=True, slots=True)
class AsmFunction:
    """A label in asm at file scope; ``calls`` are the functions its code goes on to, by a call
    or a jump, ``called`` those that it calls."""

    name: str
    calls: tuple[str, ...]
    bound: Bound
    at: int
    called: tuple[str, ...] = ()


def asm_functions(pieces: Iterable[tuple[Bound, Asm]]) -> Iterator[AsmFunction]:
    """The labels of file-scope asm statements, each with what follows up to the next one."""
    for bound, statement in pieces:
        name = ""
        calls: list[str] = []
        called: list[str] = []
        for line in _LINE.split(statement.template):
            text = line.replace("\\t", " ")
            label = _LABEL.search(text)
            if label is not None and not label[1].startswith(".L"):
                if name:
                    yield AsmFunction(name, tuple(calls), bound, statement.at, tuple(called))
                name, calls, called = label[1], [], []
                text = text[label.end() :]
            calls += _TRANSFER.findall(text)
            called += _CALL.findall(text)
        if name:
            yield AsmFunction(name, tuple(calls), bound, statement.at, tuple(called))


def label_line(source: bytes, name: str) -> int | None:
    """The 1-based line of an assembly source at which ``name`` begins, None if it does not.

    Kernel assembly opens a function with a ``SYM_…START…(name)`` or ``…ENTRY(name)``
    annotation (``Documentation/core-api/asm-annotations.rst``) or a plain label.
    """
    word = re.escape(name.encode())
    pattern = re.compile(
        rb"^\s*(?:%s\s*:|\w*(?:START|ENTRY|FUNC|ALIAS)\w*\s*\(\s*%s\b)" % (word, word)
    )
    for number, line in enumerate(source.splitlines(), 1):
        if pattern.match(line):
            return number
    return None

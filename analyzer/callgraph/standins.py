"""Conditionals that may depend on a generated header for which an empty file stands.

What such a header would define is not known. A conditional that asks for a macro which
nothing has defined at its place, after a stand-in has been read, may have been meant to
find it there. Macros of the configuration and of the compiler (``__NAME__``) are not
looked for in headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from analyzer.callgraph.program import Doubt
from analyzer.configset.configset import Mask
from analyzer.location import Location
from analyzer.preprocessor.table import MacroTable
from analyzer.preprocessor.walk import Inclusion

_NAME = re.compile(r"[A-Za-z_]\w*")
_KNOWN = re.compile(r"CONFIG_\w+|__\w+__|__has_\w+|defined")


def doubts(
    inclusions: Sequence[Inclusion],
    table: MacroTable,
    stand_in: Callable[[str], Mask],
    condition: Location,
    text: str,
    mask: Mask,
) -> Iterator[Doubt]:
    """Why the conditional at ``condition``, written ``text``, may be wrong where ``mask``.

    ``inclusions`` and ``table`` are those of one unit; ``stand_in`` says where a file is an
    empty stand-in.
    """
    names = [name for name in _NAME.findall(text) if not _KNOWN.fullmatch(name)]
    empty = [one for one in inclusions if stand_in(one.skeleton.file) & one.mask & mask]
    if not empty or not names:
        return
    order = {id(inclusion): number for number, inclusion in enumerate(inclusions)}
    for reading in inclusions:
        if reading.skeleton.file != condition.file:
            continue
        read = [one for one in inclusions if _is_over(one, reading, condition.line, order)]
        files = {one.skeleton.file for one in read}
        for header in empty:
            where = stand_in(header.skeleton.file) & header.mask & reading.mask & mask
            for name in dict.fromkeys(names) if where and header in read else ():
                missing = where
                for defined, macro in table.made(name):
                    if macro.file == condition.file:
                        before = macro.line < condition.line
                    else:
                        before = macro.file in files or not _is_file(macro.file, inclusions)
                    if before:
                        missing &= ~defined
                if missing:
                    yield Doubt(header.skeleton.file, name, missing)


def _is_file(file: str, inclusions: Sequence[Inclusion]) -> bool:
    """Whether a macro stands in a file that was read, not on the command line or the like."""
    return any(inclusion.skeleton.file == file for inclusion in inclusions)


def _is_over(inclusion: Inclusion, reading: Inclusion, line: int, order: dict[int, int]) -> bool:
    """Whether ``inclusion`` was over when ``reading`` had come to ``line``, or is further out
    and had come as far as it then had."""
    if inclusion is reading:
        return False
    inner = inclusion
    while inner.opener is not None:
        if inner.opener is reading:
            return inner.line < line
        inner = inner.opener
    return order[id(inclusion)] < order[id(reading)]

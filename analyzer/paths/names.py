"""What a user means by ``FUNCTION`` or ``file:FUNCTION``.

Definitions of one name that exclude each other (an inline stub in a header and the real
function, a weak default and its override) are one function in different configurations.
Static functions of different source files are different functions that share a name.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analyzer.callgraph.program import FunctionRef, Program
from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.location import Location

MAX_OFFERED = 3
MAX_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Named:
    """A function as named: ``file`` relative to the tree, None if only the name was given."""

    name: str
    file: str | None

    def __str__(self) -> str:
        return self.name if self.file is None else f"{self.file}:{self.name}"


def parse_name(text: str) -> Named:
    """Read ``name`` or ``file:name``; :class:`BadInput` if it is neither."""
    file, colon, name = text.rpartition(":")
    if not (name.isidentifier() and name.isascii()) or (colon and not file):
        raise BadInput(f"not a function name: '{text}' (expected FUNCTION or FILE:FUNCTION)")
    return Named(name, file.removeprefix("./") if colon else None)


def resolve_root(
    program: Program, named: Named, everything: Mask, diagnostics: Diagnostics
) -> tuple[FunctionRef, ...]:
    """The definitions that ``named`` means, with disjoint masks.

    Raises :class:`BadInput` if there is none (offering near names) or if it may be one
    of several functions (listing them).
    """
    refs = [ref for ref in program.find(named.name, named.file) if ref.location is not None]
    if not refs:
        raise unknown(program, named)
    by_place: dict[Location, list[FunctionRef]] = {}
    for ref in refs:
        assert ref.location is not None
        by_place.setdefault(ref.location, []).append(ref)
    alive = [ref for same in by_place.values() for ref in same[:1] if ref.mask and not ref.absent]
    if not alive:
        absent = refs[0]
        if absent.absent is None:
            absent = replace(absent, absent="not there in any of these configurations")
        return (replace(absent, mask=everything),)
    if not _one_function(alive):
        raise _ambiguous(named, alive)
    for ref in alive:
        assert ref.location is not None
        others = by_place[ref.location][1:]
        if others:
            diagnostics.note(
                "several-objects",
                f"{named.name} is compiled in {len(others) + 1} objects; "
                f"the paths are those of {ref.unit}",
                ref.location,
            )
    return tuple(alive)


def unknown(program: Program, named: Named) -> BadInput:
    """The error for a name without a definition, with the nearest names that have one."""
    message = f"unknown function '{named.name}'"
    if named.file is not None:
        message += f" in {named.file}"
        elsewhere = _places(program.find(named.name, None))
        if elsewhere:
            return BadInput(f"{message}; it is defined at {', '.join(elsewhere[:MAX_OFFERED])}")
    if named.name in program.names():
        return BadInput(
            f"{message}: a definition is written there, but not one that these configurations "
            "compile, or it cannot be read (nested too deeply, or no C)"
        )
    near = difflib.get_close_matches(named.name, sorted(set(program.names())), MAX_OFFERED, 0.7)
    if near:
        message += f"; did you mean {' or '.join(near)}?"
    if named.file is None:
        message += f" (searched: {program.scope()})"
    return BadInput(message)


def _one_function(refs: Sequence[FunctionRef]) -> bool:
    taken = 0
    for ref in refs:
        if ref.mask & taken:
            return False
        taken |= ref.mask
    files = {ref.location.file for ref in refs if ref.location is not None}
    private = any(
        ref.static and ref.location is not None and not ref.location.file.endswith(".h")
        for ref in refs
    )
    return len(files) == 1 or not private


def _ambiguous(named: Named, refs: Sequence[FunctionRef]) -> BadInput:
    listed = [f"{ref.location} ({ref.unit})" for ref in refs[:MAX_CANDIDATES]]
    rest = len(refs) - len(listed)
    tail = f" and {rest} more" if rest else ""
    return BadInput(
        f"'{named}' is ambiguous: {', '.join(listed)}{tail}; name one as FILE:{named.name}"
    )


def _places(refs: Sequence[FunctionRef]) -> list[str]:
    return list(dict.fromkeys(str(ref.location) for ref in refs if ref.location is not None))

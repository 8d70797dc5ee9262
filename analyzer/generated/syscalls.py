"""System call headers from ``syscall*.tbl``: numbers (``__NR_x``) and entry points.

A table line is ``NR ABI NAME [NATIVE [COMPAT [noreturn]]]``. What is written from it, and
the options, are those of ``scripts/syscallhdr.sh`` and ``scripts/syscalltbl.sh``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.errors import BadInput

_NUMBER = re.compile(r"[0-9]+\Z")
_UNIMPLEMENTED = re.compile(r"__SYSCALL\(\$\w+, (\w+)\)")
_NOT_IN_GUARD = re.compile(r"[^A-Z0-9_]")


@dataclass(frozen=True, slots=True)
class Syscall:
    """One line of a table; ``line`` is 1-based, absent columns are empty."""

    line: int
    number: int
    abi: str
    name: str
    native: str
    compat: str
    noreturn: bool


@dataclass(frozen=True, slots=True)
class TableOptions:
    """The options of the two scripts, with the table that they are applied to."""

    table: str
    abis: frozenset[str] | None
    emit_count: bool = False
    offset: str = ""
    prefix: str = ""


def parse_options(words: Sequence[str]) -> TableOptions | None:
    """The options from a script's arguments; None if there are others than known ones."""
    abis: frozenset[str] | None = None
    emit_count = False
    offset = prefix = ""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        option = words[at]
        value = words[at + 1] if at + 1 < len(words) else ""
        at += 2
        if option == "--abis":
            abis = frozenset(value.split(","))
        elif option == "--offset":
            offset = value
        elif option == "--prefix":
            prefix = value.strip("\"'")
        elif option == "--emit-nr":
            emit_count = True
            at -= 1
        else:
            return None
    if len(words) - at != 2:
        return None
    return TableOptions(words[at], abis, emit_count, offset, prefix)


def read_table(text: str, file: str, abis: frozenset[str] | None) -> list[Syscall]:
    """The lines of a table for ``abis`` (None: all), as they stand.

    Raises :class:`BadInput` at a line that the kernel's scripts could not read either.
    """
    result: list[Syscall] = []
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.split()
        if not words or not _NUMBER.match(words[0]):
            continue
        if len(words) < 3:
            raise BadInput("a system call needs a number, an ABI and a name", file, number)
        if abis is not None and not any(words[1].startswith(abi) for abi in abis):
            continue
        native, compat, last = (*words[3:6], "", "", "")[:3]
        if last not in ("", "noreturn"):
            raise BadInput(f"{last} where only noreturn can stand", file, number)
        result.append(
            Syscall(
                number,
                int(words[0]),
                words[1],
                words[2],
                native,
                "" if compat == "-" else compat,
                bool(last),
            )
        )
    return result


def number_header(calls: Sequence[Syscall], options: TableOptions, file_name: str) -> str:
    """``unistd_*.h``: a macro for every number. ``file_name`` is the header's base name."""
    guard = "_UAPI_ASM_" + _NOT_IN_GUARD.sub("_", file_name.upper()).replace("__", "_")
    lines = [f"#ifndef {guard}", f"#define {guard}"]
    for call in calls:
        value = f"({options.offset} + {call.number})" if options.offset else str(call.number)
        lines.append(f"#define __NR_{options.prefix}{call.name} {value}")
    if options.emit_count:
        count = (calls[-1].number if calls else 0) + 1
        lines += ["#ifdef __KERNEL__", f"#define __NR_{options.prefix}syscalls {count}", "#endif"]
    lines.append("#endif")
    return "\n".join(lines) + "\n"


def unimplemented_entry(script: str) -> str | None:
    """The function that the table script puts where a number has no entry point."""
    hit = _UNIMPLEMENTED.search(script)
    return None if hit is None else hit[1]


def entry_header(calls: Sequence[Syscall], unimplemented: str, file: str) -> str:
    """``syscalls_*.h``: an invocation per number, those without entry get ``unimplemented``.

    Raises :class:`BadInput` when the table is not sorted.
    """
    lines: list[str] = []
    following = 0
    for call in calls:
        if call.number < following:
            raise BadInput("the table is not sorted, or repeats a number", file, call.line)
        lines += [f"__SYSCALL({gap}, {unimplemented})" for gap in range(following, call.number)]
        lines.append(_invocation(call, unimplemented))
        following = call.number + 1
    return "\n".join(lines) + "\n"


def _invocation(call: Syscall, unimplemented: str) -> str:
    entries = f"{call.number}, {call.native}" + (f", {call.compat}" if call.compat else "")
    if call.noreturn:
        return f"__SYSCALL_{'COMPAT_' if call.compat else ''}NORETURN({entries})"
    if call.compat:
        return f"__SYSCALL_WITH_COMPAT({entries})"
    if call.native:
        return f"__SYSCALL({entries})"
    return f"__SYSCALL({call.number}, {unimplemented})"

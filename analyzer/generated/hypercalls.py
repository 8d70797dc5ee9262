"""A list of a hypervisor's calls, one macro invocation for each, from its interface headers.

The tree's script preprocesses the headers, keeps the macros of one name space whose names
begin in lower case, drops those that only are another one's value, and writes the rest
sorted (``scripts/*-hypercalls.sh``). The name space and the invocation are read from the
script itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME_SPACE = re.compile(r"/(\w+)\[a-z\]")
_INVOCATION = re.compile(r'print "(\w+)\("substr')


def hypercall_header(script: str, headers: Iterable[str]) -> str | None:
    """The list for the texts of ``headers``; None if ``script`` works in another way."""
    space, invocation = _NAME_SPACE.search(script), _INVOCATION.search(script)
    if space is None or invocation is None:
        return None
    define = re.compile(
        rf"^[ \t]*#[ \t]*define[ \t]+({re.escape(space[1])}[a-z]\w*)[ \t]+(\S+)", re.MULTILINE
    )
    names = {hit[2]: hit[1] for text in headers for hit in define.finditer(text)}
    skip = len(space[1])
    lines = sorted(
        f"{invocation[1]}({name[skip:]})" for name in names.values() if name not in names
    )
    return "".join(f"{line}\n" for line in lines)

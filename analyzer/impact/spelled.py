"""Which names the sources of a tree define, told from their texts alone, built or not.

A changelog may speak of a driver, another architecture or a file that no configuration builds.
What only a macro pastes together is not found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from analyzer.tree.source_tree import SourceTree

_SOURCES = (".c", ".h", ".S")
_LARGE = ("tools/", "samples/", "sound/", "drivers/", "arch/")
"""Folders at the top that are searched last: most of the text is there, and few of the names."""
_MAX_HEAD = 4_000
"""Bytes between a function's name and its body."""


def defined_names(tree: SourceTree, names: Collection[str], folders: Iterable[str]) -> set[str]:
    """Those of ``names`` that a source in or below ``folders`` (``""`` for all of the tree)
    defines as a function, a macro or a label of assembly."""
    left = {name.encode("latin-1", "replace"): name for name in names}
    heads = {word: _head(word) for word in left}
    found: set[str] = set()
    for file in _files(tree, folders):
        if len(found) == len(left):
            break
        data = tree.read(file)
        if data is None:
            continue
        for word, name in left.items():
            if name not in found and word in data and _defines(data, heads[word]):
                found.add(name)
    return found


def _files(tree: SourceTree, folders: Iterable[str]) -> Iterator[str]:
    waiting = list(dict.fromkeys(folders))
    seen = set(waiting)
    while waiting:
        folder = waiting.pop()
        names = sorted(tree.listdir(folder))
        if not folder:
            names.sort(key=lambda name: name not in _LARGE)
        for name in names:
            path = f"{folder}/{name}" if folder else name
            if name.endswith(_SOURCES):
                yield path
            elif name.endswith("/") and path[:-1] not in seen:
                seen.add(path[:-1])
                waiting.append(path[:-1])


def _head(word: bytes) -> re.Pattern[bytes]:
    name = re.escape(word)
    return re.compile(
        rb"^[ \t]*#[ \t]*define[ \t]+%s\b"  # a macro
        rb"|^\w+\([ \t]*%s[ \t]*[,)]"  # SYM_FUNC_START(name), SYSCALL_DEFINE1(name, ...)
        rb"|^%s:"  # a label
        rb"|^(?:[A-Za-z_][^\n;={}]*[\s*])?%s[ \t\n]*(\()" % (name, name, name, name),
        re.MULTILINE,
    )


def _defines(data: bytes, head: re.Pattern[bytes]) -> bool:
    return any(one.group(1) is None or _has_body(data, one.start(1)) for one in head.finditer(data))


def _has_body(data: bytes, start: int) -> bool:
    """Whether a ``{`` comes behind the parentheses that open at ``start``, before a ``;``."""
    depth = 0
    for place in range(start, min(len(data), start + _MAX_HEAD)):
        char = data[place]
        if char == 0x28:
            depth += 1
        elif char == 0x29:
            depth -= 1
        elif not depth and char in b"{;":
            return char == 0x7B
    return False

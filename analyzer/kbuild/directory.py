"""Which objects one directory's kbuild file asks for, as masks.

The rules are those of ``scripts/Makefile.build`` and ``scripts/Makefile.lib``: ``obj-y``
wins over ``obj-m`` and ``lib-y``; ``foo.o`` is a composite where any of ``foo-objs``,
``foo-y``, ``foo-m`` (modules only) or ``foo-`` has a word, and then stands for its parts;
``dir/`` is a directory to descend into.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.frame import tree_path
from analyzer.kbuild.processes import Process
from analyzer.kbuild.values import Words, words

_BUILTIN_SUFFIXES = ("-objs", "-y")
_MODULE_SUFFIXES = ("-objs", "-y", "-m")


@dataclass(slots=True)
class Entry:
    """A word of ``obj-y`` or the like: where it stands and the symbols that put it there."""

    mask: Mask = 0
    symbols: dict[str, None] = field(default_factory=dict)

    def add(self, mask: Mask, symbols: tuple[str, ...]) -> None:
        self.mask |= mask
        for symbol in symbols:
            self.symbols.setdefault(symbol)


@dataclass(slots=True)
class Member:
    """One object file as the directory's own lists see it; masks are within the directory.

    ``word`` is the name as written, relative to the directory; ``modules`` are the
    modules it is linked into, ``composites`` the composite objects it is a part of.
    """

    word: str
    builtin: Mask = 0
    module: Mask = 0
    library: Mask = 0
    modules: list[tuple[Mask, str]] = field(default_factory=list)
    composites: list[tuple[Mask, str]] = field(default_factory=list)
    symbols: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Subdirectory:
    """A directory to descend into: as part of the kernel, for modules, or at all."""

    builtin: Mask = 0
    modules: Mask = 0
    visited: Mask = 0
    symbols: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Listing:
    """What a kbuild file asks for: objects, directories, and further targets."""

    members: dict[str, Member]
    subdirectories: dict[str, Subdirectory]
    extra: dict[str, Entry]


def entries(evaluator: Evaluator, process: Process, name: str) -> dict[str, Entry]:
    """The words of variable ``name`` in a directory, in order."""
    variable = process.frame.scope.variables.get(name)
    result: dict[str, Entry] = {}
    if variable is None:
        return result
    everywhere = evaluator.everywhere
    for piece in variable.pieces:
        if piece.value is None:
            saved = evaluator.frame
            evaluator.frame = process.frame
            value = evaluator.expand_template(piece.template, piece.mask)
            evaluator.frame = saved
        else:
            value = piece.value
        for mask, word in words(value, everywhere):
            mask &= piece.mask
            if mask:
                entry = result.get(word)
                if entry is None:
                    entry = result[word] = Entry()
                entry.add(mask, piece.symbols)
    return result


def list_directory(evaluator: Evaluator, process: Process) -> Listing:
    """Apply the rules of ``Makefile.build`` to what the kbuild file defined."""
    built = entries(evaluator, process, "obj-y")
    modular = entries(evaluator, process, "obj-m")
    library = entries(evaluator, process, "lib-y")
    for word, entry in entries(evaluator, process, "lib-m").items():
        library.setdefault(word, Entry()).add(entry.mask, tuple(entry.symbols))
    lister = _Lister(evaluator, process)
    for word, entry in built.items():
        if word.endswith("/"):
            lister.descend(word, entry, Subdirectory(entry.mask, entry.mask, entry.mask))
        else:
            lister.add_builtin(word, entry)
    for word, entry in modular.items():
        if word in built:
            entry.mask &= ~built[word].mask
        if word.endswith("/"):
            lister.descend(word, entry, Subdirectory(0, entry.mask, entry.mask))
        elif entry.mask:
            lister.add_module(word, entry)
    for word, entry in library.items():
        if word in built:
            entry.mask &= ~built[word].mask
        if entry.mask:
            member = lister.member(word)
            member.library |= entry.mask
            member.symbols.update(entry.symbols)
    for name in ("subdir-y", "subdir-m"):
        for word, entry in entries(evaluator, process, name).items():
            lister.descend(word, entry, Subdirectory(0, 0, entry.mask))
    extra: dict[str, Entry] = {}
    for name in ("extra-y", "always-y", "always-m"):
        for word, entry in entries(evaluator, process, name).items():
            extra.setdefault(word, Entry()).add(entry.mask, tuple(entry.symbols))
    return Listing(lister.members, lister.subdirectories, extra)


class _Lister:
    __slots__ = ("_evaluator", "_process", "_variables", "members", "subdirectories")

    def __init__(self, evaluator: Evaluator, process: Process) -> None:
        self._evaluator = evaluator
        self._process = process
        self._variables = process.frame.scope.variables
        self.members: dict[str, Member] = {}
        self.subdirectories: dict[str, Subdirectory] = {}

    def member(self, word: str) -> Member:
        known = self.members.get(word)
        if known is None:
            known = self.members[word] = Member(word)
        return known

    def descend(self, word: str, entry: Entry, how: Subdirectory) -> None:
        directory = self._process.directory
        path = tree_path(word if directory == "." else f"{directory}/{word}")
        known = self.subdirectories.setdefault(path, Subdirectory())
        known.builtin |= how.builtin
        known.modules |= how.modules
        known.visited |= how.visited
        known.symbols.update(entry.symbols)

    def add_builtin(self, word: str, entry: Entry) -> None:
        composite = self._parts(word, _BUILTIN_SUFFIXES)
        if composite is None:
            member = self.member(word)
            member.builtin |= entry.mask
            member.symbols.update(entry.symbols)
            return
        where, parts = composite
        stem = word.removesuffix(".o")
        for part, inner in parts.items():
            member = self.member(part)
            member.builtin |= inner.mask & entry.mask
            member.composites.append((inner.mask & entry.mask, stem))
            member.symbols.update(entry.symbols)
            member.symbols.update(inner.symbols)
        alone = entry.mask & ~where
        if alone:
            member = self.member(word)
            member.builtin |= alone
            member.symbols.update(entry.symbols)

    def add_module(self, word: str, entry: Entry) -> None:
        composite = self._parts(word, _MODULE_SUFFIXES)
        stem = word.removesuffix(".o")
        if composite is None:
            alone = entry.mask
        else:
            where, parts = composite
            for part, inner in parts.items():
                mask = inner.mask & entry.mask
                member = self.member(part)
                member.module |= mask
                member.composites.append((mask, stem))
                member.modules.append((mask, stem))
                member.symbols.update(entry.symbols)
                member.symbols.update(inner.symbols)
            alone = entry.mask & ~where
        if alone:
            member = self.member(word)
            member.module |= alone
            member.modules.append((alone, stem))
            member.symbols.update(entry.symbols)

    def _parts(self, word: str, suffixes: tuple[str, ...]) -> tuple[Mask, dict[str, Entry]] | None:
        """Where ``word`` is a composite, and its parts; None if nowhere."""
        stem = word.removesuffix(".o")
        variables = self._variables
        if stem == word:
            return None
        where = 0
        found = False
        parts: dict[str, Entry] = {}
        for suffix in (*suffixes, "-"):
            name = stem + suffix
            if name not in variables:
                continue
            found = True
            for part, entry in entries(self._evaluator, self._process, name).items():
                where |= entry.mask
                if suffix != "-":
                    parts.setdefault(part, Entry()).add(entry.mask, tuple(entry.symbols))
        return (where, parts) if found and where else None


def module_name(member: Member, within: Mask) -> list[tuple[Mask, str]]:
    """``$(modname-multi)`` of ``Makefile.lib``: its composites, joined by ``:`` if several."""
    merged: dict[str, Mask] = {}
    for mask, stem in member.composites:
        merged[stem] = merged.get(stem, 0) | mask
    known: list[tuple[Mask, str]] = [(within, "")]
    for stem in sorted(merged):
        mask = merged[stem]
        following: list[tuple[Mask, str]] = []
        for have, text in known:
            if have & mask:
                following.append((have & mask, f"{text}:{stem}" if text else stem))
            if have & ~mask:
                following.append((have & ~mask, text))
        known = following
    return [(mask, text) for mask, text in known if text]


def merged_words(listed: Words) -> dict[str, Mask]:
    """Words with the union of their masks, in order of first appearance."""
    result: dict[str, Mask] = {}
    for mask, word in listed:
        result[word] = result.get(word, 0) | mask
    return result

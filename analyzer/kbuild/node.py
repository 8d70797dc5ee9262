"""One directory of the build: its make, its lists, and in which configurations it is visited."""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.configset.configset import Mask
from analyzer.kbuild.directory import Listing, Member, list_directory, module_name
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.flags import TargetFacts, object_flags
from analyzer.kbuild.frame import tree_path
from analyzer.kbuild.goals import Compiled
from analyzer.kbuild.lazyflags import LazyFlags
from analyzer.kbuild.objects import Masked, ObjectFile
from analyzer.kbuild.processes import Library, Process
from analyzer.kbuild.rulebook import SOURCE_SUFFIXES, Rulebook
from analyzer.tree.outside import leads_out

VMLINUX = "vmlinux"


@dataclass(slots=True)
class DirectoryNode:
    """``builtin``, ``modules`` and ``visited``: where make descends for the kernel image,
    for modules, and at all; ``symbols`` are those on the lines that lead here."""

    process: Process
    builtin: Mask = 0
    modules: Mask = 0
    visited: Mask = 0
    symbols: dict[str, None] = field(default_factory=dict)
    solved: Mask = 0
    _listing: Listing | None = None
    _book: Rulebook | None = None
    _evaluator: Evaluator | None = None

    @classmethod
    def of(cls, evaluator: Evaluator, process: Process) -> DirectoryNode:
        return cls(process, _evaluator=evaluator)

    @property
    def path(self) -> str:
        return self.process.directory

    @property
    def listing(self) -> Listing:
        if self._listing is None:
            assert self._evaluator is not None
            self._listing = list_directory(self._evaluator, self.process)
        return self._listing

    @property
    def book(self) -> Rulebook:
        if self._book is None:
            assert self._evaluator is not None
            self._book = Rulebook.of(self._evaluator, self.process)
        return self._book

    def target(self, word: str) -> str:
        """The tree path of a file that the kbuild file calls ``word``."""
        return tree_path(word if self.path == "." else f"{self.path}/{word}")

    def masks(self, member: Member) -> tuple[Mask, Mask, Mask]:
        """Where the member is in ``built-in.a``, in a module, in ``lib.a``."""
        return (
            member.builtin & self.builtin,
            member.module & self.modules,
            member.library & self.visited,
        )


class ObjectMaker:
    """Turns members and compiled targets into :class:`ObjectFile` facts."""

    __slots__ = ("_evaluator", "_library")

    def __init__(self, evaluator: Evaluator, library: Library) -> None:
        self._evaluator = evaluator
        self._library = library

    def plain_source(self, target: str) -> str | None:
        """The file that ``Makefile.build``'s own rules compile into ``target``, if there."""
        base = target.removesuffix(".o")
        is_file = self._evaluator.tree.is_file
        return next((base + s for s in SOURCE_SUFFIXES if is_file(base + s)), None)

    def refused_source(self, target: str) -> str | None:
        """What those rules would compile if it did not lead out of the tree."""
        base = target.removesuffix(".o")
        tree = self._evaluator.tree
        return next((base + s for s in SOURCE_SUFFIXES if leads_out(tree, base + s)), None)

    def of_member(
        self,
        node: DirectoryNode,
        member: Member,
        source: str,
        archive_images: dict[str, Mask],
        made: Compiled | None,
    ) -> ObjectFile:
        """The object of a directory's own list.

        ``archive_images`` says who links the directory's ``lib.a``; ``made`` is how the
        rules compile the object, where the directory has rules at all.
        """
        builtin, module, library = node.masks(member)
        mask = builtin | module | library
        images: dict[str, Mask] = {}
        if builtin:
            images[VMLINUX] = builtin
        for where, stem in member.modules:
            name = node.target(stem)
            if where & module:
                images[name] = images.get(name, 0) | (where & module)
        for name, where in archive_images.items():
            if where & library:
                images[name] = images.get(name, 0) | (where & library)
        stem = member.word.removesuffix(".o") if made is None else made.stem
        names = module_name(member, mask) if member.word == f"{stem}.o" else []
        path = node.target(member.word)
        facts = TargetFacts(
            path=f"{node.path}/{member.word}" if node.path != "." else member.word,
            stem=stem,
            source=source,
            mask=mask,
            builtin=member.builtin | member.library,
            module=member.module,
            modname=names,
            specific=() if made is None else made.specific,
        )
        return ObjectFile(
            path,
            source,
            (builtin | library) & ~module,
            module,
            tuple(Masked(where, name) for name, where in images.items()),
            _modname(path, names, mask),
            self._flags(node.process, facts),
            bool(library),
            (*node.symbols, *(s for s in member.symbols if s not in node.symbols)),
        )

    def of_compiled(
        self, node: DirectoryNode, compiled: Compiled, images: dict[str, Mask], library: bool
    ) -> ObjectFile:
        """An object that is only a prerequisite of some rule."""
        facts = TargetFacts(
            path=compiled.path,
            stem=compiled.stem,
            source=compiled.source,
            mask=compiled.mask,
            builtin=0,
            module=0,
            modname=[],
            specific=compiled.specific,
        )
        return ObjectFile(
            compiled.path,
            compiled.source,
            compiled.mask,
            0,
            tuple(Masked(mask, name) for name, mask in images.items()),
            _modname(compiled.path, [], compiled.mask),
            self._flags(compiled.process, facts),
            library,
            tuple(node.symbols),
        )

    def _flags(self, process: Process, facts: TargetFacts) -> LazyFlags:
        return LazyFlags(lambda: object_flags(self._evaluator, self._library, process, facts))


def _modname(path: str, names: list[tuple[Mask, str]], mask: Mask) -> tuple[Masked, ...]:
    """``KBUILD_MODNAME``: the composite's name or the file's, fixed as ``name-fix`` does."""
    result: list[Masked] = []
    for where, text in names:
        result.append(Masked(where & mask, text.rpartition("/")[2]))
        mask &= ~where
    if mask:
        result.append(Masked(mask, path.rpartition("/")[2].removesuffix(".o")))
    return tuple(
        Masked(each.mask, each.text.replace("-", "_").replace(",", "_"))
        for each in result
        if each.mask
    )

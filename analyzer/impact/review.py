"""One patch, or a whole series: two opened trees go in, a review comes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.impact.claimed import Message, Sided, claims_of
from analyzer.impact.configurations import symbols_around
from analyzer.impact.coverage import coverage, runs
from analyzer.impact.definitions import Changed, Definitions, changes, essence
from analyzer.impact.difference import hunks_of
from analyzer.impact.reaching import with_fragments
from analyzer.impact.result import (
    ChangeKind,
    Claim,
    Entry,
    FileChange,
    FileKind,
    FunctionChange,
    Hunk,
    LineCoverage,
    ObjectChange,
    PatchReview,
    SymbolChange,
    Unread,
)
from analyzer.impact.roots import MAX_ROOTS, Root, nearest, roots_of
from analyzer.impact.side import Side
from analyzer.impact.symbols import symbol_changes
from analyzer.impact.transitions import transitions
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import ObjectFile
from analyzer.kconfig.model import KconfigModel
from analyzer.kconfig.space.space import Space
from analyzer.location import Location
from analyzer.patch.apply import FileChange as Applied
from analyzer.paths.result import PathsResult, Support
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.tree.source_tree import SourceTree

_SOURCES = (".c", ".h", ".S")
_UNITS = (".c", ".S")
_MAKEFILES = ("Makefile", "Kbuild")


class Version(Protocol):
    """One of the trees of a review, opened for its configurations."""

    @property
    def tree(self) -> SourceTree:
        """Its files."""

    @property
    def configs(self) -> ConfigSet:
        """The configurations as this tree completes them, in the order of the review."""

    def skeleton(self, file: str) -> Skeleton | None:
        """The directives and text of a file, None where there is no such file."""

    def definitions(self, file: str) -> Definitions:
        """Everything that a file defines."""

    def objects_in(self, directory: str) -> Sequence[ObjectFile]:
        """The objects in and below a directory."""

    def model(self) -> KconfigModel:
        """What its Kconfig files say."""

    def space(self) -> Space:
        """The configurations that its Kconfig files allow, seen from the first of the review."""

    def knows(self, function: str) -> bool:
        """Whether there is such a function or macro; ``file:name`` or a name."""

    def users(
        self, name: str, place: Location, *, macro: bool, first: Collection[str]
    ) -> Iterator[str]:
        """The functions right above a function or macro, as ``file:name``: those that call or
        use it, or read a slot that it is stored in; those in files of ``first`` first."""

    def user_candidates(self, name: str, place: Location, *, macro: bool) -> int:
        """How many functions may be users by the texts alone."""

    def spelled(self, names: Collection[str], folders: Iterable[str]) -> set[str]:
        """Those of ``names`` that a source in or below folders defines, built or not."""

    def namesakes(self, function: str) -> Sequence[str]:
        """The functions and macros of a name, as ``file:name``."""

    def paths(self, function: str, about: str | None = None) -> PathsResult:
        """Its paths, and what becomes of the argument ``about`` (None: the one given up).

        Raises :class:`BadInput` for a name that is unknown or ambiguous.
        """

    def paths_if_known(self, function: str, about: str | None = None) -> PathsResult | None:
        """As :meth:`paths`, None for a name that is unknown."""

    def routes(self, function: str, to: str) -> PathsResult:
        """The routes from a function to another one; raises as :meth:`paths`."""

    def platforms(self) -> tuple[str, ...]:
        """The names of the platforms that the tree has sources for."""

    def awaited(self, function: str, about: str | None = None) -> bool:
        """Whether another process is finding out at the moment what :meth:`paths_if_known`
        would say."""

    def foresee(self, paths: PathsResult) -> None:
        """Be told what paths another tree has, before the same are asked for here."""


class Patched(Version, Protocol):
    """The tree after the patch, of which more is asked."""

    @property
    def side(self) -> Side:
        """What its files look like to the units that read them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at: ``files`` in the patch's order; ``roots`` as the user named them.

    ``object`` is the argument of the roots that is followed, None for the one given up.
    ``message`` is the changelog; its first line is the subject.
    """

    title: str
    author: str | None
    files: Sequence[Applied]
    roots: tuple[str, ...]
    object: str | None = None
    message: str = ""


def review(
    subject: Subject, before: Version, after: Patched, diagnostics: Diagnostics
) -> PatchReview:
    """What the patch between two trees changes.

    Raises :class:`BadInput` for a root that is in neither tree, or ambiguous.
    """
    files: list[FileChange] = []
    changed: list[Changed] = []
    declarations: list[FunctionChange] = []
    for applied in subject.files:
        unread = _unread(applied, after.side.session.kbuild)
        silent = False
        if unread is None:
            here, others, silent = _functions(applied, before, after)
            changed += here
            declarations += others
        file = _file(applied, silent, unread)
        files.append(replace(file, hunks=_hunks(applied, before, after)))
    read = [one for one, file in zip(subject.files, files, strict=True) if file.unread is None]
    symbols = _symbols(read, before, after)
    objects = tuple(_objects(read, before, after))
    trees = (before.tree, after.tree)
    words = [*_needed(read, after.side), *symbols_around(trees, read)]
    functions = [one.change for one in changed]
    entries = tuple(_entries(subject, changed, words, before, after, diagnostics))
    lines = tuple(_lines(subject.files, files, after.side))
    lines = tuple(with_fragments(lines, after.side, after.space))
    claims: tuple[Claim, ...] = ()
    if read or not subject.files:  # else what the message speaks of is not this kernel
        claims = _claims(subject, functions, symbols, entries, before, after, diagnostics)
    return PatchReview(
        title=subject.title,
        author=subject.author,
        files=tuple(files),
        functions=tuple(functions),
        symbols=symbols,
        objects=objects,
        entries=entries,
        coverage=lines,
        runs=runs(lines, entries, support_of(entries), len(after.configs)),
        claims=claims,
        diagnostics=(),
        declarations=tuple(declarations),
    )


def _claims(
    subject: Subject,
    functions: Sequence[FunctionChange],
    symbols: Sequence[SymbolChange],
    entries: Sequence[Entry],
    before: Version,
    after: Version,
    diagnostics: Diagnostics,
) -> tuple[Claim, ...]:
    gone = [one.name for one in functions if one.kind is ChangeKind.REMOVED]
    gone += [one.name for one in symbols if one.kind is ChangeKind.REMOVED]
    old = [(one.name, one.before) for one in entries if one.before is not None]
    new = [(one.name, one.after) for one in entries if one.after is not None]
    paths = (file.path for file in subject.files)
    folders = dict.fromkeys(folder for path in paths if (folder := path.rpartition("/")[0]))
    message = Message(subject.message, frozenset(gone), tuple(folders))
    return claims_of(message, Sided(before, old), Sided(after, new), diagnostics)


def support_of(entries: Sequence[Entry]) -> tuple[Support, ...]:
    """The platforms that any of the paths tell apart."""
    found: dict[str, Mask] = {}
    for entry in entries:
        for side in (entry.before, entry.after):
            for each in () if side is None else side.support:
                found[each.platform] = found.get(each.platform, 0) | each.mask
    return tuple(Support(name, mask) for name, mask in found.items())


# Files and what they define


def _functions(
    applied: Applied, before: Version, after: Version
) -> tuple[Sequence[Changed], Sequence[FunctionChange], bool]:
    """The functions of a file that differ, what else does; whether nothing in it does."""
    old, new = applied.old_path, applied.new_path
    if not applied.path.endswith(_SOURCES):
        return (), (), not applied.lines.blocks
    one = None if old is None else before.skeleton(old)
    two = None if new is None else after.skeleton(new)
    if old == new and essence(one) == essence(two):
        return (), (), True
    first = {} if old is None else before.definitions(old)
    second = {} if new is None else after.definitions(new)
    return *changes(first, second, old, new), False


def _needed(files: Sequence[Applied], after: Side) -> Iterator[str]:
    """The symbols without which the sources among ``files`` are not built."""
    for path in (file.new_path for file in files):
        if path is not None and path.endswith(_UNITS) and after.session.kbuild.lists(path):
            yield from after.session.unset_for(path)


def unread_review(subject: Subject, after: KbuildModel) -> PatchReview | None:
    """The review of a patch of which no file is looked into, for which neither tree needs to be
    opened; None for any other. ``after`` are the makefiles of the tree after it."""
    reasons = [_unread(applied, after) for applied in subject.files]
    if subject.roots or not all(reasons):
        return None
    files = zip(subject.files, reasons, strict=True)
    return PatchReview(
        title=subject.title,
        author=subject.author,
        files=tuple(_file(applied, False, unread) for applied, unread in files),
        functions=(),
        symbols=(),
        objects=(),
        entries=(),
        coverage=(),
        runs=(),
        claims=(),
        diagnostics=(),
    )


def _unread(applied: Applied, after: KbuildModel) -> Unread | None:
    """Why a file cannot have an impact that is seen here."""
    name = applied.path.rpartition("/")[2]
    if not after.is_part(applied.path):
        return Unread.ELSEWHERE
    if applied.path.endswith(_SOURCES) or is_kconfig(applied.path):
        return None
    return None if name in _MAKEFILES and applied.path != name else Unread.NO_SOURCE


def _file(applied: Applied, silent: bool, unread: Unread | None) -> FileChange:
    blocks = applied.lines.blocks
    kind = FileKind.BINARY if applied.skipped else FileKind(applied.kind.value)
    return FileChange(
        old=applied.old_path,
        new=applied.new_path,
        kind=kind,
        added=sum(block.new_count for block in blocks),
        removed=sum(block.old_count for block in blocks),
        silent=silent and not applied.skipped,
        unread=None if applied.skipped else unread,
    )


def _hunks(applied: Applied, before: Version, after: Version) -> tuple[Hunk, ...]:
    blocks = applied.lines.blocks
    texts = (
        None if path is None or not blocks else version.tree.read(path)
        for version, path in ((before, applied.old_path), (after, applied.new_path))
    )
    return hunks_of(blocks, *texts)


def _symbols(files: Sequence[Applied], before: Version, after: Version) -> tuple[SymbolChange, ...]:
    if not touches_kconfig(files):
        return ()
    return symbol_changes(before.model(), after.model(), before.configs, after.configs)


def touches_kconfig(files: Sequence[Applied]) -> bool:
    """Whether a file of the patch may be read by Kconfig."""
    return any(is_kconfig(file.path) for file in files)


def is_kconfig(path: str) -> bool:
    """Whether a file may be read by Kconfig."""
    return "Kconfig" in path.rpartition("/")[2]


def _objects(files: Sequence[Applied], before: Version, after: Version) -> Iterator[ObjectChange]:
    """The objects that are built otherwise, in and below directories whose makefile differs, and
    those of the sources that come and go."""
    for directory in dict.fromkeys(
        file.path.rpartition("/")[0]
        for file in files
        if file.path.rpartition("/")[2] in _MAKEFILES or file.old_path != file.new_path
    ):
        one, two = (_built(version, directory) for version in (before, after))
        for path in sorted(set(one) | set(two)):
            values = tuple(_values(one.get(path), two.get(path), after.configs.all))
            if values:
                yield ObjectChange(path, values)


def _built(version: Version, directory: str) -> Mapping[str, ObjectFile]:
    return {item.path: item for item in version.objects_in(directory)}


def _values(
    one: ObjectFile | None, two: ObjectFile | None, everything: Mask
) -> Iterator[tuple[Mask, str, str]]:
    for old_mask, old in _states(one, everything):
        for new_mask, new in _states(two, everything):
            if old != new and old_mask & new_mask:
                yield old_mask & new_mask, old, new


def _states(item: ObjectFile | None, everything: Mask) -> Iterator[tuple[Mask, str]]:
    builtin, module = (0, 0) if item is None else (item.builtin, item.module)
    yield builtin, "built in"
    yield module, "module"
    yield everything & ~(builtin | module), "not built"


# Entries


def _entries(
    subject: Subject,
    changed: Sequence[Changed],
    words: Sequence[str],
    before: Version,
    after: Version,
    diagnostics: Diagnostics,
) -> Iterator[Entry]:
    """``words`` are the symbols to tell configurations apart with, before others."""
    if subject.roots:
        for name in subject.roots:
            entry = _entry(Root(name, name, name), subject, words, before, after)
            if entry.before is None and entry.after is None:
                after.paths(name)  # says what is wrong with it
                raise BadInput(f"no function is called {name}")
            yield entry
        return
    roots = roots_of(changed, before, after, diagnostics)
    if len(roots) > MAX_ROOTS:
        left = ", ".join(root.name for root in roots[MAX_ROOTS:])
        diagnostics.note("review-roots", f"not looked at: {left} (--root NAME does)")
    entries = {root: _entry(root, subject, words, before, after) for root in roots[:MAX_ROOTS]}
    results = {root: (entry.before, entry.after) for root, entry in entries.items()}
    kept = nearest(roots[:MAX_ROOTS], results)
    still = [root for root in kept if root.above and not _differs(entries[root])]
    if still and len(still) < len(kept):
        names = ", ".join(root.name for root in still)
        diagnostics.note("review-users", f"looked at as well, and nothing changes: {names}")
        kept = [root for root in kept if root not in still]
    for root in kept:
        yield entries[root]


def _differs(entry: Entry) -> bool:
    return any(one.effects_change or one.paths_change for one in entry.transitions)


def _entry(
    root: Root, subject: Subject, words: Sequence[str], before: Version, after: Version
) -> Entry:
    one, two = _both(root, subject.object, before, after)
    given = root.name in subject.roots
    return Entry(root.name, given, one, two, transitions(one, two, after.configs, words))


def _both(
    root: Root, about: str | None, before: Version, after: Version
) -> tuple[PathsResult | None, PathsResult | None]:
    """The paths of a root on both sides; the tree after first if another process is finding out
    meanwhile what those before are."""
    if root.before is not None and before.awaited(root.before, about):
        try:
            two = _paths(after, root.after, about)
        finally:  # what is wrong with the root is said of the tree before, if it is so there
            one = _paths(before, root.before, about)
        return one, two
    one = _paths(before, root.before, about)
    if one is not None:
        after.foresee(one)
    return one, _paths(after, root.after, about)


def _paths(version: Version, name: str | None, about: str | None) -> PathsResult | None:
    found = None if name is None else version.paths_if_known(name, about)
    return None if found is None else replace(found, diagnostics=())


# Lines


def _lines(
    files: Sequence[Applied], shown: Sequence[FileChange], after: Side
) -> Iterator[LineCoverage]:
    for applied, file in zip(files, shown, strict=True):
        if applied.new_path is None or file.silent or applied.skipped or file.unread:
            continue
        added = [
            line
            for block in applied.lines.blocks
            for line in range(block.new_start, block.new_start + block.new_count)
        ]
        yield from coverage(after, applied.new_path, added)

"""Opening a translation unit: an object's command line and source become file scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.csource.sanitizers import read_sanitizers
from analyzer.csource.source_cache import SourceCache
from analyzer.csource.types import I386, X86_64, Abi
from analyzer.csource.unit import TranslationUnit
from analyzer.csource.walk import Evaluator
from analyzer.diagnostics import Diagnostics
from analyzer.generated.autoconf import Autoconf
from analyzer.kbuild.objects import ObjectFile
from analyzer.preprocessor.compiler import CompilerProfile
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.options import read_options
from analyzer.preprocessor.outline import Outline
from analyzer.preprocessor.provider import HeaderProvider
from analyzer.preprocessor.rows import WalkMemo
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.sources import SearchPath, Sources, required
from analyzer.preprocessor.table import Entry, MacroTable
from analyzer.preprocessor.walk import Walker
from analyzer.tree.source_tree import SourceTree


@dataclass(frozen=True, slots=True, eq=False)
class OpenUnit:
    """A preprocessed object, and one evaluator for each ABI that it is compiled for.

    The masks of ``evaluators`` are disjoint and cover ``mask``.
    """

    path: str
    mask: Mask
    unit: TranslationUnit
    evaluators: tuple[tuple[Mask, Abi, Evaluator], ...]
    diagnostics: Diagnostics


class Opener:
    """Opens units of one tree for one ConfigSet; shares what they have in common."""

    __slots__ = (
        "_all",
        "_bases",
        "_cache",
        "_configs",
        "_memos",
        "_narrow",
        "_searches",
        "_sources",
        "_wide",
    )

    def __init__(
        self,
        tree: SourceTree,
        configs: ConfigSet,
        provider: HeaderProvider,
        cache: SourceCache | None = None,
    ) -> None:
        """``cache``: what is known of file contents, shared with others."""
        self._cache = SourceCache() if cache is None else cache
        self._configs = configs
        self._all = configs.all
        self._sources = Sources(tree, provider, configs.all, self._cache.texts)
        self._wide = self._cache.profile("x86_64")
        self._narrow = self._cache.profile("i386")
        self._memos: dict[CompilerProfile, WalkMemo] = {}
        self._bases: dict[Mask, dict[str, Entry]] = {}
        self._searches: dict[tuple[tuple[Mask, str], ...], SearchPath] = {}

    @property
    def files_read(self) -> list[str]:
        """Every file of the tree that was asked for, found or not."""
        return self._sources.read_files

    def skeleton(self, file: str) -> Skeleton | None:
        """The skeleton of a file of the tree, None where there is no such file."""
        return self._sources.file(file)

    def outline(self, skeleton: Skeleton) -> Outline:
        """The declarations of a file."""
        return self._cache.outline(skeleton)

    def forget(self, header: str) -> None:
        """Ask for a generated header anew in what is opened from now on."""
        self._sources.forget(header)
        self._searches.clear()

    def open(self, item: ObjectFile, mask: Mask) -> OpenUnit:
        """Preprocess ``item`` for the configurations of ``mask`` that build it.

        Raises :class:`BadInput` for a missing source, unbalanced conditionals or an
        endless include.
        """
        mask &= item.built
        flags = [(flag.mask, flag.text) for flag in item.flags]
        return self._open(item.path, item.source, mask, flags, item.module & mask)

    def open_plain(self, source: str, flags: Iterable[tuple[Mask, str]]) -> OpenUnit:
        """Preprocess a source that is no object of its own (``kernel/bounds.c``)."""
        return self._open(source, source, self._all, list(flags), 0)

    def _open(
        self, path: str, source: str, mask: Mask, flags: Sequence[tuple[Mask, str]], module: Mask
    ) -> OpenUnit:
        options = read_options(flags)
        sanitizers = read_sanitizers(flags)
        diagnostics = Diagnostics()
        narrow = options.narrow & mask
        table = MacroTable(self._base(options.narrow))
        for where, action in options.actions:
            if not where & mask:
                continue
            if isinstance(action, str):
                table.undefine(action, where & mask)
            else:
                table.define(action, where & mask)
        if module and not table.now("MODULE"):
            table.define(Macro("MODULE", None, False, "1", "<command-line>", 0), module)
        search = self._searches.get(options.directories)
        if search is None:
            search = SearchPath(self._sources, options.directories, self._all)
            self._searches[options.directories] = search
        profile: CompilerProfile = self._narrow if narrow == mask else self._wide
        memo = self._memos.setdefault(profile, WalkMemo())
        walker = Walker(table, search, profile, memo, diagnostics)
        for where, name in options.forced:
            walker.force_include(name, where & mask)
        walker.walk(required(self._sources, source), mask)
        unit = TranslationUnit(source, mask, table, walker.inclusions, self._cache)
        evaluators = tuple(
            (part, abi, Evaluator(unit, replace(abi, char_signed=False), sanitizers))
            for part, abi in ((mask & ~narrow, X86_64), (narrow, I386))
            if part
        )
        return OpenUnit(path, mask, unit, evaluators, diagnostics)

    def _base(self, narrow: Mask) -> dict[str, Entry]:
        """The macros defined before the first line: the compiler's and ``autoconf.h``'s."""
        known = self._bases.get(narrow)
        if known is not None:
            return known
        base: dict[str, Entry] = {}
        for profile, mask in ((self._wide, self._all & ~narrow), (self._narrow, narrow)):
            for macro in profile.macros if mask else ():
                before: Sequence[tuple[Mask, Macro]] = base.get(macro.name, (0, ()))[1]
                base[macro.name] = (0, (*before, (mask, macro)))
            for operator in profile.operators if mask else ():
                base.setdefault(operator, (0, ()))
        base.update(self._autoconf())
        self._bases[narrow] = base
        return base

    def _autoconf(self) -> dict[str, Entry]:
        autoconf = Autoconf(self._configs)
        entries: dict[str, Entry] = {}
        for symbol in self._configs.symbols():
            for name in (f"CONFIG_{symbol}", f"CONFIG_{symbol}_MODULE"):
                definitions = tuple(
                    (mask, self._cache.configured(name, text))
                    for mask, text in autoconf.definitions(name)
                )
                if definitions:
                    entries[name] = (0, definitions)
        return entries

"""One run's view of a kernel: tree, configurations, makefiles, headers and open units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.callgraph.deferred import DeferredConstants
from analyzer.callgraph.opening import Opener
from analyzer.callgraph.program import Doubt
from analyzer.callgraph.standins import doubts
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.csource.source_cache import SourceCache
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.generated.constants import EvaluatedConstants, OpenedUnit
from analyzer.generated.headers import GeneratedHeaders
from analyzer.kbuild.model import KbuildModel
from analyzer.kbuild.objects import Masked, ObjectFile
from analyzer.location import Location
from analyzer.preprocessor.outline import Outline
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.primitives.knowledge import Knowledge, load_knowledge
from analyzer.tree.outside import absence
from analyzer.tree.source_tree import DirectoryTree, SourceTree

_TYPICAL = ("kernel", "init", "mm", "lib")
"""Directories one of whose objects shows the options every kernel source is built with."""


class Session:
    """Opens units on demand and keeps those that are asked for again."""

    __slots__ = (
        "_constants",
        "_headers",
        "_kbuild",
        "_knowledge",
        "_opener",
        "_units",
        "arch",
        "configs",
        "diagnostics",
        "listing",
        "objtree",
        "tree",
    )

    def __init__(
        self,
        tree: SourceTree,
        arch: str,
        configs: ConfigSet,
        diagnostics: Diagnostics,
        *,
        objtree: DirectoryTree | None = None,
        knowledge: Knowledge | None = None,
        cache: SourceCache | None = None,
    ) -> None:
        """Read the top makefiles; raises :class:`BadInput` if ``tree`` is no kernel.

        ``cache``: what is known of file contents, shared with other sessions.

        Without ``knowledge``, the bundled one is read when it is asked for.
        """
        self.tree = tree
        self.arch = arch
        self.configs = configs
        self.diagnostics = diagnostics
        self.objtree = objtree
        self._knowledge = knowledge
        self._kbuild = KbuildModel(tree, arch, configs, diagnostics)
        self._constants = DeferredConstants(tree, EvaluatedConstants(tree, self._open_plain))
        self._headers = GeneratedHeaders(
            tree, arch, configs, diagnostics, objtree=objtree, offsets=self._constants
        )
        self._opener = Opener(tree, configs, self._headers, cache)
        self._units: dict[str, UnitAnalysis] = {}
        self.listing: Callable[[], Sequence[ObjectFile]] = self._kbuild.objects
        """Lists the whole tree's objects; options may be missing from what it gives."""

    @property
    def knowledge(self) -> Knowledge:
        """What is known of general kernel functions."""
        if self._knowledge is None:
            self._knowledge = load_knowledge()
        return self._knowledge

    @property
    def kbuild(self) -> KbuildModel:
        """What the makefiles say."""
        return self._kbuild

    @property
    def files_read(self) -> list[str]:
        """The tree's files that were asked for, found or not."""
        return self._opener.files_read

    def objects(self, file: str) -> Sequence[ObjectFile]:
        """The objects that ``file`` names: an object, a source, or the C objects in and
        below a directory, which ends in ``/``; of these, not what is made of sources that the
        build itself writes.

        Raises :class:`BadInput` if there is no such file in the tree, or nothing is
        built from it.
        """
        if file.endswith("/"):
            found = self._objects_below(file.rstrip("/"))
            return [item for item in found if item.source.endswith(".c") and self._is_at_hand(item)]
        if file.endswith(".o"):
            one = self._kbuild.object(file)
            items: tuple[ObjectFile, ...] = () if one is None else (one,)
        else:
            if not self.tree.is_file(file):
                raise BadInput(absence(self.tree, file, "no such file in the tree"), file)
            items = self._kbuild.objects_of_source(file)
        built = [item for item in items if item.built]
        if not built:
            symbols = self.unset_for(file)
            why = f": {', '.join(f'CONFIG_{name}=n' for name in symbols)}" if symbols else ""
            raise BadInput(f"not built in any of the configurations{why}", file)
        return built

    def sources(self, file: str) -> Sequence[ObjectFile]:
        """The objects built from a source in some configuration; none if it is never built.

        Raises :class:`BadInput` if there is no such file in the tree.
        """
        if file.endswith(".o"):
            return self.objects(file)
        if not self.tree.is_file(file):
            raise BadInput(absence(self.tree, file, "no such file in the tree"), file)
        return [item for item in self._kbuild.objects_of_source(file) if item.built]

    def unset_for(self, source: str) -> tuple[str, ...]:
        """The symbols whose being unset keeps a source from being built somewhere."""
        if source.endswith(".o"):
            return ()
        absences = self._kbuild.why_absent(source)
        return tuple(dict.fromkeys(absence.symbol for absence in absences))

    def analysis(self, item: ObjectFile) -> UnitAnalysis:
        """The functions of an object in all configurations that build it."""
        known = self._units.get(item.path)
        if known is None:
            opened = self._opener.open(item, self.configs.all)
            demanded = self._constants.demanded(one.skeleton for one in opened.unit.inclusions)
            for header in demanded:
                self._headers.forget(header)
                self._opener.forget(header)
            if demanded:
                opened = self._opener.open(item, self.configs.all)
            for diagnostic in opened.diagnostics:
                self.diagnostics.add(diagnostic)
            known = self._units[item.path] = UnitAnalysis(opened, self.diagnostics)
        return known

    def opened(self) -> Sequence[UnitAnalysis]:
        """The units that have been opened and not forgotten, in the order of opening."""
        return tuple(self._units.values())

    def skeleton(self, file: str) -> Skeleton | None:
        """The directives and text of a file of the tree, None where there is no such file."""
        return self._opener.skeleton(file)

    def outline(self, skeleton: Skeleton) -> Outline:
        """The external declarations of a file; made once for all who ask."""
        return self._opener.outline(skeleton)

    def in_doubt(self, unit: str, condition: Location, text: str, mask: Mask) -> list[Doubt]:
        """The stand-in headers on which the conditional at ``condition``, written ``text``,
        may depend in a unit that has been opened."""
        analysis = self._units.get(unit)
        if analysis is None or not self._headers.has_stand_ins:
            return []
        inclusions = analysis.opened.unit.inclusions
        table = analysis.opened.unit.table
        return list(doubts(inclusions, table, self._headers.stand_in, condition, text, mask))

    def forget(self, item: ObjectFile) -> None:
        """Let go of a unit that will not be asked for again."""
        self._units.pop(item.path, None)

    def _is_at_hand(self, item: ObjectFile) -> bool:
        """Whether an object is built from a source that the tree has."""
        if not item.built or self.tree.is_file(item.source):
            return bool(item.built)
        text = f"{item.source} is written by the build, {item.path} is left out"
        self.diagnostics.note("generated-source", text)
        return False

    def _objects_below(self, directory: str) -> Iterator[ObjectFile]:
        yield from self._kbuild.objects_in_directory(directory)
        for name in self.tree.listdir(directory):
            if name.endswith("/"):
                yield from self._objects_below(f"{directory}/{name[:-1]}")

    def _open_plain(self, source: str) -> Sequence[OpenedUnit]:
        opened = self._opener.open_plain(source, [(m.mask, m.text) for m in self._common_flags()])
        return [OpenedUnit(opened.unit, abi, mask) for mask, abi, _ in opened.evaluators]

    def _common_flags(self) -> list[Masked]:
        for directory in _TYPICAL:
            for item in self._kbuild.objects_in_directory(directory):
                if item.source.endswith(".c"):
                    return [
                        flag
                        for flag in item.flags
                        if "KBUILD_" not in flag.text and flag.text != f"-I{directory}"
                    ]
        return []

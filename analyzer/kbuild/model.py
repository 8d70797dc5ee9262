"""The build of a kernel tree as objects over configurations, worked out on demand.

:class:`KbuildModel` descends like make does, but only along the directories that a
question needs: ``mm/memory.c`` needs the top makefiles and ``mm/Makefile``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.configset.configset import ConfigSet, Mask
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.absence import entered_directories, is_named, why_absent
from analyzer.kbuild.directory import Member
from analyzer.kbuild.evaluator import Evaluator
from analyzer.kbuild.frame import tree_path
from analyzer.kbuild.goals import Solver
from analyzer.kbuild.node import VMLINUX, DirectoryNode, ObjectMaker
from analyzer.kbuild.objects import Absence, ObjectFile
from analyzer.kbuild.processes import Process, load_library, run_directory, run_top
from analyzer.kbuild.values import words
from analyzer.location import Location
from analyzer.tree.outside import REFUSED, absence
from analyzer.tree.source_tree import SourceTree


class KbuildModel:
    """Answers which objects there are, where, in which image, with which flags."""

    __slots__ = (
        "_all",
        "_archives",
        "_entered",
        "_evaluator",
        "_home",
        "_library",
        "_lists",
        "_maker",
        "_nodes",
        "_root",
        "_solver",
        "_top",
        "_whole",
    )

    def __init__(
        self, tree: SourceTree, arch: str, configs: ConfigSet, diagnostics: Diagnostics
    ) -> None:
        """Evaluate the top makefiles; the rest follows on demand.

        ``arch`` is what ``make ARCH=`` is given. Raises :class:`BadInput` if ``tree``
        lacks the makefiles of a kernel, or one that is read has a syntax error.
        """
        self._all = configs.all
        self._evaluator = Evaluator(tree, configs, diagnostics)
        top = run_top(self._evaluator, arch)
        self._library = load_library(self._evaluator, top)
        self._maker = ObjectMaker(self._evaluator, self._library)
        self._nodes: dict[str, DirectoryNode] = {}
        self._lists: dict[str, tuple[ObjectFile, ...]] = {}
        self._whole = False
        self._entered: frozenset[str] | None = None
        self._top = DirectoryNode.of(self._evaluator, top)
        self._evaluator.frame = top.frame
        sourcearch = words(self._evaluator.value_of("SRCARCH", self._all), self._all)
        home = self._home = f"arch/{sourcearch[0][1]}/" if sourcearch else "arch/"
        self._solver = Solver(
            self._evaluator, self._library, self._open, lambda path: f"{path}/".startswith(home)
        )
        self._archives: dict[str, dict[str, Mask]] = {}
        root = self._open(".", top)
        if root is None:
            root = self._top
        root.builtin = root.modules = root.visited = self._all
        self._root = root
        self._read_vmlinux_archives(top)
        self._solver.visit(self._top, "all", self._all)

    # questions

    def objects_of_source(self, source: str) -> tuple[ObjectFile, ...]:
        """The objects compiled from ``source`` in some configuration; empty if none.

        Looked for in the source's own directories and the images that rules have led to
        so far (the boot image at least); only if no makefile on the way names it, in the
        whole tree.
        """
        source = tree_path(source)
        directory = source.rpartition("/")[0] or "."
        found = [each for each in self._near(directory) if each.source == source]
        for compiled in list(self._solver.compiled.values()):
            if compiled.source == source and all(compiled.path != each.path for each in found):
                node = self._nodes[compiled.process.directory]
                found += [each for each in self._objects_of(node) if each.path == compiled.path]
        if not found and self._may_be_elsewhere(source):
            found = [each for each in self.objects() if each.source == source]
        return tuple(found)

    def _may_be_elsewhere(self, source: str) -> bool:
        """Whether a source that nothing nearby compiles could be compiled from afar."""
        if not self._evaluator.tree.is_file(source):
            return False
        return not is_named(self._evaluator, self._library, self._root, source)

    def objects_in_directory(self, directory: str) -> tuple[ObjectFile, ...]:
        """The objects whose file lies in ``directory`` itself, as its makefiles list them."""
        directory = tree_path(directory) or "."
        prefix = "" if directory == "." else directory + "/"
        return tuple(
            each
            for each in self._near(directory)
            if each.path.startswith(prefix) and "/" not in each.path[len(prefix) :]
        )

    def object(self, path: str) -> ObjectFile | None:
        """The object file ``path``; None if it is built in no configuration."""
        path = tree_path(path)
        directory = path.rpartition("/")[0] or "."
        for each in self._near(directory):
            if each.path == path:
                return each
        return next((each for each in self.objects() if each.path == path), None)

    def objects(self) -> tuple[ObjectFile, ...]:
        """All objects of the tree that are built in some configuration, each once."""
        if not self._whole:
            self._walk([self._root], None)
            self._whole = True
            self._solve_all(None)
        return tuple(self._unique(self._nodes.values()))

    def why_absent(self, source: str) -> tuple[Absence, ...]:
        """The unset symbols on the makefile lines that would build ``source``.

        Empty when it is built in all configurations, or no makefile line names it.
        """
        source = tree_path(source)
        built = 0
        for each in self.objects_of_source(source):
            built |= each.built
        missing = self._all & ~built
        return why_absent(self._evaluator, self._library, self._root, source, missing)

    def is_part(self, path: str) -> bool:
        """Whether a file lies where kernels of this architecture are built from: in the
        architecture's directory, below one that the top makefiles list (whatever the
        configuration), among the headers, or at the top."""
        path = tree_path(path)
        if self._entered is None:
            found = entered_directories(self._evaluator, (self._root, self._top))
            self._entered = found | {self._home, "include/"}
        directory = path.rpartition("/")[0]
        return directory in ("", "arch") or path.startswith(tuple(self._entered))

    def lists(self, source: str) -> bool:
        """Whether a makefile on the way to ``source`` lists its object, in whatever
        configuration."""
        return is_named(self._evaluator, self._library, self._root, tree_path(source))

    # descending

    def _near(self, directory: str) -> Iterator[ObjectFile]:
        """Objects listed by the directories on the way to ``directory``, and it."""
        if not self._whole:
            self._walk([self._root], directory)
        self._solve_all(directory)
        near = [
            node
            for path, node in self._nodes.items()
            if path in (".", directory)
            or directory.startswith(path + "/")
            or path.startswith(directory + "/")
        ]
        return self._unique(near)

    def _solve_all(self, toward: str | None) -> None:
        """Follow the rules of all directories known, or of those ``toward`` one."""
        before = -1
        while len(self._nodes) != before:
            before = len(self._nodes)
            for path, node in list(self._nodes.items()):
                if toward is None or path in (".", toward) or toward.startswith(path + "/"):
                    self._solve(node)
        for changed in self._solver.changed:
            self._lists.pop(changed, None)
        self._solver.changed.clear()

    def _unique(self, nodes: Iterable[DirectoryNode]) -> Iterator[ObjectFile]:
        seen: set[str] = set()
        for node in nodes:
            for each in self._objects_of(node):
                if each.path not in seen:
                    seen.add(each.path)
                    yield each

    def _walk(self, start: list[DirectoryNode], toward: str | None) -> None:
        """Descend from ``start``: everywhere, or only ``toward`` a directory."""
        work = list(start)
        descended: set[str] = set()
        while work:
            node = work.pop()
            for path, how in node.listing.subdirectories.items():
                if toward is not None and path != toward and not toward.startswith(path + "/"):
                    continue
                visited = how.visited & node.visited
                if not visited:
                    continue
                child = self._open(path, node.process)
                if child is None:
                    continue
                before = (child.builtin, child.modules, child.visited)
                child.builtin |= how.builtin & node.builtin
                child.modules |= how.modules & node.modules
                child.visited |= visited
                changed = before != (child.builtin, child.modules, child.visited)
                child.symbols.update(node.symbols)
                child.symbols.update(how.symbols)
                if changed:
                    self._lists.pop(path, None)
                if changed or path not in descended:
                    descended.add(path)
                    work.append(child)

    def _open(self, path: str, parent: Process) -> DirectoryNode | None:
        node = self._nodes.get(path)
        if node is None:
            process = run_directory(self._evaluator, self._library, path, parent)
            if process is None:
                why = absence(self._evaluator.tree, path, "has no Kbuild or Makefile")
                self._evaluator.diagnostics.warning(
                    "kbuild-no-makefile",
                    f"{path}/ is to be built but {why}",
                    Location(parent.makefile, 1),
                )
                return None
            node = self._nodes[path] = DirectoryNode.of(self._evaluator, process)
        return node

    # objects of a directory

    def _objects_of(self, node: DirectoryNode) -> tuple[ObjectFile, ...]:
        known = self._lists.get(node.path)
        if known is None:
            known = self._lists[node.path] = tuple(self._make_objects(node))
        return known

    def _make_objects(self, node: DirectoryNode) -> Iterator[ObjectFile]:
        own: set[str] = set()
        archive = self._archive_images(node.target("lib.a"))
        for member in node.listing.members.values():
            if not any(node.masks(member)):
                continue
            target = node.target(member.word)
            made = self._solver.compiled.get(target)
            if made is not None:
                source: str | None = made.source
            else:
                source = self._maker.plain_source(target)
            if source is None:
                making = node.book.making(target)
                source = None if making is None else making.implicit
                if making is None or not (making.recipe or source):
                    self._report_sourceless(node, member, target)
            if source is None:
                continue
            own.add(target)
            yield self._maker.of_member(node, member, source, archive, made)
        for compiled in self._solver.by_directory.get(node.path, ()):
            if compiled.path in own:
                continue
            images = dict(compiled.images)
            in_archive = images.pop(node.target("lib.a"), 0)
            if in_archive:
                for name, mask in archive.items():
                    images[name] = images.get(name, 0) | (mask & in_archive)
            yield self._maker.of_compiled(node, compiled, images, bool(in_archive))

    def _solve(self, node: DirectoryNode) -> None:
        """Follow the rules behind what the directory builds, where it has any."""
        fresh = node.visited & ~node.solved
        if not fresh:
            return
        node.solved |= fresh
        if not node.process.frame.rules and not node.listing.extra:
            return
        for word, entry in node.listing.extra.items():
            self._solver.visit(node, node.target(word), entry.mask & fresh)
        for member in node.listing.members.values():
            builtin, module, library = node.masks(member)
            target = node.target(member.word)
            self._solver.visit(node, target, builtin & fresh, VMLINUX)
            for where, stem in member.modules:
                self._solver.visit(node, target, where & module & fresh, node.target(stem))
            if library & fresh:
                self._solver.visit(node, target, library & fresh, node.target("lib.a"))

    def _report_sourceless(self, node: DirectoryNode, member: Member, target: str) -> None:
        if not member.word.endswith(".o"):
            return
        what = "neither a source nor a rule for it was found"
        source = self._maker.refused_source(target)
        if source is not None:
            what = f"{source} {REFUSED}"
        self._evaluator.diagnostics.warning(
            "kbuild-no-source",
            f"{target} is to be built, but {what}",
            Location(node.process.makefile, 1),
        )

    def _read_vmlinux_archives(self, top: Process) -> None:
        """``lib.a`` archives that the top Makefile links into the kernel image."""
        self._evaluator.frame = top.frame
        for name in ("KBUILD_VMLINUX_OBJS", "KBUILD_VMLINUX_LIBS"):
            for mask, word in words(self._evaluator.value_of(name, self._all), self._all):
                if word.endswith("lib.a"):
                    images = self._archives.setdefault(tree_path(word), {})
                    images[VMLINUX] = images.get(VMLINUX, 0) | mask

    def _archive_images(self, archive: str) -> dict[str, Mask]:
        images = dict(self._archives.get(archive, {}))
        for path, mask, image in self._solver.archives:
            if path == archive:
                images[image] = images.get(image, 0) | mask
        return images

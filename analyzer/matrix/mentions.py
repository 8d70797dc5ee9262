"""Which CONFIG symbols the sources of a path ask for, and where: evidence for varying them.

Looked at are the conditionals that govern the edges of a path and their guards, all
conditionals inside the functions and macros on it (those that are off too: another
configuration may turn them on), the makefile lines that decide the objects of those
functions, and those that decide the descriptors of the platforms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from analyzer.callgraph.conditionals import conditionals_at
from analyzer.callgraph.session import Session
from analyzer.location import Location
from analyzer.matrix.result import Statement
from analyzer.paths.result import LimitReason, Node, NodeKind, PathsResult
from analyzer.platforms.knowledge import boot_knowledge
from analyzer.platforms.written import announced
from analyzer.preprocessor.directive import Op, Test
from analyzer.preprocessor.outline import Outline, RawDeclaration

_CONFIG_NAME = re.compile(r"\bCONFIG_(\w+)")

_NOT_LOOKED_INTO = frozenset((LimitReason.PRIMITIVE, LimitReason.OBJECT, LimitReason.DEPTH))

MAX_EVIDENCE = 4
"""Places that are kept for one symbol."""


class Mentions:
    """Collects symbols with the places that ask for them, in order of first mention."""

    __slots__ = ("_found", "_session")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[str, dict[Statement, None]] = {}

    def of(self, paths: PathsResult) -> Mapping[str, tuple[Statement, ...]]:
        """The symbols that ``paths`` depend on, by name without ``CONFIG_``."""
        for edge in paths.edges:
            for conditional in edge.conditionals:
                self._add(conditional.text, conditional.location)
            for guard in edge.guards:
                self._add(guard.text, edge.location)
        unfollowed = {limit.node for limit in paths.limits if limit.reason in _NOT_LOOKED_INTO} - {
            edge.source for edge in paths.edges
        }
        roots = set(paths.roots)
        for node in paths.nodes:
            if node.location is None:
                continue
            if node.id in roots:
                self._around(node.location)
            if node.id not in unfollowed:
                self._inside(node, node.location)
        for file in dict.fromkeys(_sources(paths.nodes)):
            self._built_by(file)
        if paths.platforms or any(edge.slot for edge in paths.edges):
            self._platforms()
        return {name: tuple(places)[:MAX_EVIDENCE] for name, places in self._found.items()}

    def _add(self, text: str, location: Location | None) -> None:
        for name in _CONFIG_NAME.findall(text):
            self._found.setdefault(name, {})[Statement(text, location)] = None

    def _around(self, location: Location) -> None:
        skeleton = self._session.skeleton(location.file)
        if skeleton is not None:
            for text, place in conditionals_at(skeleton, location.line):
                self._add(text, place)

    def _inside(self, node: Node, location: Location) -> None:
        skeleton = self._session.skeleton(location.file)
        if skeleton is None:
            return
        if node.kind is NodeKind.MACRO:
            self._around(location)
            return
        outline = self._session.outline(skeleton)
        declaration = _declaration_at(outline, node.name, location.line)
        if declaration is None:
            return
        for number in range(declaration.first, declaration.last + 1):
            item = skeleton.items[number]
            if item.op in (Op.IF, Op.ELIF) and isinstance(item.value, Test):
                self._add(item.value.text, Location(location.file, item.line))
            elif item.op is Op.TEXT and isinstance(item.value, str):
                start = declaration.start if number == declaration.first else 0
                end = declaration.end if number == declaration.last else len(item.value)
                if "CONFIG_" in item.value[start:end]:
                    first = item.line + item.value.count("\n", 0, start)
                    self._in_text(item.value[start:end], location.file, first)

    def _in_text(self, text: str, file: str, first: int) -> None:
        """``IS_ENABLED(CONFIG_X)`` and the like; ``first`` is the line that ``text`` begins on."""
        for line, written in enumerate(text.split("\n"), first):
            if "CONFIG_" in written:
                self._add(written.strip(), Location(file, line))

    def _built_by(self, file: str) -> None:
        items = self._session.kbuild.objects_of_source(file)
        names = dict.fromkeys(name for item in items for name in item.governed_by)
        names.update(dict.fromkeys(self._session.unset_for(file)))
        for name in names:
            statement = Statement(f"{file} is built", self._makefile_line(file, name))
            self._found.setdefault(name, {})[statement] = None

    def _makefile_line(self, file: str, symbol: str) -> Location | None:
        """The first line of a makefile on the way to ``file`` that names ``symbol``."""
        pattern = re.compile(rb"\bCONFIG_%s\b" % re.escape(symbol.encode()))
        directory = file.rpartition("/")[0]
        while directory:
            for name in ("Kbuild", "Makefile"):
                data = self._session.tree.read(f"{directory}/{name}")
                found = None if data is None else pattern.search(data)
                if data is not None and found is not None:
                    line = data.count(b"\n", 0, found.start()) + 1
                    return Location(f"{directory}/{name}", line)
            directory = directory.rpartition("/")[0]
        return None

    def _platforms(self) -> None:
        session = self._session
        knowledge = boot_knowledge(session.knowledge)
        for each in announced(session.tree, session.arch, knowledge):
            self._built_by(each.location.file)


def _sources(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if node.location is not None and node.location.file.endswith(".c"):
            yield node.location.file


def _declaration_at(outline: Outline, name: str, line: int) -> RawDeclaration | None:
    """The declaration of ``name`` that begins last before ``line`` ends."""
    best: RawDeclaration | None = None
    for number in outline.names.get(name, ()):
        declaration = outline.declarations[number]
        if declaration.line <= line and (best is None or declaration.line > best.line):
            best = declaration
    return best

"""Constants of structures' layouts, computed only once a conditional asks for one of them.

Nearly every unit reads ``asm-offsets.h`` (since Linux 7.0 ``rq-offsets.h`` too), and C sources
use the names in the text of asm statements or as plain numbers only; computing them takes as
long as a unit does. A unit is therefore opened without them. Where a conditional that it
reads names one, they are computed and the unit is opened again. In a C expression a constant
that was not computed counts as not known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from analyzer.generated.offsets import Constant
from analyzer.preprocessor.directive import Test
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.token import is_identifier
from analyzer.tree.source_tree import SourceTree

_HEADER = "include/generated/{}.h"
"""What the constants of a source of that name are written to (top ``Kbuild``)."""

_SOURCE = "-offsets.c"
_USE = re.compile(rb"^[ \t]*\w+\([ \t]*(\w+)[ \t]*[,)]", re.MULTILINE)
_PASTED = re.compile(rb"\b(\w+)[ \t]*##")
_INCLUDED = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+\.c)"', re.MULTILINE)


class DeferredConstants:
    """An :data:`~analyzer.generated.offsets.OffsetSource` that leaves out offsets until
    they are :meth:`demanded`."""

    __slots__ = ("_computed", "_names", "_source", "_tested", "_tree")

    def __init__(self, tree: SourceTree, source: Callable[[str], Sequence[Constant]]) -> None:
        self._tree = tree
        self._source = source
        self._computed: dict[str, Sequence[Constant]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._tested: dict[Skeleton, frozenset[str]] = {}

    def __call__(self, source: str) -> Sequence[Constant]:
        """The constants of a C file; none yet for one that makes offsets."""
        if not source.endswith(_SOURCE):
            return self._source(source)
        known = self._computed.get(source)
        if known is None:
            self._names.setdefault(source, frozenset(self._named(source)))
            return ()
        return known

    def demanded(self, skeletons: Iterable[Skeleton]) -> list[str]:
        """Compute what the conditionals of these files ask for; the headers that change."""
        left = [source for source in self._names if source not in self._computed]
        wanted = [
            source
            for source in left
            if any(not self._names[source].isdisjoint(self._tests(file)) for file in skeletons)
        ]
        for source in wanted:
            self._computed[source] = self._source(source)
        stems = (posixpath.basename(source).removesuffix(".c") for source in wanted)
        return [_HEADER.format(stem) for stem in stems]

    def _named(self, source: str) -> Iterator[str]:
        """What the file may define: the first words of its macro uses, behind what its
        macros paste before them."""
        data = self._tree.read(source) or b""
        for name in _INCLUDED.findall(data):
            beside = f"{posixpath.dirname(source)}/{name.decode('utf-8', 'surrogateescape')}"
            data += self._tree.read(beside) or b""
        prefixes = {b"", *_PASTED.findall(data)}
        for word in set(_USE.findall(data)):
            for prefix in prefixes:
                yield (prefix + word).decode("utf-8", "surrogateescape")

    def _tests(self, skeleton: Skeleton) -> frozenset[str]:
        known = self._tested.get(skeleton)
        if known is None:
            tests = (item.value for item in skeleton.items if isinstance(item.value, Test))
            names = (name for test in tests for name in _names(test))
            known = self._tested[skeleton] = frozenset(names)
        return known


def _names(test: Test) -> Iterator[str]:
    """The identifiers in a condition."""
    if test.name:
        yield test.name
    for part in test.parts:
        yield from _names(part)
    for token in test.tokens:
        if is_identifier(token[0]):
            yield token[0]

"""Generated files outside the folders of generated headers: next to the sources.

The makefile of the directory makes them, or that of a directory above when the file lies in
a folder that only a build has (``generated/x.h``), or that of a directory below that names it
as ``../x.h``. A makefile that does not even contain the name is not evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.generated.extracts import asn1_header, asn1_source
from analyzer.generated.recipes import Recipe, Recipes
from analyzer.location import Location
from analyzer.tree.source_tree import SourceTree

_ASN1 = ".asn1"
_MAKEFILES = ("Kbuild", "Makefile")


@dataclass(frozen=True, slots=True)
class Found:
    """A makefile makes the file: by ``recipes``, or it only names it at ``named``."""

    recipes: tuple[Recipe, ...]
    named: Location


@dataclass(frozen=True, slots=True)
class _Place:
    """A makefile that may make files of one directory.

    It calls such a file ``prefix`` and the name; from ``above``, the name may be a pattern.
    """

    makefile: str
    content: bytes
    prefix: str
    above: bool


class Beside:
    """Finds what makes a file next to the sources."""

    __slots__ = ("_places", "_recipes", "_tree")

    def __init__(self, tree: SourceTree, recipes: Recipes) -> None:
        self._tree = tree
        self._recipes = recipes
        self._places: dict[str, tuple[_Place, ...]] = {}

    def whole(self, path: str) -> str | None:
        """The text of a file that the tree holds in another form; None if it does not.

        A copy that the build takes as it is (``x.h_shipped``), or a grammar (``x.asn1``).
        """
        if (raw := self._tree.read(f"{path}_shipped")) is not None:
            return raw.decode("utf-8", "surrogateescape")
        stem, _, kind = path.rpartition(".")
        if kind not in ("c", "h") or not stem.endswith(_ASN1):
            return None
        raw = self._tree.read(stem)
        if raw is None:
            return None
        grammar = raw.decode("utf-8", "surrogateescape")
        name = stem.rpartition("/")[2][: -len(_ASN1)]
        return asn1_header(grammar, name) if kind == "h" else asn1_source(grammar, name)

    def found(self, path: str) -> Found | None:
        """The rule or the list that says ``path`` is generated; None if nothing does."""
        directory, _, name = path.rpartition("/")
        if directory not in self._places:
            self._places[directory] = tuple(self._places_for(directory))
        for place in self._places[directory]:
            text = place.prefix.encode() + (b"" if place.above else name.encode())
            if text not in place.content:
                continue
            made = self._recipes.recipes(place.makefile, path)
            if made or self._recipes.lists_target(place.makefile, path):
                line = place.content.count(b"\n", 0, place.content.index(text)) + 1
                return Found(made, Location(place.makefile, line))
        return None

    def _places_for(self, directory: str) -> Iterator[_Place]:
        listed = self._tree.listdir(directory)
        if not listed:
            above, inside = directory, ""
            while above and not self._tree.listdir(above):
                above, _, last = above.rpartition("/")
                inside = f"{last}/{inside}"
            yield from self._makefile(above, inside, above=True)
            return
        own = list(self._makefile(directory, ""))
        yield from own
        for name in listed if own else ():
            if name.endswith("/"):
                for place in self._makefile(f"{directory}/{name[:-1]}".lstrip("/"), "../"):
                    if b"$(obj)/../" in place.content:
                        yield place

    def _makefile(self, directory: str, prefix: str, above: bool = False) -> Iterator[_Place]:
        """The makefile of ``directory`` (``Kbuild`` comes before ``Makefile``), if it has one."""
        for name in _MAKEFILES:
            path = f"{directory}/{name}" if directory else name
            if (content := self._tree.read(path)) is not None:
                yield _Place(path, content, prefix, above)
                return

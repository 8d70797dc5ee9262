"""From the command of a makefile recipe to the text that it would write.

Nothing is run. The generators that the kernel's makefiles call are known by what they are
called in the tree, and what each does is in a module of its own; a command that is not
known here is answered by None.
"""

from __future__ import annotations

import posixpath

from analyzer.configset.configset import ConfigSet
from analyzer.diagnostics import Diagnostics
from analyzer.generated.cpufeatures import cpu_feature_masks
from analyzer.generated.extracts import hypercall_header, orc_hash_header
from analyzer.generated.offsets import OffsetSource, offsets_header
from analyzer.generated.parts import PartedHeader
from analyzer.generated.recipes import Recipe
from analyzer.generated.syscalls import (
    TableOptions,
    entry_header,
    number_header,
    parse_options,
    read_table,
    unimplemented_entry,
)
from analyzer.generated.timeconst import timeconst_header
from analyzer.kbuild.frame import tree_path
from analyzer.location import Location
from analyzer.numerals import whole
from analyzer.tree.source_tree import SourceTree

_OFFSETS = "offsets"


class Commands:
    """Answers recipes of one tree."""

    __slots__ = ("_configs", "_diagnostics", "_offsets", "_tree")

    def __init__(
        self,
        tree: SourceTree,
        configs: ConfigSet,
        diagnostics: Diagnostics,
        offsets: OffsetSource | None,
    ) -> None:
        self._tree = tree
        self._configs = configs
        self._diagnostics = diagnostics
        self._offsets = offsets

    def answer(self, path: str, recipe: Recipe) -> PartedHeader | None:
        """The header ``path`` as ``recipe`` makes it; None if its command is not known.

        Raises :class:`BadInput` for an input file that the generator could not read either.
        """
        if recipe.name == _OFFSETS:
            return self._constants(path, recipe)
        for index, word in enumerate(recipe.words):
            name = posixpath.basename(word.strip("\"'"))
            rest = recipe.words[index + 1 :]
            if name in ("syscallhdr.sh", "syscalltbl.sh"):
                return self._table(path, recipe, tree_path(word), rest)
            if name == "orc_hash.sh" and rest[:1] == ("<",):
                source = self._text(tree_path(rest[1]))
                return None if source is None else _everywhere(recipe, orc_hash_header(source))
            if name.endswith("hypercalls.sh"):
                return self._hypercalls(recipe, tree_path(word.strip("\"'")), rest)
            if name == "cpufeaturemasks.awk" and rest:
                return self._features(path, recipe, tree_path(rest[0]))
            if name == "timeconst.bc" and recipe.words[:1] == ("echo",):
                hz = recipe.words[1]
                return _everywhere(recipe, timeconst_header(whole(hz))) if hz.isdecimal() else None
        return None

    def _table(
        self, path: str, recipe: Recipe, script: str, arguments: tuple[str, ...]
    ) -> PartedHeader | None:
        options = parse_options(arguments)
        table = None if options is None else self._text(tree_path(options.table))
        if options is None or table is None:
            return None
        file = tree_path(options.table)
        calls = read_table(table, file, options.abis)
        if script.endswith("syscallhdr.sh"):
            return _everywhere(recipe, number_header(calls, options, posixpath.basename(path)))
        if options != TableOptions(options.table, options.abis):
            return None
        unimplemented = unimplemented_entry(self._text(script) or "")
        if unimplemented is None:
            return None
        return _everywhere(recipe, entry_header(calls, unimplemented, file))

    def _hypercalls(
        self, recipe: Recipe, script: str, arguments: tuple[str, ...]
    ) -> PartedHeader | None:
        sources = [self._text(tree_path(word)) for word in arguments[1:]]
        body = self._text(script)
        if body is None or not sources or None in sources:
            return None
        text = hypercall_header(body, [source for source in sources if source is not None])
        return None if text is None else _everywhere(recipe, text)

    def _features(self, path: str, recipe: Recipe, list_path: str) -> PartedHeader | None:
        source = self._text(list_path)
        if source is None:
            return None
        return cpu_feature_masks(path, recipe.mask, source, list_path, self._configs)

    def _constants(self, path: str, recipe: Recipe) -> PartedHeader | None:
        assembly = next((each for each in recipe.prerequisites if each.endswith(".s")), None)
        if assembly is None or self._offsets is None:
            return None
        source = assembly[:-2] + ".c"
        if not self._tree.is_file(source):
            return None
        constants = tuple(self._offsets(source))
        unknown = [each for each in constants if each.undecided & recipe.mask]
        if unknown:
            names = ", ".join(each.name for each in unknown[:8])
            more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
            self._diagnostics.warning(
                "offset-undecided",
                f"{len(unknown)} of {len(constants)} constants of {path} could not be computed "
                f"and are left undefined: {names}{more}",
                Location(unknown[0].file, unknown[0].line),
            )
        return offsets_header(path, recipe.mask, recipe.arguments or "__OFFSETS_H__", constants)

    def _text(self, path: str) -> str | None:
        raw = self._tree.read(path)
        return None if raw is None else raw.decode("utf-8", "surrogateescape")


def _everywhere(recipe: Recipe, text: str) -> PartedHeader:
    """One text wherever the recipe is run."""
    return PartedHeader(((recipe.mask, text),))

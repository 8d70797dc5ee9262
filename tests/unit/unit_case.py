"""The call graph of a unit given as text, for one configuration or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzer.callgraph.analysis import UnitAnalysis
from analyzer.callgraph.model import UnitGraph
from analyzer.callgraph.opening import Opener
from analyzer.callgraph.unitgraph import unit_graph
from analyzer.configset.configset import ConfigSet, Mask
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.objects import Masked, ObjectFile

AUTOCONF = "include/generated/autoconf.h"


@dataclass(frozen=True, slots=True)
class TextTree:
    """A source tree of texts."""

    files: Mapping[str, str]

    @property
    def label(self) -> str:
        return "text"

    def read(self, path: str) -> bytes | None:
        text = self.files.get(path)
        return None if text is None else text.encode("latin-1")

    def is_file(self, path: str) -> bool:
        return path in self.files

    def listdir(self, path: str) -> tuple[str, ...]:
        prefix = f"{path}/" if path else ""
        names = {name[len(prefix) :] for name in self.files if name.startswith(prefix)}
        return tuple(
            sorted({name.partition("/")[0] + "/" if "/" in name else name for name in names})
        )


class NoHeaders:
    """Nothing is generated."""

    def header(self, path: str) -> tuple[tuple[Mask, str], ...] | None:
        del path
        return None


def config_set(configs: Sequence[Mapping[str, str]]) -> ConfigSet:
    """Configurations from symbol values."""
    return ConfigSet.of(
        DotConfig.of_values(f"c{index}", f"c{index}.config", dict(values))
        for index, values in enumerate(configs)
    )


def graph_of(
    source: str,
    configs: Sequence[Mapping[str, str]] = ({},),
    files: Mapping[str, str] | None = None,
    *,
    contract: bool = True,
    diagnostics: Diagnostics | None = None,
    flags: Sequence[tuple[Mask, str]] = (),
) -> UnitGraph:
    """The graph of ``source`` as ``a.c``; headers are found beside it and in ``include``."""
    tree = TextTree({"a.c": source, **(files or {})})
    chosen = config_set(configs)
    every = chosen.all
    options = (Masked(every, "-Iinclude"), *(Masked(mask, text) for mask, text in flags))
    item = ObjectFile("a.o", "a.c", every, 0, (), (), options)
    opened = Opener(tree, chosen, NoHeaders()).open(item, every)
    told = Diagnostics() if diagnostics is None else diagnostics
    return unit_graph(UnitAnalysis(opened, told), contract)


def edges_of(
    source: str,
    configs: Sequence[Mapping[str, str]] = ({},),
    files: Mapping[str, str] | None = None,
    flags: Sequence[tuple[Mask, str]] = (),
) -> dict[tuple[str, str], Mask]:
    """The edges of :func:`graph_of` with their masks."""
    graph = graph_of(source, configs, files, flags=flags)
    return {(edge.caller, edge.callee): edge.mask for edge in graph.edges}

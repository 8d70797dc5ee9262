"""Configurations to look at besides those given: every combination of what matters to a change.

What matters are the symbols in the conditionals around the changed lines and in these lines
themselves (``IS_ENABLED(CONFIG_X)``), on both sides, that a user can set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from analyzer.callgraph.conditionals import conditionals_at
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.kconfig.model import KconfigModel, SymbolType
from analyzer.kconfig.resolve import ProbePolicy, Source
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Possible
from analyzer.patch.apply import FileChange
from analyzer.preprocessor.directive import Op, Test
from analyzer.preprocessor.skeleton import Skeleton, make_skeleton
from analyzer.tree.source_tree import SourceTree

MAX_SYMBOLS = 4
"""Symbols of which all combinations are looked at."""

_CONFIG_NAME = re.compile(r"\bCONFIG_(\w+)")
_SOURCES = (".c", ".h")


def witnesses(
    model: KconfigModel,
    given: Sequence[Source],
    policy: ProbePolicy,
    trees: tuple[SourceTree, SourceTree],
    files: Sequence[FileChange],
    diagnostics: Diagnostics,
) -> list[Source]:
    """Complete configurations, named by their values, for the combinations that none of
    ``given`` has; ``trees`` are those before and after, ``model`` is of the one after.

    The first of ``given`` is changed as little as possible.
    """
    names = list(_symbols(model, trees, files))
    if len(names) > MAX_SYMBOLS:
        left = ", ".join(names[MAX_SYMBOLS:])
        diagnostics.note(
            "review-symbols",
            f"combinations of {MAX_SYMBOLS} symbols are looked at; not varied: {left} "
            "(configurations that have them set otherwise can be given)",
        )
        names = names[:MAX_SYMBOLS]
    if not names or not given:
        return []
    there = {tuple(_value(source.config, name) for name in names) for source in given}
    values = [one for one in product("yn", repeat=len(names)) if one not in there]
    asked = [dict(zip(names, one, strict=True)) for one in values]
    found: list[Source] = []
    for one, verdict in zip(asked, Space(model, given[0], policy).combinations(asked), strict=True):
        if isinstance(verdict, Possible):
            name = ",".join(f"{symbol}={value}" for symbol, value in one.items())
            found.append(Source(replace(verdict.config, name=name, file=""), verdict.text))
    return found


def symbols_around(
    trees: tuple[SourceTree, SourceTree], files: Sequence[FileChange]
) -> tuple[str, ...]:
    """The symbols in the conditionals around the changed lines and in these lines, in the order of
    the files; ``trees`` are those before and after."""
    texts = _conditions(trees, files)
    return tuple(dict.fromkeys(name for text in texts for name in _CONFIG_NAME.findall(text)))


def _value(config: DotConfig, name: str) -> str:
    """``m`` counts as set."""
    return "n" if config.values.get(name, "n") == "n" else "y"


def _symbols(
    model: KconfigModel, trees: tuple[SourceTree, SourceTree], files: Sequence[FileChange]
) -> Iterator[str]:
    for name in symbols_around(trees, files):
        symbol = model.symbol(name)
        if symbol is not None and symbol.prompts and symbol.type is SymbolType.BOOL:
            yield name


def _conditions(trees: tuple[SourceTree, SourceTree], files: Sequence[FileChange]) -> Iterator[str]:
    """The conditions around and among the changed lines, and these lines, as written."""
    before, after = trees
    for file in files:
        blocks = file.lines.blocks
        new = [(one.new_start, one.new_start + one.new_count - 1) for one in blocks]
        old = [(one.old_start, one.old_start + one.old_count - 1) for one in blocks]
        yield from _around(after, file.new_path, new)
        yield from _around(before, file.old_path, old)


def _around(tree: SourceTree, path: str | None, spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    if path is None or not path.endswith(_SOURCES):
        return
    data = tree.read(path)
    if data is None:
        return
    skeleton = make_skeleton(data, path)
    for first, last in spans:
        if last < first:
            continue
        for text, _ in conditionals_at(skeleton, first):
            yield text
        yield from _among(skeleton, first, last)


def _among(skeleton: Skeleton, first: int, last: int) -> Iterator[str]:
    for item in skeleton.items:
        if item.op is Op.TEXT and isinstance(item.value, str):
            lines = item.value.split("\n")
            yield from lines[max(first - item.line, 0) : max(last - item.line + 1, 0)]
        elif first <= item.line <= last and isinstance(item.value, Test):
            yield item.value.text

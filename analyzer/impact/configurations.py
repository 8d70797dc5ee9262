"""Configurations to look at besides those given: every combination of what matters to a change.

What matters are the symbols in the conditionals around the changed lines and in these lines, on
both sides, that a user can set, and what a changed source needs to be built where no
configuration builds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from analyzer.callgraph.conditionals import conditionals_at
from analyzer.configset.dotconfig import DotConfig
from analyzer.diagnostics import Diagnostics
from analyzer.kbuild.model import KbuildModel
from analyzer.kconfig.model import KconfigModel, SymbolType
from analyzer.kconfig.resolve import ProbePolicy
from analyzer.kconfig.space.space import Space
from analyzer.kconfig.space.verdict import Possible
from analyzer.patch.apply import FileChange
from analyzer.preprocessor.directive import Op, Test
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.skeleton import Skeleton, make_skeleton
from analyzer.tree.source_tree import SourceTree

MAX_SYMBOLS = 4
"""Symbols of which all combinations are looked at."""

_CONFIG = "CONFIG_"
_CONFIG_NAME = re.compile(r"\bCONFIG_(\w+)")
_SOURCES = (".c", ".h")
_UNITS = (".c", ".S")


def witnesses(
    model: KconfigModel,
    given: Sequence[DotConfig],
    policy: ProbePolicy,
    trees: tuple[SourceTree, SourceTree],
    files: Sequence[FileChange],
    kbuild: KbuildModel,
    diagnostics: Diagnostics,
) -> list[DotConfig]:
    """Complete configurations, named by their values, for the combinations that none of
    ``given`` has; ``trees`` are those before and after, ``model`` and ``kbuild`` (for ``given``)
    are of the one after.

    The first of ``given`` is changed as little as possible. Where none of them builds a changed
    source, the others have what it takes.
    """
    if not given:
        return []
    names = list(_symbols(model, trees, files))
    if len(names) > MAX_SYMBOLS:
        left = ", ".join(names[MAX_SYMBOLS:])
        diagnostics.note(
            "review-symbols",
            f"combinations of {MAX_SYMBOLS} symbols are looked at; not varied: {left} "
            "(configurations that have them set otherwise can be given)",
        )
    # In an order of their own: patches around the same symbols get the same configurations.
    names = sorted(names[:MAX_SYMBOLS])
    space = Space(model, given[0], policy)
    needed = _needed(kbuild, model, space, files, diagnostics)
    if not names and not needed:
        return []
    there = set(_had(given, names))
    values = [one for one in product("yn", repeat=len(names)) if needed or one not in there]
    asked = [{**dict(zip(names, one, strict=True)), **needed} for one in values]
    asked = [one for number, one in enumerate(asked) if one not in asked[:number]]
    found: list[DotConfig] = []
    for one, verdict in zip(asked, space.combinations(asked), strict=True):
        if isinstance(verdict, Possible):
            name = ",".join(f"{symbol}={value}" for symbol, value in one.items())
            found.append(replace(verdict.config, name=name, file=""))
    return found


def _needed(
    kbuild: KbuildModel,
    model: KconfigModel,
    space: Space,
    files: Sequence[FileChange],
    diagnostics: Diagnostics,
) -> Mapping[str, str]:
    """Values with which those of ``files`` are built that the configurations of ``kbuild`` do
    not build; as many files together as can be had."""
    needed: dict[str, str] = {}
    for path in dict.fromkeys(file.new_path for file in files if file.new_path):
        if not path.endswith(_UNITS) or not kbuild.lists(path) or kbuild.objects_of_source(path):
            continue
        absent = dict.fromkeys(one.symbol for one in kbuild.why_absent(path))
        names = [name for name in absent if needed.get(name, "n") == "n"]
        if not names:
            continue
        for value in "ym":
            more = {name: value if _is_tristate(model, name) else "y" for name in names}
            if isinstance(space.combination({**needed, **more}), Possible):
                needed |= more
                break
        else:
            diagnostics.note(
                "review-not-built",
                f"{path}: no configuration was found that builds it besides what else is built",
            )
    return needed


def _is_tristate(model: KconfigModel, name: str) -> bool:
    symbol = model.symbol(name)
    return symbol is not None and symbol.type is SymbolType.TRISTATE


def symbols_around(
    trees: tuple[SourceTree, SourceTree], files: Sequence[FileChange]
) -> tuple[str, ...]:
    """The symbols in the conditionals around the changed lines and in these lines, in the order
    of the files; ``trees`` are those before and after."""
    texts = _conditions(trees, files)
    return tuple(dict.fromkeys(name for text in texts for name in _CONFIG_NAME.findall(text)))


def _had(given: Sequence[DotConfig], names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The values of ``names`` in each configuration; ``m`` counts as set."""
    for config in given:
        values = config.values
        yield tuple("n" if values.get(name, "n") == "n" else "y" for name in names)


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
    """The conditions on the lines, and what code there asks of symbols (``IS_ENABLED()``)."""
    for item in skeleton.items:
        if item.line > last:
            return
        if item.op in (Op.IF, Op.ELIF) and first <= item.line and isinstance(item.value, Test):
            yield item.value.text
        elif item.op is Op.TEXT and isinstance(item.value, str):
            lines = item.value.split("\n")[max(0, first - item.line) : last + 1 - item.line]
            yield from (line for line in lines if _CONFIG in line)
        elif item.op is Op.DEFINE and isinstance(item.value, Macro) and first <= item.line:
            yield item.value.body

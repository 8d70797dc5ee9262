"""The engine's own invariant: a run over N configurations equals N separate runs.

Each function asks the same question of all configurations at once and of each alone, and gives
what differs, a line each (``document_facts.py`` has what is compared).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from analyzer.errors import BadInput
from analyzer.pipeline import run_callgraph, run_paths, run_slots
from analyzer.progress import Silent
from analyzer.report.json import callgraph_json, paths_json, slots_json
from analyzer.requests import CallgraphRequest, Inputs, PathsRequest, SlotsRequest
from document_facts import graph_facts, path_facts, platforms_of, slot_facts

Document = dict[str, Any]
Ask = Callable[[Sequence[Path]], Document]
"""A question, to be asked of some configurations."""


def paths_of(kernel: Path, function: str, *, show_all: bool = False) -> Ask:
    """``kimpact paths FUNCTION``."""

    def ask(configs: Sequence[Path]) -> Document:
        request = PathsRequest(inputs(kernel, configs), (function,), show_all=show_all)
        return _document(paths_json(run_paths(request, Silent())))

    return ask


def slots_of(kernel: Path, *slots: str) -> Ask:
    """``kimpact slots SLOT…``; nothing where no configuration has the table."""

    def ask(configs: Sequence[Path]) -> Document:
        try:
            result = run_slots(SlotsRequest(inputs(kernel, configs), slots), Silent())
        except BadInput as error:
            if "no table" not in str(error):
                raise
            return {"slots": []}
        return _document(slots_json(result))

    return ask


def command_of(kernel: Path, *asked: str) -> Ask:
    """Any command, as a process of its own; for kernels that take much memory."""
    command = [str(Path(sys.executable).parent / "kimpact"), *asked, "--format", "json"]

    def ask(configs: Sequence[Path]) -> Document:
        there = ["--kernel", str(kernel), "--no-cache", "--jobs", "1", "--config"]
        done = subprocess.run(
            [*command, *there, *map(str, configs)], capture_output=True, check=True, text=True
        )
        return _document(done.stdout)

    return ask


def callgraph_of(kernel: Path, *files: str, contract: bool = False) -> Ask:
    """``kimpact callgraph FILE…``."""

    def ask(configs: Sequence[Path]) -> Document:
        request = CallgraphRequest(inputs(kernel, configs), files, contract)
        result = run_callgraph(request, Silent())
        return _document(callgraph_json(result.configs, result.units, result.diagnostics))

    return ask


def inputs(kernel: Path, configs: Sequence[Path]) -> Inputs:
    """One process, nothing kept."""
    return Inputs(kernel, tuple(configs), jobs=1, cache=False)


def _document(text: str) -> Document:
    document: Document = json.loads(text)
    return document


def paths_differ(ask: Ask, configs: Sequence[Path]) -> list[str]:
    """What a question for paths is told of a configuration together with others but not
    alone (``+``), or the other way round (``-``)."""
    together = ask(configs)
    found: list[str] = []
    for bit, config in enumerate(configs):
        alone = ask([config])
        platforms = platforms_of(together, bit)
        own = platforms_of(alone, 0)
        if own and own != platforms:
            found.append(f"{config.name}: platforms {own} alone, {platforms} together")
        several = path_facts(together, bit, platforms)
        found += _apart(config, several, path_facts(alone, 0, platforms))
    return found


def others_differ(
    ask: Ask, facts: Callable[[Document, int], set[str]], configs: Sequence[Path]
) -> list[str]:
    """The same for questions whose ``facts`` have no platforms to be told apart."""
    together = ask(configs)
    found: list[str] = []
    for bit, config in enumerate(configs):
        found += _apart(config, facts(together, bit), facts(ask([config]), 0))
    return found


def order_differs(ask: Ask, configs: Sequence[Path]) -> list[str]:
    """What a question for paths is told of configurations in the opposite order."""
    forwards, backwards = ask(configs), ask(list(reversed(configs)))
    found: list[str] = []
    for bit, config in enumerate(configs):
        other = len(configs) - 1 - bit
        platforms = platforms_of(forwards, bit)
        found += _apart(
            config,
            path_facts(forwards, bit, platforms),
            path_facts(backwards, other, platforms_of(backwards, other)),
        )
    return found


def kernel_differs(kernel: Path, configs: Sequence[Path], roots: Sequence[str]) -> Iterator[str]:
    """All questions at a small kernel."""
    folders = ("mm/", "lib/", "init/", "arch/x86/")
    yield from others_differ(callgraph_of(kernel, *folders), graph_facts, configs)
    yield from others_differ(slots_of(kernel, "pv_ops"), slot_facts, configs)
    for root in roots:
        for show_all in (False, True):
            ask = paths_of(kernel, root, show_all=show_all)
            yield from (f"{root}: {line}" for line in paths_differ(ask, configs))
        yield from (f"{root}, order: {line}" for line in order_differs(ask, configs))


def _apart(config: Path, several: set[str], one: set[str]) -> Iterator[str]:
    for sign, facts in (("+", several - one), ("-", one - several)):
        yield from (f"{config.name}: {sign} {fact}" for fact in sorted(facts))

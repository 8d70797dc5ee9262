"""GCC's direct calls into functions of ``mm/``, looked for from the callee.

The functions are picked with a fixed seed among those that the compared units call, but for
those that many places mention: each of their callers' units would have to be opened.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.incoming import Budget, Incoming
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.program import FunctionRef, RefKind
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import parse_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree
from edges_truth import Truth

Callers = Mapping[tuple[str, str], frozenset[str]]
"""Name and file of a function -> names of the functions that call it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first ``count`` functions that ``mentions`` places at most mention and that at least
    ``callers`` functions call."""

    count: int
    mentions: int
    callers: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a sample: its functions with GCC's callers, and those that were not found."""

    expected: Callers
    missing: Callers


def called_in(truth: Truth, folder: str) -> Callers:
    """The functions defined in ``folder`` that the truth's units call, with their callers."""
    places = {
        body.name: body.file
        for unit in truth.units.values()
        for body in unit.bodies.values()
        if not body.static
    }
    found: dict[tuple[str, str], set[str]] = {}
    for unit in truth.units.values():
        for caller, callee in unit.edges():
            own = unit.bodies.get(callee)
            file = places.get(callee, "") if own is None else own.file
            if file.startswith(folder):
                found.setdefault((callee, file), set()).add(caller)
    return {key: frozenset(callers) for key, callers in sorted(found.items())}


def direct_callers(incoming: Incoming, ref: FunctionRef) -> set[str]:
    """Names of the functions that call ``ref``, itself or through macros."""
    names: set[str] = set()
    for edge in incoming.edges_of(ref):
        assert edge.target is not None
        if edge.target.kind is RefKind.MACRO:
            names |= direct_callers(incoming, edge.target)
        else:
            names.add(edge.target.name)
    return names


def look_for_callers(tree: Path, truth: Truth, sample: Sample) -> Found:
    """Ask for the callers of a sample of the functions of ``mm/`` in the truth's units."""
    configs = ConfigSet.of([parse_dotconfig(truth.dotconfig, truth.name, truth.name)])
    session = Session(DirectoryTree(tree), "x86", configs, Diagnostics())
    incoming = Incoming(session, Budget(None))
    mentions = Mentions(session, incoming.program.texts(VMLINUX))
    expected = called_in(truth, "mm/")
    names = [key for key, callers in expected.items() if len(callers) >= sample.callers]
    random.Random(612).shuffle(names)
    chosen = [key for key in names if len(mentions.of(key[0])) <= sample.mentions]
    chosen = chosen[: sample.count]
    missing: dict[tuple[str, str], frozenset[str]] = {}
    for name, file in chosen:
        lost = set(expected[name, file])
        # A weak definition is not the one that is called where another is linked.
        for where in (file, None):
            if lost:
                refs = incoming.program.find(name, where)
                for ref in incoming.begin(refs, (VMLINUX,)):
                    lost -= direct_callers(incoming, ref)
        if lost:
            missing[name, file] = frozenset(lost)
    return Found({key: expected[key] for key in chosen}, missing)

"""Every direct call that GCC sees into a sample of functions is found from the callee.

The truth is that of ``test_edges.py``; the functions are picked with a fixed seed among
those of ``mm/`` that the sampled units call, but for those that everything calls: each of
their callers' units would have to be opened.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.incoming import Budget, Incoming
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.program import FunctionRef, RefKind
from analyzer.callgraph.session import Session
from analyzer.configset.configset import ConfigSet
from analyzer.configset.dotconfig import read_dotconfig
from analyzer.diagnostics import Diagnostics
from analyzer.tree.source_tree import DirectoryTree
from edges_build import RECIPES
from edges_run import truth_of
from edges_truth import Truth
from kernels.trees import KernelTree
from test_edges import SAMPLE

FUNCTIONS = 50
MAX_MENTIONS = 60
"""Places that may mention a function of the sample."""

Callers = Mapping[tuple[str, str], frozenset[str]]
"""Name and file of a function -> names of the functions that call it."""


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


@pytest.mark.oracle
def test_callers_agree_with_gcc(kernel: KernelTree, oracle_folder: Path, tmp_path: Path) -> None:
    if (kernel.major, kernel.minor) < (6, 12):
        pytest.skip(f"call edges are compared from Linux 6.12 on, this is {kernel.version}")
    truth = truth_of(kernel, RECIPES["defconfig"], SAMPLE, oracle_folder)
    dotconfig = tmp_path / "defconfig"
    dotconfig.write_text(truth.dotconfig)
    configs = ConfigSet.of([read_dotconfig(dotconfig)])
    session = Session(DirectoryTree(kernel.path), "x86", configs, Diagnostics())
    incoming = Incoming(session, Budget(None))
    mentions = Mentions(session, incoming.program.texts(VMLINUX))
    expected = called_in(truth, "mm/")
    chosen = list(expected)
    random.Random(612).shuffle(chosen)
    chosen = [key for key in chosen if len(mentions.of(key[0])) <= MAX_MENTIONS][:FUNCTIONS]
    assert len(chosen) == FUNCTIONS
    missing: dict[str, set[str]] = {}
    for name, file in chosen:
        lost = set(expected[name, file])
        # A weak definition is not the one that is called where another is linked.
        for where in (file, None):
            if lost:
                refs = incoming.program.find(name, where)
                for ref in incoming.begin(refs, (VMLINUX,)):
                    lost -= direct_callers(incoming, ref)
        if lost:
            missing[f"{file}:{name}"] = lost
    assert missing == {}

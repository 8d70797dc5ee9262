"""The outputs of the tools, read as pairs of caller and callee."""

from __future__ import annotations

import json
import re

from compare.facts import PLATFORM, Pair

_CFLOW = re.compile(r"^( *)(\w+)\(")
_GCC_NODE = re.compile(r"^([A-Za-z_]\w*)(?:\.[\w.]+)?/\d+ \(")
_GCC_CALLEE = re.compile(r"\b([A-Za-z_]\w*)(?:\.[\w.]+)?/\d+")
_LLVM_NODE = re.compile(r"^Call graph node for function: '([^']+)'")
_LLVM_CALLEE = re.compile(r"calls function '([^']+)'")


def callees_of_cscope(text: str) -> list[str]:
    """Lines of ``cscope -L -2``: file, callee, line, text."""
    return [fields[1] for line in text.splitlines() if len(fields := line.split(" ", 3)) > 2]


def callees_of_codequery(text: str) -> list[str]:
    """Lines of ``cqsearch -p 7``: callee, file:line, text, between tabs."""
    return [line.split("\t")[0].strip() for line in text.splitlines() if "\t" in line]


def pairs_of_cflow(text: str) -> frozenset[Pair]:
    """A tree of GNU cflow, four blanks a level."""
    above: list[tuple[int, str]] = []
    pairs: set[Pair] = set()
    for line in text.splitlines():
        if found := _CFLOW.match(line):
            depth, name = len(found[1]), found[2]
            while above and above[-1][0] >= depth:
                above.pop()
            if above:
                pairs.add((above[-1][1], name))
            above.append((depth, name))
    return frozenset(pairs)


def pairs_of_gcc(text: str) -> frozenset[Pair]:
    """A dump of ``-fdump-ipa-cgraph``: symbols, each with a line ``Calls:``."""
    pairs: set[Pair] = set()
    caller = ""
    for line in text.splitlines():
        if found := _GCC_NODE.match(line):
            caller = found[1]
        elif line.lstrip().startswith("Calls:") and caller:
            callees = _GCC_CALLEE.findall(line.partition("Calls:")[2])
            pairs.update((caller, callee) for callee in callees)
    return frozenset(pairs)


def pairs_of_llvm(text: str) -> frozenset[Pair]:
    """What ``opt -passes=print-callgraph`` prints."""
    pairs: set[Pair] = set()
    caller = ""
    for line in text.splitlines():
        if line.startswith("Call graph node"):
            found = _LLVM_NODE.match(line)
            caller = found[1] if found else ""
        elif caller and (callee := _LLVM_CALLEE.search(line)):
            pairs.add((caller, callee[1]))
    return frozenset(pairs)


def pairs_of_kimpact(text: str) -> frozenset[Pair]:
    """The edges on Xen PV of ``kimpact paths --format json``."""
    document = json.loads(text)
    names = {node["id"]: node["name"] for node in document["nodes"]}
    return frozenset(
        (names[edge["from"]], names[edge["to"]])
        for edge in document["edges"]
        if edge["to"] is not None and PLATFORM in edge["platforms"]
    )

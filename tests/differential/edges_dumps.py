"""Reading the dumps that GCC left for one object.

* ``-fdump-ipa-cgraph``, first "Initial Symbol table": the call graph as the front end
  handed it over, constants folded, nothing inlined yet. A function nothing in the unit
  needs is listed there without edges.
* ``-fdump-tree-original``: every body before folding and gimplification.
* ``-aux-info``: file and line of every definition, prototypes of every declaration.

The stage was chosen because it is the last one in which calls of inline functions still
are calls; see GCC's manual, "Developer Options", for the dumps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_NODE = re.compile(r"^\S+/(\d+) \((.*?)\) @0x", re.M)
_CALLEE = re.compile(r"\S+/(\d+)(?= |$)")
_REFERENCE = re.compile(r"\S+/(\d+) \((\w+)\)")
_AUX = re.compile(r"^/\* (.*):(\d+):[INO]([CF]) \*/ (.*)$")
_PROTOTYPE = re.compile(r"\b([A-Za-z_]\w*) \((?!\*)")
_CALL = re.compile(r"\b([A-Za-z_]\w*) \(")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"')
_BUILTIN = re.compile(r"__(?:builtin|atomic|sync)_\w+$")


@dataclass(frozen=True, slots=True)
class DumpedFunction:
    """A function that the unit defines; ``file`` as GCC names it, empty if it does not."""

    name: str
    file: str
    line: int
    static: bool
    reached: bool
    calls: tuple[tuple[str, int], ...]
    indirect_calls: int
    address_taken: tuple[str, ...]
    before_folding: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DumpedUnit:
    """One object: aliases are (alias, target), tables (variable, functions it holds)."""

    object: str
    source: str
    options: tuple[str, ...]
    functions: tuple[DumpedFunction, ...]
    aliases: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(slots=True)
class _Node:
    """A symbol of the call graph; numbers refer to other nodes."""

    name: str
    kind: str = ""
    visibility: str = ""
    calls: list[str] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    indirect: int = 0

    @property
    def is_function(self) -> bool:
        return self.kind.startswith("function")

    @property
    def is_alias(self) -> bool:
        return " alias" in self.kind

    @property
    def is_definition(self) -> bool:
        return self.kind.startswith("function definition") and not self.is_alias


def dumped_units(folder: Path) -> Iterator[Path]:
    """The dump folders below ``folder`` in which a compilation was completed."""
    for path in sorted(folder.iterdir()):
        if any(path.glob("tu.*.cgraph")):
            yield path


def object_of(folder: Path) -> str:
    """The object that a dump folder belongs to, relative to the build folder."""
    return folder.name.replace("!", "/")


def read_unit(folder: Path) -> DumpedUnit:
    """Read the dumps of one object; raises ``ValueError`` when one is not as expected."""
    nodes = _call_graph(_only(folder, "tu.*.cgraph"))
    definitions = {node.name: node for node in nodes.values() if node.is_definition}
    where, declared = _aux_info(folder / "aux", definitions.keys())
    callable_names = declared | definitions.keys()
    original = _original(_only(folder, "tu.*.original"), callable_names)
    arguments = (folder / "argv").read_text(errors="replace").split("\0")[:-1]
    functions = tuple(
        _function(node, nodes, where.get(name, ("", 0)), original.get(name, set()))
        for name, node in definitions.items()
    )
    aliases = sorted(
        (node.name, nodes[node.references[0][0]].name)
        for node in nodes.values()
        if node.is_function and node.is_alias and node.references
    )
    return DumpedUnit(
        object=object_of(folder),
        source=arguments[-1],
        options=tuple(_options(arguments)),
        functions=functions,
        aliases=tuple(aliases),
        tables=tuple(sorted(_tables(nodes))),
    )


def _only(folder: Path, pattern: str) -> str:
    hits = list(folder.glob(pattern))
    if len(hits) != 1:
        raise ValueError(f"{folder}: {len(hits)} files match {pattern}")
    return hits[0].read_text(errors="replace")


def _call_graph(text: str) -> dict[str, _Node]:
    start = text.find("Initial Symbol table:")
    if start < 0:
        raise ValueError("the cgraph dump has no 'Initial Symbol table'")
    end = text.find("\nRemoving unused symbols:", start)
    table = text[start : end if end > 0 else len(text)]
    heads = list(_NODE.finditer(table))
    ends = [head.start() for head in heads[1:]] + [len(table)]
    nodes: dict[str, _Node] = {}
    for head, stop in zip(heads, ends, strict=True):
        node = nodes[head[1]] = _Node(head[2])
        for raw in table[head.end() : stop].splitlines():
            _read_property(node, raw.strip())
    return nodes


def _read_property(node: _Node, line: str) -> None:
    if line.startswith("Type: "):
        node.kind = line[6:]
    elif line.startswith("Visibility:"):
        node.visibility = line[11:]
    elif line.startswith("References:"):
        node.references = [(hit[1], hit[2]) for hit in _REFERENCE.finditer(line[11:])]
    elif line.startswith("Calls:"):
        node.calls = [hit[1] for hit in _CALLEE.finditer(line[6:])]
    elif line.startswith(("Indirect call", "Polymorphic indirect call")):
        node.indirect += 1


def _aux_info(path: Path, wanted: Collection[str]) -> tuple[dict[str, tuple[str, int]], set[str]]:
    """Where the ``wanted`` functions are defined, and every name declared as a function."""
    where: dict[str, tuple[str, int]] = {}
    declared: set[str] = set()
    with path.open(errors="replace") as stream:
        for line in stream:
            hit = _AUX.match(line)
            if hit is None:
                continue
            # a definition is followed by its parameters in a comment
            names = _PROTOTYPE.findall(hit[4].partition(" /* ")[0])
            declared.update(names)
            name = next((name for name in names if name in wanted), None)
            if hit[3] == "F" and name is not None:
                where[name] = (hit[1], int(hit[2]))
    return where, declared


def _original(text: str, declared: Collection[str]) -> dict[str, set[str]]:
    calls: dict[str, set[str]] = {}
    for part in re.split(r"^;; Function ", text, flags=re.M)[1:]:
        name, _, rest = part.partition(" ")
        body = _STRING.sub('""', rest[rest.find("\n") :])
        found = set(_CALL.findall(body))
        calls[name] = {callee for callee in found if callee in declared or _BUILTIN.match(callee)}
    return calls


def _function(
    node: _Node, nodes: Mapping[str, _Node], place: tuple[str, int], original: set[str]
) -> DumpedFunction:
    calls = Counter(nodes[number].name for number in node.calls)
    taken = {
        nodes[number].name
        for number, kind in node.references
        if kind == "addr" and nodes[number].is_function
    }
    return DumpedFunction(
        name=node.name,
        file=place[0],
        line=place[1],
        static="public" not in node.visibility.split(),
        reached=" analyzed" in node.kind,
        calls=tuple(sorted(calls.items())),
        indirect_calls=node.indirect,
        address_taken=tuple(sorted(taken)),
        before_folding=tuple(sorted(original - calls.keys())),
    )


def _tables(nodes: Mapping[str, _Node]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in nodes.values():
        if node.kind.startswith("variable"):
            held = {
                nodes[number].name for number, _ in node.references if nodes[number].is_function
            }
            if held:
                yield node.name, tuple(sorted(held))


def _options(arguments: list[str]) -> Iterator[str]:
    """What decides preprocessing: ``-D -U -I`` and forced includes."""
    for number, argument in enumerate(arguments):
        if argument.startswith(("-D", "-U", "-I")):
            yield argument
        elif argument == "-include":
            yield f"-include {arguments[number + 1]}"

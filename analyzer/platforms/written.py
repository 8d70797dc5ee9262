"""The platforms of an architecture's sources, built in some configuration or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.location import Location
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.tree.source_tree import SourceTree


@dataclass(frozen=True, slots=True)
class Announced:
    """A platform by the name that its descriptor, the object ``variable`` at ``location``,
    gives it."""

    name: str
    variable: str
    location: Location


def announced(tree: SourceTree, arch: str, knowledge: BootKnowledge) -> Iterator[Announced]:
    """The platforms that descriptors below ``arch/`` announce, as they stand in the sources:
    whether anything of it is built does not matter."""
    tag = knowledge.descriptor_tag.encode()
    descriptor = re.compile(rb"\bstruct\s+%s\s+(?:__\w+\s+)*(\w+)[^;()=]*=\s*\{" % re.escape(tag))
    name = re.compile(rb"\.%s\s*=\s*\"([^\"]*)\"" % re.escape(knowledge.name.encode()))
    for file in _sources(tree, f"arch/{arch}"):
        data = tree.read(file) or b""
        if tag not in data:
            continue
        for match in descriptor.finditer(data):
            end = data.find(b"\n};", match.end())
            written = name.search(data, match.end(), len(data) if end < 0 else end)
            text = (match if written is None else written)[1].decode("latin-1")
            line = data.count(b"\n", 0, match.start()) + 1
            variable = match[1].decode("latin-1")
            yield Announced(knowledge.platform(text), variable, Location(file, line))


def _sources(tree: SourceTree, directory: str) -> Iterator[str]:
    for name in tree.listdir(directory):
        if name.endswith("/"):
            yield from _sources(tree, f"{directory}/{name[:-1]}")
        elif name.endswith(".c"):
            yield f"{directory}/{name}"

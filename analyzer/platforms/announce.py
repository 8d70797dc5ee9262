"""Which platforms a tree knows: bare metal, and those that a descriptor object announces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.session import Session
from analyzer.csource.operand import Aggregate, Field, Words
from analyzer.location import Location
from analyzer.platforms.axis import Platform
from analyzer.platforms.code import LinkedCode
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.values import ObjectKey
from analyzer.platforms.written import announced

NATIVE = "native"
_FIRST = ("xen-pv", "xen-hvm", "hyperv", "kvm", "vmware")
"""The order of the well-known ones; the others follow by name."""


@dataclass(frozen=True, slots=True)
class AbsentPlatform:
    """A platform that no configuration supports: where its descriptor stands, and the
    symbols whose being unset keeps it out."""

    name: str
    location: Location
    unset: tuple[str, ...]


class Announcements:
    """Finds descriptors in the sources of the architecture, whose set-up code announces."""

    __slots__ = ("_code", "_found", "_knowledge", "_session")

    def __init__(self, session: Session, code: LinkedCode, knowledge: BootKnowledge) -> None:
        self._session = session
        self._code = code
        self._knowledge = knowledge
        self._found = tuple(announced(session.tree, session.arch, knowledge))

    def platforms(self) -> Sequence[Platform]:
        """Bare metal first, then the announced ones that some configuration supports."""
        found: dict[str, Platform] = {}
        for each in self._found:
            for item in self._session.sources(each.location.file):
                linked = item.linked_into(VMLINUX)
                if not linked:
                    continue
                for initial in self._code.analysis(item).objects(each.variable):
                    unit = item.path if initial.static else ""
                    tag = self._knowledge.descriptor_tag
                    descriptor = ObjectKey(each.variable, unit, 0, tag)
                    label = self._knowledge.platform(self._written(initial.value) or each.variable)
                    known = found.get(label)
                    mask = (initial.mask & linked) | (0 if known is None else known.mask)
                    found[label] = Platform(label, mask, descriptor)
        order = {name: number for number, name in enumerate(_FIRST)}
        supported = sorted(found.values(), key=lambda p: (order.get(p.name, len(order)), p.name))
        return (Platform(NATIVE, self._session.configs.all, None), *supported)

    def absent(self, present: Sequence[Platform]) -> Iterator[AbsentPlatform]:
        """The platforms of the architecture's own sources that nothing is built for."""
        known = {platform.name for platform in present}
        for each in self._found:
            if each.name not in known:
                known.add(each.name)
                unset = self._session.unset_for(each.location.file)
                yield AbsentPlatform(each.name, each.location, unset)

    def _written(self, value: object) -> str:
        """The name that a descriptor gives itself."""
        if isinstance(value, Aggregate):
            for steps, leaf in value.items:
                if (
                    len(steps) == 1
                    and isinstance(steps[0], Field)
                    and steps[0].name == self._knowledge.name
                    and isinstance(leaf, Words)
                ):
                    return leaf.text
        return ""

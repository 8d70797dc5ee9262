"""What a boot found, in the words of an answer: slots, functions, guards with their class."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.callgraph.analysis import site_location
from analyzer.callgraph.mentions import Mentions
from analyzer.configset.configset import Mask
from analyzer.csource.action import StoreAction
from analyzer.csource.operand import Field, FunctionName, Load, Storage, Variable
from analyzer.diagnostics import Diagnostics
from analyzer.location import Location
from analyzer.platforms.boot import Boot
from analyzer.platforms.knowledge import BootKnowledge
from analyzer.platforms.labels import Labels
from analyzer.platforms.members import Slot, slots_in
from analyzer.platforms.ownership import Ownership
from analyzer.platforms.values import BootGuard, FunctionValue


class Shown:
    """Presents one boot; to be asked after it has covered what it is asked about."""

    __slots__ = ("_boot", "_knowledge", "_labels", "_mentions")

    def __init__(self, boot: Boot, mentions: Mentions, knowledge: BootKnowledge) -> None:
        self._boot = boot
        self._mentions = mentions
        self._knowledge = knowledge
        self._labels: Labels | None = None

    def slots(self, table: str) -> tuple[Slot, ...]:
        """The slots of a table, or the one of a static call; none for any other name."""
        real = self._boot.real(table)
        found: dict[Slot, None] = {}
        for defined in self._boot.code.defined(real, ""):
            if real != table:
                mask = defined.initial.mask & defined.item.built
                found[Slot((), (self._knowledge.static_calls.member,), mask)] = None
            else:
                for slot in slots_in(defined.analysis, real):
                    found[Slot(slot.path, slot.leaf, slot.mask & defined.item.built)] = None
        return tuple(slot for slot in found if slot.mask)

    def function(
        self, value: FunctionValue, mask: Mask
    ) -> Iterator[tuple[str, Location | None, Mask]]:
        """The definitions of a function, by mask; one that asm defines and that does nothing
        but call another one is shown as that one."""
        for ref in self._boot.code.refs(value.name, value.unit, mask):
            behind = self._behind(value.name, ref.unit or value.unit)
            if behind is None:
                yield value.name, ref.location, ref.mask
                continue
            name, unit = behind
            for inner in self._boot.code.refs(name, unit, ref.mask):
                yield name, inner.location, inner.mask

    def _behind(self, name: str, unit: str) -> tuple[str, str] | None:
        item = self._boot.code.item(unit) if unit else None
        if item is None or not item.source.endswith(".c"):
            return None
        thunk = self._boot.code.analysis(item).assembly(name)
        if thunk is None or len(set(thunk.called)) != 1:
            return None
        return thunk.called[0], unit

    def is_function(self, name: str, unit: str) -> bool:
        """Whether ``name`` is a function's in a unit."""
        item = self._boot.code.item(unit)
        if item is None:
            return False
        analysis = self._boot.code.analysis(item)
        return bool(analysis.opened.unit.ordinary(name)) and any(
            ref.location is not None for ref in self._boot.code.refs(name, unit, item.built)
        )

    def passed(self, file: str, line: int) -> bool:
        """Whether some platform's boot came by a store on that line."""
        return any(
            place.file == file and place.line == line
            for report in self._boot.reports()
            for place in report.passed
        )

    def label(self, guard: BootGuard) -> str:
        """The class of a guard."""
        if self._labels is None:
            owned = Ownership(self._mentions, self._hypervisor_files())
            self._labels = Labels(self._knowledge, self._boot.parameters.sets, owned.owns)
        return self._labels.of(guard)

    def _hypervisor_files(self) -> set[str]:
        """The files that announce a platform, or of which bare metal enters no function."""
        native: set[str] = set()
        others: set[str] = set()
        platform = self._boot.platforms[0]
        for report in self._boot.reports():
            for (_, file), mask in report.entered.items():
                (native if self._boot.part(platform, mask) else others).add(file)
        own = {
            defined.item.source
            for each in self._boot.platforms
            if each.descriptor is not None
            for defined in self._boot.code.defined(each.descriptor.name, each.descriptor.unit)
        }
        return (others - native) | own

    def tables(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The objects at file scope to whose members the platforms' own sources assign
        functions, with these sources."""
        found: dict[str, dict[str, None]] = {}
        for platform in self._boot.platforms:
            if platform.descriptor is None:
                continue
            key = platform.descriptor
            for defined in self._boot.code.defined(key.name, key.unit):
                for name in _functions_of(self._mentions.text(defined.item.source)):
                    for definition in defined.analysis.definitions(name):
                        for action in definition.actions.actions:
                            table = _assigned(action)
                            place = site_location(((definition.bound, definition.syntax.at),))
                            if table:
                                found.setdefault(table, {}).setdefault(place.file)
        for table in sorted(found):
            if self.slots(table):
                yield table, tuple(found[table])

    def remark(self, diagnostics: Diagnostics) -> None:
        """Say what was cut off, and how far stores were looked for."""
        if not self._boot.complete():
            diagnostics.warning(
                "boot-cap",
                "the walk of the boot was cut off: slots may hold more than is shown",
            )
        diagnostics.note(
            "scope",
            "stores were looked for in the sources of vmlinux and the headers that these "
            "include; what modules store is not among them",
        )


def _assigned(action: object) -> str:
    """The object at file scope to a member of which a function is assigned, or what another
    object holds."""
    if not isinstance(action, StoreAction) or not isinstance(action.value, FunctionName | Load):
        return ""
    root = action.place.root
    if not isinstance(root, Variable) or root.storage is not Storage.FILE:
        return ""
    return root.name if any(isinstance(step, Field) for step in action.place.path) else ""


_FUNCTION = re.compile(rb"^\w[^\n;{}()=]*?\b(\w+)\s*\([^;{}]*\)\s*\{", re.MULTILINE)


def _functions_of(text: bytes) -> list[str]:
    return [name.decode("latin-1") for name in dict.fromkeys(_FUNCTION.findall(text))]

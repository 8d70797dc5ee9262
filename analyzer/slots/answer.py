"""The answer to ``kimpact slots``: from names to a :class:`SlotsResult`.

A name is a table (``x86_init``), a part of one (``x86_init.irqs``), a slot, or the key of a
static call. Every slot of it is listed with what it holds on each platform.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.callgraph.image import VMLINUX
from analyzer.callgraph.linked import LinkedProgram
from analyzer.callgraph.mentions import Mentions
from analyzer.callgraph.session import Session
from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.paths.result import ConfigInfo, Guard, Kernel
from analyzer.platforms.announce import AbsentPlatform
from analyzer.platforms.boot import Boot, Booted
from analyzer.platforms.knowledge import boot_knowledge
from analyzer.platforms.later import LaterStores
from analyzer.platforms.members import Slot
from analyzer.platforms.shown import Shown
from analyzer.platforms.values import FunctionValue, Held, NumberValue
from analyzer.progress import Progress
from analyzer.slots.result import (
    PlatformInfo,
    SlotEntry,
    SlotsResult,
    SlotValues,
    Table,
    ValueKind,
)

NEAREST_AT_MOST = 3
"""Names offered for one that is unknown."""


@dataclass(frozen=True, slots=True)
class Question:
    """``slots`` are names of tables, parts of them, slots or static calls; ``platforms``
    restricts the answer to these, empty for all."""

    slots: tuple[str, ...]
    platforms: tuple[str, ...] = ()


def answer(
    session: Session,
    question: Question,
    kernel: Kernel,
    *,
    diagnostics: Diagnostics,
    progress: Progress,
) -> SlotsResult:
    """What the slots that ``question`` names hold, over all configurations.

    Raises :class:`analyzer.errors.BadInput` for a name that no table, slot or static call
    has, and for a platform that the tree does not know.
    """
    progress.stage("finding the platforms")
    program = LinkedProgram(session)
    image = program.image(VMLINUX)
    mentions = Mentions(session, program.texts(VMLINUX))
    knowledge = boot_knowledge(session.knowledge)
    boot = Boot(session, program, image, mentions, knowledge)
    absent = tuple(boot.announcements.absent(boot.platforms))
    chosen = _chosen(boot, absent, question.platforms)
    shown = Shown(boot, mentions, knowledge)
    found: dict[str, SlotValues] = {}
    asked = [_parse(shown, text) for text in question.slots]
    progress.stage("walking the boot of each platform")
    boot.cover([(each.table, each.path) for each in asked])
    progress.stage("collecting what the slots hold")
    later = LaterStores(shown, mentions)
    for each in asked:
        for slot in each.slots:
            values = _values(boot, shown, each.table, slot, chosen, later)
            found.setdefault(values.name, values)
    shown.remark(diagnostics)
    return SlotsResult(
        kernel=kernel,
        configs=tuple(map(ConfigInfo, session.configs.names, session.configs.files)),
        platforms=tuple(_platforms(boot, absent, chosen)),
        slots=tuple(found.values()),
        tables=() if asked else tuple(Table(name, files) for name, files in shown.tables()),
        diagnostics=tuple(diagnostics),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The part of a table at ``path`` and its slots."""

    table: str
    path: tuple[str, ...]
    slots: tuple[Slot, ...]


def _chosen(boot: Boot, absent: Sequence[AbsentPlatform], names: Sequence[str]) -> frozenset[str]:
    known = [platform.name for platform in boot.platforms]
    known += [platform.name for platform in absent]
    for name in names:
        if name not in known:
            raise BadInput(f"no such platform: {name} (there are {', '.join(known)})")
    return frozenset(names or known)


def _parse(shown: Shown, text: str) -> _Asked:
    table, *path = text.split(".")
    slots = shown.slots(table)
    if not slots:
        known = sorted(name for name, _ in shown.tables())
        alike = difflib.get_close_matches(table, known, NEAREST_AT_MOST)
        hint = f"; did you mean {' or '.join(alike)}?" if alike else ""
        without = " (without SLOT the tables that platforms write to are listed)"
        raise BadInput(f"no table, slot or static call of that name: {text}{hint or without}")
    length = len(path)
    inside = tuple(slot for slot in slots if list(slot.path[:length]) == path)
    if not inside:
        near = ", ".join(dict.fromkeys(slot.path[0] for slot in slots if slot.path))
        raise BadInput(f"{table} has no member {'.'.join(path)} (there are {near})")
    return _Asked(table, tuple(path), inside)


def _values(
    boot: Boot,
    shown: Shown,
    table: str,
    slot: Slot,
    chosen: frozenset[str],
    later: LaterStores,
) -> SlotValues:
    entries: list[SlotEntry] = []
    for booted, values in boot.held(table, slot.leaf):
        if booted.platform.name in chosen:
            for held in values:
                mask = held.mask & slot.mask
                if mask:
                    entries += _entries(shown, booted, held, mask)
    for store in later.of(table, slot.leaf):
        for function in store.functions:
            for name, location, share in shown.function(function, store.mask & slot.mask):
                kind = ValueKind.FUNCTION
                entries.append(
                    SlotEntry(None, kind, name, location, share, (), store.place, later=True)
                )
    return SlotValues(".".join((table, *slot.path)), slot.mask, tuple(_merged(entries)))


def _entries(shown: Shown, booted: Booted, held: Held, mask: Mask) -> Iterator[SlotEntry]:
    guards = tuple(Guard(guard.words, shown.label(guard)) for guard in held.guards)
    platform = booted.platform.name
    if isinstance(held.value, FunctionValue):
        kind = ValueKind.FUNCTION
        for name, location, share in shown.function(held.value, mask):
            yield SlotEntry(platform, kind, name, location, share, guards, held.place)
        return
    kind = ValueKind.NULL if held.value == NumberValue(0) else ValueKind.UNKNOWN
    yield SlotEntry(platform, kind, None, None, mask, guards, held.place)


def _merged(entries: Sequence[SlotEntry]) -> Iterator[SlotEntry]:
    """Entries that differ in nothing but their mask as one."""
    masks: dict[SlotEntry, Mask] = {}
    for entry in entries:
        key = replace(entry, mask=0)
        masks[key] = masks.get(key, 0) | entry.mask
    for key, mask in masks.items():
        yield replace(key, mask=mask)


def _platforms(
    boot: Boot, absent: Sequence[AbsentPlatform], chosen: frozenset[str]
) -> Iterator[PlatformInfo]:
    entries = {booted.platform.name: booted.entry for booted in boot.booted()}
    for platform in boot.platforms:
        if platform.name in chosen:
            entry = entries.get(platform.name)
            function = None if entry is None else entry.function
            place = None if entry is None else Location(entry.file, entry.line)
            yield PlatformInfo(platform.name, platform.mask, function, place, ())
    for missing in absent:
        if missing.name in chosen:
            yield PlatformInfo(missing.name, 0, None, missing.location, missing.unset)

"""Comparing the answer of ``kimpact slots --format json`` with a hand-written table.

Compared per slot and platform: which functions there are, in which file each is defined,
whether it is held with or without a condition, which identifiers the guards mention and how
these guards are classed, and that no guard is left which the platform itself decides. An
answer may show more guards than the table names.

A guard's class is what its label starts with (hyphens count as blanks, case does not
matter); a guard without a label, or with another one, is of class "other".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slot_truth import CLASSES, NULL, Guard, SlotTable, SlotTruth, Value, When

_NULL_SPELLINGS = frozenset({"NULL", "0", "null", ""})
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class FoundGuard:
    """One guard of an answer: its C text, and the class its label says."""

    text: str
    cls: str

    @property
    def identifiers(self) -> frozenset[str]:
        """All names in the text."""
        return frozenset(_IDENTIFIER.findall(self.text))


@dataclass(frozen=True, slots=True)
class Found:
    """One value of an answer; ``file`` is None where the answer has none."""

    function: str
    file: str | None
    guards: tuple[FoundGuard, ...]

    def __str__(self) -> str:
        if not self.guards:
            return f"{self.function} (no guard)"
        texts = "; ".join(f"{guard.text} [{guard.cls}]" for guard in self.guards)
        return f"{self.function} (if {texts})"


@dataclass(frozen=True, slots=True)
class Difference:
    """What is wrong with one slot on one platform (None: with the slot as a whole)."""

    slot: str
    platform: str | None
    text: str


Answer = Mapping[str, Mapping[str, tuple[Found, ...]]]
"""Values by slot and platform."""


def read_answer(document: Mapping[str, Any]) -> Answer:
    """The values of the first configuration in ``document``.

    Entries that say ``"later": true`` (stored at run time or by a module) are left out.
    """
    answer: dict[str, dict[str, tuple[Found, ...]]] = {}
    for slot in document["slots"]:
        platforms = answer.setdefault(slot["slot"], {})
        for entry in slot["entries"]:
            if entry.get("later") or not int(entry["mask"], 16) & 1:
                continue
            before = platforms.get(entry["platform"], ())
            platforms[entry["platform"]] = (*before, _found(entry))
    return answer


def compare(table: SlotTable, slots: Iterable[SlotTruth], answer: Answer) -> list[Difference]:
    """Everything in which ``answer`` differs from ``slots`` of ``table``, in their order."""
    differences: list[Difference] = []
    for slot in slots:
        platforms = answer.get(slot.name, {})
        held = {name: platforms.get(name, ()) for name in table.platforms}
        if slot.absent:
            if any(held.values()):
                differences.append(Difference(slot.name, None, "there is no such slot here"))
            continue
        if slot.name not in answer:
            differences.append(Difference(slot.name, None, "not in the answer"))
            continue
        for platform, found in held.items():
            decided = table.decided[platform]
            for text in _platform(slot, slot.values.get(platform, ()), found, decided):
                differences.append(Difference(slot.name, platform, text))
    return differences


def report(differences: list[Difference], answer: Answer) -> str:
    """The differences for people: by slot and platform, each with what was found there."""
    lines: list[str] = []
    heading: tuple[str, str | None] | None = None
    for difference in differences:
        if (difference.slot, difference.platform) != heading:
            heading = (difference.slot, difference.platform)
            place = "" if difference.platform is None else f" on {difference.platform}"
            lines.append(f"{difference.slot}{place}:")
            found = answer.get(difference.slot, {}).get(difference.platform or "", ())
            if difference.platform is not None:
                lines.append(f"    found {', '.join(map(str, found)) or 'nothing'}")
        lines.append(f"  - {difference.text}")
    slots = len({difference.slot for difference in differences})
    lines.append(f"{len(differences)} differences in {slots} slots")
    return "\n".join(lines)


def _found(entry: Mapping[str, Any]) -> Found:
    function = entry["function"]
    if function is None or function in _NULL_SPELLINGS:
        function = NULL
    guards = tuple(
        FoundGuard(guard["text"], _class_of(guard.get("label"))) for guard in entry["guards"]
    )
    return Found(function, entry.get("file"), guards)


def _class_of(label: str | None) -> str:
    plain = (label or "").casefold().replace("-", " ")
    return next((name for name in CLASSES if plain.startswith(name.casefold())), "other")


def _platform(
    slot: SlotTruth,
    expected: tuple[Value, ...],
    found: tuple[Found, ...],
    decided: frozenset[str],
) -> Iterator[str]:
    """What is wrong on one platform."""
    known: set[str] = set(slot.extra)
    for value in expected:
        known.update(value.names)
        same = [entry for entry in found if entry.function in value.names]
        if same:
            yield from _value(value, same)
        elif not value.judged:
            yield f"{value.function} is missing ({_place(value)}{value.when.value})"
    for entry in found:
        if entry.function not in known:
            yield f"{entry.function} cannot be held"
        for guard in entry.guards:
            if guard.identifiers and guard.identifiers <= decided:
                yield f"{entry.function}: the platform decides {guard.text}"


def _place(value: Value) -> str:
    return "".join(f"{file}, " for file in sorted(value.files))


def _value(value: Value, found: list[Found]) -> Iterator[str]:
    """What is wrong with the entries of one function."""
    if value.function != NULL:
        for file in sorted({entry.file or "no file" for entry in found} - value.files):
            yield f"{value.function} is defined in {' or '.join(sorted(value.files))}, not {file}"
    free = any(not entry.guards for entry in found)
    if value.when is When.ALWAYS and not free:
        yield f"{value.function} is held without a condition"
    if value.when is When.GUARDED and free:
        yield f"{value.function} is held only under a condition"
    guards = [guard for entry in found for guard in entry.guards]
    for name in sorted(value.never):
        if any(name in guard.identifiers for guard in guards):
            yield f"{value.function} does not depend on {name}"
    if value.when is When.GUARDED and not free:
        for expected in value.guards:
            yield from _guard(value.function, expected, guards)


def _guard(function: str, expected: Guard, found: list[FoundGuard]) -> Iterator[str]:
    """What is wrong with one guard that must show."""
    wanted = " or ".join(sorted(expected.mentions))
    mentioning = [guard for guard in found if guard.identifiers & expected.mentions]
    if not mentioning:
        yield f"{function}: no guard mentions {wanted}"
    elif not any(guard.cls in expected.classes for guard in mentioning):
        classes = " or ".join(sorted(expected.classes))
        shown = " and ".join(sorted({guard.cls for guard in mentioning}))
        yield f"{function}: the guard on {wanted} is of class {classes}, not {shown}"

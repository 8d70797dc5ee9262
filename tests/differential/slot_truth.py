"""Hand-written tables of what each dispatch slot holds on each platform (``slot_tables/``).

One TOML file per kernel. Its keys:

``kernel``, ``platforms``
    the version it was read from, and the platforms it speaks about; others are not compared.
``[decided]``
    per platform, identifiers whose value the platform fixes. A guard that mentions nothing
    else must not be in an answer.
``[guard]``
    by a name of ours: ``mentions``, alternatives of which some guard's text has one as a
    whole word, and ``class``, the classes that guard may be given.
``[files]``, ``[aka]``
    the files that define the functions, and other names under which one may be given.
``[[slot]]``
    ``name``; ``absent = true`` where no such slot exists; or ``entries``, each one value:
    ``on``       the platforms
    ``value``    the function, or ``NULL``
    ``when``     ``always``: held without a condition; ``guarded``: only under guards;
                 ``kept``: an earlier value that stays unless a guarded one replaces it (its
                 guards are not looked at); ``either``: conditional or not, as one reads it
    ``guards``   names from ``[guard]``; the answer may show more
    ``never``    identifiers that no guard of this value may mention
    ``judged``   true: a judgement call, accepted whether it is in the answer or not
    ``extra`` (a list of functions) allows values beyond the entries, on any platform.
``[[variant]]``
    another configuration: ``name``, ``changes`` (symbol to value) and its own ``slot`` list;
    or another tree, ``tree``, the environment variable that names its folder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "slot_tables"
CLASSES = ("boot parameter", "hypervisor feature", "CPU feature", "other")
NULL = "NULL"

_TABLE = {"kernel", "platforms", "decided", "guard", "files", "aka", "slot", "variant"}
_SLOT = {"name", "absent", "entries", "extra"}
_ENTRY = {"on", "value", "when", "guards", "never", "judged"}
_VARIANT = {"name", "changes", "tree", "slot"}


class BadTable(Exception):
    """A table contradicts its own rules; the message says where."""


class When(Enum):
    """How certain it is that the slot holds a value once the boot is done."""

    ALWAYS = "always"
    GUARDED = "guarded"
    KEPT = "kept"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that must show: one of ``mentions`` in its text, one of ``classes``."""

    mentions: frozenset[str]
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Value:
    """One function that a slot can hold on one platform; ``names`` has ``function`` first."""

    function: str
    names: tuple[str, ...]
    files: frozenset[str]
    when: When
    guards: tuple[Guard, ...]
    never: frozenset[str]
    judged: bool


@dataclass(frozen=True, slots=True)
class SlotTruth:
    """All values of one slot by platform; a platform without any has none."""

    name: str
    absent: bool
    values: Mapping[str, tuple[Value, ...]]
    extra: frozenset[str]


@dataclass(frozen=True, slots=True)
class Variant:
    """Slots under another configuration, or in the tree that the variable ``tree`` names."""

    name: str
    changes: Mapping[str, str]
    tree: str | None
    slots: tuple[SlotTruth, ...]


@dataclass(frozen=True, slots=True)
class SlotTable:
    """One file of ``slot_tables``."""

    kernel: str
    platforms: tuple[str, ...]
    decided: Mapping[str, frozenset[str]]
    slots: tuple[SlotTruth, ...]
    variants: tuple[Variant, ...]


def load_table(path: Path) -> SlotTable:
    """The table in the file at ``path``; raises ``BadTable``."""
    return read_table(path.read_text(encoding="utf-8"))


def read_table(text: str) -> SlotTable:
    """The table written in ``text``; raises ``BadTable`` (or what ``tomllib`` raises)."""
    raw = tomllib.loads(text)
    _only(raw, _TABLE, "the table")
    reader = _Reader(raw)
    slots = tuple(reader.slot(item) for item in raw["slot"])
    for slot in slots:
        if not slot.absent and set(slot.values) != set(reader.platforms):
            raise BadTable(f"{slot.name}: not every platform has a value")
    return SlotTable(
        kernel=raw["kernel"],
        platforms=reader.platforms,
        decided={name: frozenset(raw["decided"].get(name, ())) for name in reader.platforms},
        slots=_unique(slots),
        variants=tuple(reader.variant(item) for item in raw.get("variant", ())),
    )


class _Reader:
    """Turns the lists of a raw table into facts, by what its other sections define."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.platforms: tuple[str, ...] = tuple(raw["platforms"])
        self._aka: Mapping[str, list[str]] = raw.get("aka", {})
        self._files: dict[str, set[str]] = {}
        for file, functions in raw["files"].items():
            for function in functions:
                self._files.setdefault(function, set()).add(file)
        self._guards: dict[str, Guard] = {}
        for name, item in raw["guard"].items():
            unknown = set(item["class"]) - set(CLASSES)
            if unknown:
                raise BadTable(f"guard {name}: no such class: {', '.join(sorted(unknown))}")
            self._guards[name] = Guard(frozenset(item["mentions"]), frozenset(item["class"]))

    def variant(self, item: Mapping[str, Any]) -> Variant:
        """One ``[[variant]]``."""
        _only(item, _VARIANT, f"variant {item.get('name')}")
        slots = tuple(self.slot(slot) for slot in item["slot"])
        return Variant(item["name"], item.get("changes", {}), item.get("tree"), _unique(slots))

    def slot(self, item: Mapping[str, Any]) -> SlotTruth:
        """One ``[[slot]]``."""
        name = item["name"]
        _only(item, _SLOT, name)
        absent = item.get("absent", False)
        if absent == bool(item.get("entries")):
            raise BadTable(f"{name}: either absent or with entries")
        values: dict[str, tuple[Value, ...]] = {}
        for entry in item.get("entries", ()):
            _only(entry, _ENTRY, name)
            value = self._value(entry, name)
            for platform in entry["on"]:
                if platform not in self.platforms:
                    raise BadTable(f"{name}: no such platform: {platform}")
                before = values.get(platform, ())
                if any(other.function == value.function for other in before):
                    raise BadTable(f"{name}: {value.function} twice on {platform}")
                values[platform] = (*before, value)
        return SlotTruth(name, absent, values, frozenset(item.get("extra", ())))

    def _value(self, entry: Mapping[str, Any], slot: str) -> Value:
        function = entry["value"]
        if function != NULL and function not in self._files:
            raise BadTable(f"{slot}: no file for {function}")
        missing = [name for name in entry.get("guards", ()) if name not in self._guards]
        if missing:
            raise BadTable(f"{slot}: no such guard: {', '.join(missing)}")
        when = When(entry["when"])
        if entry.get("guards") and when is not When.GUARDED:
            raise BadTable(f"{slot}: {function} has guards but is not guarded")
        return Value(
            function=function,
            names=(function, *self._aka.get(function, ())),
            files=frozenset(self._files.get(function, ())),
            when=when,
            guards=tuple(self._guards[name] for name in entry.get("guards", ())),
            never=frozenset(entry.get("never", ())),
            judged=entry.get("judged", False),
        )


def _only(item: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = set(item) - known
    if unknown:
        raise BadTable(f"{where}: no such key: {', '.join(sorted(unknown))}")


def _unique(slots: tuple[SlotTruth, ...]) -> tuple[SlotTruth, ...]:
    names = [slot.name for slot in slots]
    for name in names:
        if names.count(name) > 1:
            raise BadTable(f"{name}: listed twice")
    return slots

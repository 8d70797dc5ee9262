"""All that is known of kernel functions in a run: the bundled file, then the user's.

A knowledge file is TOML: ``schema = "kimpact/knowledge/1"`` and arrays of tables
(:mod:`analyzer.primitives.tables`). Of two files that speak of one name in the same table,
the later one counts; a boundary of a later file joins the family of that name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TypeVar

from analyzer.errors import BadInput
from analyzer.primitives.model import (
    Allocation,
    BootParameter,
    Boundary,
    Callback,
    Context,
    Conversion,
    Descriptor,
    FeatureNames,
    Holder,
    Initcall,
    PlatformName,
    Predicate,
    ReferenceDrop,
    Release,
    Starter,
    StaticCalls,
    Synchronisation,
)
from analyzer.primitives.reading import Entry
from analyzer.primitives.tables import TABLES, Fact, facts_of

SCHEMA = "kimpact/knowledge/1"
BUNDLED = "primitives.toml"
MAX_BYTES = 4 << 20

_PRIMITIVES = (Callback, Starter, Release, Synchronisation, Allocation)

_Fact = TypeVar("_Fact", bound=Fact)


class Knowledge:
    """Look-ups by name; what is not known is an empty tuple or None."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        """``facts`` in order: of :class:`Context` and single facts the last one counts."""
        self._by_kind: dict[type[object], dict[str, list[Fact]]] = {}
        for fact in facts:
            self._by_kind.setdefault(type(fact), {}).setdefault(fact.name, []).append(fact)
        self._families: dict[tuple[str, str | None], str | None] = {}

    def callbacks(self, name: str) -> Sequence[Callback]:
        """What ``name`` does with functions that are handed to it."""
        return self._all(Callback, name)

    def context(self, name: str) -> Context:
        """The context called ``name``; every one that a fact mentions exists."""
        return self._all(Context, name)[-1]

    def holder(self, struct: str, member: str) -> Holder | None:
        """What becomes of a function stored in ``member`` of a ``struct``."""
        for holder in self._all(Holder, struct):
            if holder.member == member:
                return holder
        return None

    def contexts_of(self, struct: str) -> Sequence[str]:
        """The contexts in which the functions run that a ``struct`` holds."""
        return tuple(dict.fromkeys(holder.context for holder in self._all(Holder, struct)))

    def holders(self) -> Sequence[Holder]:
        return self._every(Holder)

    def starters(self, name: str) -> Sequence[Starter]:
        return self._all(Starter, name)

    def releases(self, name: str) -> Sequence[Release]:
        return self._all(Release, name)

    def reference_drops(self, name: str) -> Sequence[ReferenceDrop]:
        return self._all(ReferenceDrop, name)

    def synchronisations(self, name: str) -> Sequence[Synchronisation]:
        return self._all(Synchronisation, name)

    def conversion(self, name: str) -> Conversion | None:
        return self._last(Conversion, name)

    def allocation(self, name: str) -> Allocation | None:
        return self._last(Allocation, name)

    def predicate(self, name: str) -> Predicate | None:
        return self._last(Predicate, name)

    def predicates(self) -> Sequence[Predicate]:
        return self._every(Predicate)

    def boot_parameter(self, macro: str) -> BootParameter | None:
        return self._last(BootParameter, macro)

    def boot_parameters(self) -> Sequence[BootParameter]:
        return self._every(BootParameter)

    def is_primitive(self, name: str) -> bool:
        """Whether it is known what ``name`` does, so that its insides need not be looked at."""
        return any(name in self._by_kind.get(kind, ()) for kind in _PRIMITIVES)

    def initcall(self, macro: str) -> Initcall | None:
        return self._last(Initcall, macro)

    def initcalls(self) -> Sequence[Initcall]:
        return self._every(Initcall)

    def descriptors(self) -> Sequence[Descriptor]:
        """The structures that announce platforms."""
        return self._every(Descriptor)

    def platform(self, descriptor: str) -> str:
        """The short name of the platform with this descriptor's name: kebab case, unless
        a knowledge file says otherwise."""
        known = self._last(PlatformName, descriptor)
        if known is not None:
            return known.short
        return re.sub(r"[^a-z0-9]+", "-", descriptor.lower()).strip("-")

    @cached_property
    def static_calls(self) -> Sequence[StaticCalls]:
        """How the names of static calls are made."""
        return self._every(StaticCalls)

    def static_call(self, trampoline: str) -> tuple[str, StaticCalls] | None:
        """The name of the static call that a function is the trampoline of, without prefix."""
        for each in self.static_calls:
            if trampoline.startswith(each.trampoline):
                return trampoline.removeprefix(each.trampoline), each
        return None

    @property
    def feature_names(self) -> Sequence[FeatureNames]:
        """Which macros number CPU features."""
        return self._every(FeatureNames)

    def boundary(self, name: str, file: str | None) -> str | None:
        """The boundary family of a function or macro defined in ``file``, if any."""
        key = (name, file)
        if key not in self._families:
            self._families[key] = self._boundary(name, file)
        return self._families[key]

    def names(self) -> dict[str, list[str]]:
        """Every name that a fact is about, by table-like kind: for checks against a tree."""
        return {kind.__name__: list(known) for kind, known in self._by_kind.items()}

    def _boundary(self, name: str, file: str | None) -> str | None:
        for boundary in self._boundaries:
            if any(fnmatchcase(name, pattern) for pattern in boundary.names):
                return boundary.name
            if file is not None and any(fnmatchcase(file, each) for each in boundary.files):
                return boundary.name
        return None

    @cached_property
    def _boundaries(self) -> tuple[Boundary, ...]:
        return self._every(Boundary)

    def _all(self, kind: type[_Fact], name: str) -> tuple[_Fact, ...]:
        found = self._by_kind.get(kind, {}).get(name, ())
        return tuple(fact for fact in found if isinstance(fact, kind))

    def _last(self, kind: type[_Fact], name: str) -> _Fact | None:
        found = self._all(kind, name)
        return found[-1] if found else None

    def _every(self, kind: type[_Fact]) -> tuple[_Fact, ...]:
        known = self._by_kind.get(kind, {})
        return tuple(fact for name in known for fact in self._all(kind, name))


def load_knowledge(files: Sequence[Path] = ()) -> Knowledge:
    """The bundled knowledge with ``files`` on top, in their order.

    Raises :class:`BadInput` for a file that cannot be read, is no TOML, or has a table, key
    or value that is not known.
    """
    bundled = resources.files("analyzer") / "knowledge" / BUNDLED
    facts = _facts(bundled.read_text(encoding="utf-8"), BUNDLED)
    for path in files:
        facts = _overridden(facts, _facts(_text(path), str(path)))
        _check_contexts(facts, str(path))
    if not files:
        _check_contexts(facts, BUNDLED)
    return Knowledge(facts)


def parse_knowledge(text: str, file: str) -> Knowledge:
    """The knowledge in one text alone; ``file`` is named in errors."""
    facts = _facts(text, file)
    _check_contexts(facts, file)
    return Knowledge(facts)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", str(path)) from None
    if len(data) > MAX_BYTES:
        raise BadInput(f"larger than {MAX_BYTES} bytes: no knowledge file", str(path))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"no UTF-8 text: byte {error.start}", str(path)) from None


def _facts(text: str, file: str) -> list[Fact]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"no TOML: {error}", file) from None
    if document.get("schema") != SCHEMA:
        raise BadInput(f'no knowledge file: expected schema = "{SCHEMA}"', file)
    facts: list[Fact] = []
    for table, entries in document.items():
        if table == "schema":
            continue
        if table not in TABLES:
            raise BadInput(f"[[{table}]]: unknown table (known: {', '.join(TABLES)})", file)
        if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
            raise BadInput(f"[[{table}]]: expected entries headed [[{table}]]", file)
        for number, values in enumerate(entries, 1):
            facts += facts_of(table, Entry(file, table, number, values))
    return facts


def _overridden(known: Iterable[Fact], later: Sequence[Fact]) -> list[Fact]:
    said = {(type(fact), fact.name) for fact in later if not isinstance(fact, Boundary)}
    return [*(fact for fact in known if (type(fact), fact.name) not in said), *later]


def _check_contexts(facts: Iterable[Fact], file: str) -> None:
    facts = list(facts)
    contexts = {fact.name for fact in facts if isinstance(fact, Context)}
    structs = {fact.name for fact in facts if isinstance(fact, Holder)}
    for fact in facts:
        wanted = None
        if isinstance(fact, Callback | Holder):
            wanted = fact.context
        elif isinstance(fact, Release):
            wanted = fact.after
        if wanted is not None and wanted not in contexts:
            raise BadInput(f"{fact.name}: no [[context]] is called '{wanted}'", file)
        if isinstance(fact, Starter) and fact.struct not in structs:
            raise BadInput(f"{fact.name}: no [[holder]] is a struct {fact.struct}", file)

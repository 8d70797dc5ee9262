"""The walk over a unit's files: once, for all configurations.

It fills the macro table and notes which text is active where and when; the text itself
is looked at later, and only what is asked for.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from analyzer.configset.configset import Mask
from analyzer.diagnostics import Diagnostics
from analyzer.errors import BadInput
from analyzer.location import Location
from analyzer.preprocessor.compiler import CompilerProfile
from analyzer.preprocessor.condition import At, ConditionEvaluator
from analyzer.preprocessor.directive import Include, Op, Test
from analyzer.preprocessor.expand import Expander
from analyzer.preprocessor.rows import WalkMemo
from analyzer.preprocessor.skeleton import Skeleton
from analyzer.preprocessor.sources import SearchPath
from analyzer.preprocessor.table import Group, MacroTable
from analyzer.preprocessor.token import Token, spell
from analyzer.tree.outside import REFUSED

MAX_INCLUDE_DEPTH = 200
"""As in GCC (``-fmax-include-depth``)."""

_TEXT, _DEFINE, _UNDEF, _INCLUDE = Op.TEXT, Op.DEFINE, Op.UNDEF, Op.INCLUDE
_IF, _ELIF, _ELSE, _ENDIF = Op.IF, Op.ELIF, Op.ELSE, Op.ENDIF


class Visit(NamedTuple):
    """A TEXT item of a skeleton that is active in ``mask``, at macro-table ``time``."""

    item: int
    mask: Mask
    time: int


@dataclass(slots=True, eq=False)
class Inclusion:
    """One reading of a file, begun at macro-table time ``since``; ``visits`` are in file order.

    ``opener`` is the reading whose ``#include`` in line ``line`` began this one; None for
    the source itself and for what the command line includes. ``packs`` are the
    ``#pragma pack(…)`` that are active somewhere: item, where, and text.
    """

    skeleton: Skeleton
    mask: Mask
    since: int = 0
    opener: Inclusion | None = None
    line: int = 0
    visits: list[Visit] = field(default_factory=list)
    packs: list[tuple[int, Mask, str]] = field(default_factory=list)


MAX_INCLUSIONS = 20_000
"""Files that one unit may read, each time counted; a unit of a kernel reads a few thousand."""


class Walker:
    """Walks one translation unit; ``inclusions`` are in the order in which they began."""

    __slots__ = (
        "_conditions",
        "_diagnostics",
        "_memo",
        "_once",
        "_open",
        "_profile",
        "_search",
        "_table",
        "inclusions",
    )

    def __init__(
        self,
        table: MacroTable,
        search: SearchPath,
        profile: CompilerProfile,
        memo: WalkMemo,
        diagnostics: Diagnostics,
    ) -> None:
        """``memo``: that of other walks with the same profile, or a new one."""
        self._table = table
        self._profile = profile
        self._search = search
        self._memo = memo
        self._diagnostics = diagnostics
        self._once: dict[Skeleton, Mask] = {}
        self._open: tuple[Inclusion | None, int] = (None, 0)
        """The reading that is being done and the line of the ``#include`` in it."""
        self._conditions = ConditionEvaluator(table, self._query, self._header, memo, diagnostics)
        self.inclusions: list[Inclusion] = []

    def force_include(self, name: str, mask: Mask) -> None:
        """``-include name``: looked up from the tree's top."""
        self._include(Include(name, False, None, False), mask, (name, 1), "", -1, 0)

    def walk(self, skeleton: Skeleton, mask: Mask, place: int = -1, depth: int = 0) -> None:
        """Read a file in the configurations of ``mask``.

        Raises :class:`BadInput` when includes nest deeper than :data:`MAX_INCLUDE_DEPTH`.
        """
        table = self._table
        if skeleton.guard is not None:
            for where, _ in table.now(skeleton.guard):
                mask &= ~where
        mask &= ~self._once.get(skeleton, 0)
        if not mask:
            return
        if len(self.inclusions) >= MAX_INCLUSIONS:
            message = f"more than {MAX_INCLUSIONS} files are included in one unit"
            raise BadInput(message, skeleton.file)
        opener, opened_at = self._open
        inclusion = Inclusion(skeleton, mask, table.time, opener, opened_at)
        self.inclusions.append(inclusion)
        visits = inclusion.visits
        rows = self._memo.rows(skeleton)
        file = skeleton.file
        directory = posixpath.dirname(file)
        groups: list[tuple[Mask, Mask]] = []
        items = skeleton.items
        index = 0
        while index < len(items):
            op, line, value, link = items[index]
            index += 1
            if op is _IF:
                assert isinstance(value, Test)
                holds = self._conditions.where(value, mask, (file, line))
                groups.append((mask, mask & ~holds))
                mask = holds
                if not mask:
                    index = link
            elif op is _ENDIF:
                mask = groups.pop()[0]
            elif op is _TEXT:
                visits.append(Visit(index - 1, mask, table.time))
            elif op is _DEFINE:
                row = rows[index - 1]
                if not table.define_new(row.names, row.under(mask)):
                    for macro in row.macros:
                        table.define(macro, mask)
                index = row.end
            elif op is _INCLUDE:
                assert isinstance(value, Include)
                before, self._open = self._open, (inclusion, line)
                self._include(value, mask, (file, line), directory, place, depth)
                self._open = before
            elif op is _ELSE:
                outer, mask = groups[-1]
                groups[-1] = (outer, 0)
                if not mask:
                    index = link
            elif op is _ELIF:
                assert isinstance(value, Test)
                outer, rest = groups[-1]
                mask = self._conditions.where(value, rest, (file, line)) if rest else 0
                groups[-1] = (outer, rest & ~mask)
                if not mask:
                    index = link
            elif op is _UNDEF:
                assert isinstance(value, str)
                table.undefine(value, mask)
            else:
                self._aside(inclusion, index - 1, mask)

    def _aside(self, inclusion: Inclusion, index: int, mask: Mask) -> None:
        """An item that defines and includes nothing."""
        skeleton = inclusion.skeleton
        op, line, value, _ = skeleton.items[index]
        if op is Op.PRAGMA:
            if value == "once":
                self._once[skeleton] = self._once.get(skeleton, 0) | mask
            elif isinstance(value, str) and value.startswith("pack"):
                inclusion.packs.append((index, mask, value))
        elif op is Op.MALFORMED:
            self._diagnostics.warning("bad-directive", str(value), Location(skeleton.file, line))
        elif op is Op.ERROR:
            place = Location(skeleton.file, line)
            self._diagnostics.note("error-directive", f"#error {value}", place)

    def _include(
        self, what: Include, mask: Mask, at: At, directory: str, place: int, depth: int
    ) -> None:
        if depth >= MAX_INCLUDE_DEPTH:
            raise BadInput(f"#include nested depth exceeds {MAX_INCLUDE_DEPTH}", *at)
        for where, name, system in self._names(what, mask, at):
            beside = None if system or what.next else directory
            rest = where
            for found in self._search.resolve(name, beside, place if what.next else -1):
                here = rest & found.mask
                if here:
                    rest &= ~here
                    self.walk(found.skeleton, here, found.place, depth + 1)
            if rest:
                after = place if what.next else -1
                self._report_absent(name, self._search.leads_out(name, beside, after), at)

    def _report_absent(self, name: str, leads_out: bool, at: At) -> None:
        if name.startswith("/") or posixpath.normpath(name).startswith(".."):
            text = f"{name} leads out of the tree, or is not in it: not read"
        elif leads_out:
            text = f"{name} {REFUSED}"
        else:
            text = f"{name} was not found"
        self._diagnostics.warning("include-not-found", text, Location(*at))

    def _names(self, what: Include, mask: Mask, at: At) -> Sequence[tuple[Mask, str, bool]]:
        """The header names of an include, one per group when it is a macro (C17 6.10.2)."""
        if what.tokens is None:
            return ((mask, what.name, what.system),)
        names: list[tuple[Mask, str, bool]] = []
        while mask:
            group = Group(self._table, self._table.time, mask)
            text = spell(Expander(group.lookup).expand(what.tokens))
            mask &= ~group.mask
            if len(text) > 2 and text[0] == "<" and text[-1] == ">":
                names.append((group.mask, text[1:-1].replace(" ", ""), True))
            elif len(text) > 2 and text[0] == '"' and text[-1] == '"':
                names.append((group.mask, text[1:-1], False))
            else:
                remark = f"#include {text}: no header name"
                self._diagnostics.warning("bad-include", remark, Location(*at))
        return names

    def _query(self, name: str, tokens: Sequence[Token]) -> int:
        """What the compiler's profile answers."""
        return int(self._profile.answers(name, spell(list(tokens))))

    def _header(self, tokens: Sequence[Token], file: str) -> Mask:
        """Where a header name leads to a file."""
        text = spell(list(tokens))
        beside = None if text.startswith("<") else posixpath.dirname(file)
        found = 0
        for resolved in self._search.resolve(text[1:-1].replace(" ", ""), beside, -1):
            found |= resolved.mask
        return found

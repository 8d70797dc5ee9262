"""Which functions may lead to one, by the texts alone: where a search for callers looks.

A function that mentions the name may call it; so may one that uses a macro that mentions
it, over any number of macros; and where it is stored in a member, one that reads a member
of that name. Whether they really do is decided elsewhere, by evaluating them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.callgraph.entries import EntryMacros
from analyzer.callgraph.mentions import Mention, MentionKind, Mentions
from analyzer.callgraph.program import FunctionRef
from analyzer.callgraph.slots import MAX_WRITERS
from analyzer.kbuild.objects import ObjectFile

_SOURCE = ".c"
_HEADER = ".h"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function that may lead to the one asked about.

    ``item`` is the object compiled from ``file``; None for a header. With ``made``, a use of
    a macro at ``line`` makes the function, and ``name`` is only that macro.
    """

    file: str
    item: ObjectFile | None
    name: str
    made: bool
    line: int = 0
    """0 where the name is enough."""


@dataclass(frozen=True, slots=True)
class Textual:
    """``candidates`` in a fixed order; ``direct`` are the mentions of the name itself;
    ``members`` those that it is stored in, ``wide`` the ones of them that too many sources
    write for calls through them to be followed."""

    candidates: tuple[Candidate, ...]
    direct: tuple[Mention, ...]
    members: frozenset[str]
    wide: frozenset[str]
    units: frozenset[str] | None
    """The only objects in which the name means this function; None: any."""


def textual(mentions: Mentions, target: FunctionRef, rules: EntryMacros) -> Textual:
    """What the texts say about who may lead to ``target``."""
    assert target.location is not None
    own = target.location.file
    units: frozenset[str] | None = None
    sources: tuple[str, ...] | None = None
    if target.static and own.endswith(_SOURCE):
        items = (*mentions.objects_of(own), *mentions.reading(own))
        units = frozenset(item.path for item in items)
        sources = tuple(sorted({item.source for item in items}))
    elif target.unit and own.endswith(_HEADER):
        units = frozenset((target.unit,))
    direct = [
        mention
        for mention in mentions.of(target.name, sources)
        if _may_mean(mentions, mention, target.name, own, units)
    ]
    found: dict[Candidate, None] = {}
    if mentions.maker_at(own, target.location.line)[0]:
        # What one use of a macro makes may call one another under names it pastes.
        for item in mentions.objects_of(own) or (None,):
            found[Candidate(own, item, target.name, True, target.location.line)] = None
    members: dict[str, None] = {}
    seen = {target.name}
    waiting: list[tuple[str, Sequence[Mention], frozenset[str] | None]] = []
    waiting.append((target.name, direct, units))
    while waiting:
        name, listed, within = waiting.pop(0)
        for mention in listed:
            if mention.member and mention.kind is not MentionKind.MACRO:
                members.setdefault(mention.member[-1])
            found.update(dict.fromkeys(_candidates(mention, rules, name)))
            if mention.kind is MentionKind.MACRO and mention.owner not in seen:
                seen.add(mention.owner)
                here = within
                if mention.item is not None:
                    here = frozenset((mention.item.path,))
                more = [m for m in mentions.of(mention.owner, sources) if _inside(m, here)]
                waiting.append((mention.owner, more, here))
    wide = frozenset(member for member in members if mentions.writers(member) > MAX_WRITERS)
    for member in members:
        if member in wide:
            continue
        for mention in mentions.calls_through(member):
            found.update(dict.fromkeys(_candidates(mention, rules, member)))
            if mention.kind is MentionKind.MACRO and mention.owner not in seen:
                seen.add(mention.owner)
                for use in mentions.of(mention.owner):
                    found.update(dict.fromkeys(_candidates(use, rules, mention.owner)))
    return Textual(tuple(found), tuple(direct), frozenset(members) - wide, wide, units)


def _may_mean(
    mentions: Mentions, mention: Mention, name: str, own: str, units: frozenset[str] | None
) -> bool:
    """Whether a name can mean the function: not where the file has a static one."""
    if units is not None:
        return _inside(mention, units)
    return mention.file == own or mention.item is None or not mentions.hides(mention.file, name)


def _inside(mention: Mention, units: frozenset[str] | None) -> bool:
    return units is None or mention.item is None or mention.item.path in units


def _candidates(mention: Mention, rules: EntryMacros, name: str) -> Iterator[Candidate]:
    """The functions that a mention of ``name`` stands in, or that it makes."""
    kind = mention.kind
    if kind is MentionKind.FUNCTION:
        if mention.maker:
            yield Candidate(mention.file, mention.item, mention.owner, True, mention.line)
        else:
            yield Candidate(mention.file, mention.item, mention.owner, False)
    elif kind is MentionKind.USE and not mention.file.endswith(".S"):
        if mention.owner == name or rules.rule(mention.owner) is None:
            yield Candidate(mention.file, mention.item, mention.owner, True, mention.line)
    elif kind is MentionKind.ASSEMBLY and mention.file.endswith(_SOURCE) and mention.owner:
        yield Candidate(mention.file, mention.item, mention.owner, False)

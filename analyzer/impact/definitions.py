"""What a file defines, in which configurations, and how that differs between two trees.

A definition is compared by its tokens as they are written, with what conditionals leave of it
in a configuration: comments and white space do not count, and neither does a macro that is
changed elsewhere (that is a change of the macro). What a macro at file scope makes is called by
the use: ``EXPORT_SYMBOL(f)``; a function that it makes, by the name of the one with the body.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.configset.configset import Mask
from analyzer.csource.places import variants
from analyzer.impact.result import FunctionChange
from analyzer.impact.side import Reading, Side
from analyzer.location import Location
from analyzer.preprocessor.directive import Include, Op, Test
from analyzer.preprocessor.macro import Macro
from analyzer.preprocessor.outline import RawDeclaration, make_outline
from analyzer.preprocessor.skeleton import Item, Skeleton
from analyzer.preprocessor.token import scan

_ARGUMENT = re.compile(r"[^,()]*")


class Sort(enum.Enum):
    """What is defined."""

    FUNCTION = "function"
    MACRO = "macro"
    OTHER = "other"
    """An object, a type, a prototype, a macro used at file scope: no function."""


Key = tuple[Sort, str]
"""A name in one of the name spaces."""


_HEAD = frozenset({"static", "extern", "inline", "__always_inline", "noinline", "asmlinkage"})
"""What may stand before a macro use at file scope without making it a function's head."""


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a definition and where it holds; ``mask`` 0: in no configuration at hand."""

    text: str
    mask: Mask
    line: int


Definitions = Mapping[Key, tuple[Version, ...]]


def definitions(side: Side, file: str) -> Definitions:
    """Everything that ``file`` defines; what is compiled nowhere is there with mask 0."""
    found: dict[Key, list[Version]] = {}
    readings = side.readings(file)
    if not readings:
        skeleton = side.session.skeleton(file)
        if skeleton is None:
            return {}
        readings = (Reading(skeleton, (0,) * len(skeleton.items)),)
    for reading in readings:
        for key, version in _defined(reading):
            if key[0] is Sort.FUNCTION and key[1].endswith(")"):
                made = reading.made(version.line)
                key = (Sort.FUNCTION, made[-1] if made else key[1])
            _add(found.setdefault(key, []), version)
    return {key: tuple(versions) for key, versions in found.items()}


def _add(versions: list[Version], new: Version) -> None:
    for number, known in enumerate(versions):
        if known.text == new.text:
            versions[number] = Version(known.text, known.mask | new.mask, known.line)
            return
    versions.append(new)


def _defined(reading: Reading) -> Iterator[tuple[Key, Version]]:
    skeleton, active = reading.skeleton, reading.active
    for number, item in enumerate(skeleton.items):
        if item.op is Op.DEFINE and isinstance(item.value, Macro):
            text = macro_text(item.value)
            yield (Sort.MACRO, item.value.name), Version(text, active[number], item.line)
    for raw in make_outline(skeleton).declarations:
        for version in _versions(reading, raw):
            for key in _keys(skeleton, raw, version.text):
                yield key, version


def _keys(skeleton: Skeleton, raw: RawDeclaration, text: str) -> Iterator[Key]:
    names = [name for name in raw.names if name in raw.uses]
    if names and "=" in text.partition(f"{names[0]} (")[0].split():
        yield Sort.OTHER, raw.names[0]  # what is called is in the initialiser
    elif names:
        name = _use(names[0], text) or names[0]
        body = not raw.is_typedef and _has_body(skeleton, raw)
        yield Sort.FUNCTION if body else Sort.OTHER, name
    else:
        every = (*raw.names, *raw.tags, *raw.uses, *raw.enumerators)
        yield from ((Sort.OTHER, name) for name in every[:1])


def _use(name: str, text: str) -> str | None:
    """``NAME(first argument)`` if a declaration, token by token, is a use of macro ``name``:
    no type stands before it."""
    before, found, after = text.partition(f"{name} (")
    if not found or not _HEAD.issuperset(before.split()):
        return None
    argument = _ARGUMENT.match(after)
    return f"{name}({'' if argument is None else argument[0].strip()})"


def _has_body(skeleton: Skeleton, raw: RawDeclaration) -> bool:
    last = skeleton.items[raw.last].value
    return isinstance(last, str) and last[: raw.end].rstrip().endswith("}")


def _versions(reading: Reading, raw: RawDeclaration) -> Iterator[Version]:
    numbers = [
        number
        for number in range(raw.first, raw.last + 1)
        if reading.skeleton.items[number].op is Op.TEXT
    ]
    masks = [reading.active[number] for number in numbers]
    parts = [_part(reading.skeleton.items[number], number, raw) for number in numbers]
    active = variants(masks)
    if not active:
        yield Version(_normal(" ".join(parts)), 0, raw.line)
    for mask, chosen in active:
        yield Version(_normal(" ".join(parts[index] for index in chosen)), mask, raw.line)


def _part(item: Item, number: int, raw: RawDeclaration) -> str:
    assert isinstance(item.value, str)
    start = raw.start if number == raw.first else 0
    return item.value[start : raw.end if number == raw.last else None]


def _normal(text: str) -> str:
    return " ".join(token[0] for token in scan(text))


def macro_text(macro: Macro) -> str:
    """A macro's parameters and tokens."""
    parameters = "" if macro.parameters is None else f"({', '.join(macro.parameters)})"
    return f"{parameters} {_normal(macro.body)}"


def essence(skeleton: Skeleton | None) -> tuple[str, ...]:
    """A file without comments and white space: equal for files that mean the same."""
    if skeleton is None:
        return ()
    return tuple(_essence(item) for item in skeleton.items)


def _essence(item: Item) -> str:
    value = item.value
    if isinstance(value, Macro):
        return f"{item.op.name} {value.name}{macro_text(value)}"
    if isinstance(value, Test):
        return f"{item.op.name} {_normal(value.text)}"
    if isinstance(value, Include):
        return f"{item.op.name} {value}"
    return f"{item.op.name} {_normal(value or '')}"


@dataclass(frozen=True, slots=True)
class Changed:
    """A change, and the identifiers in the definition before and after."""

    change: FunctionChange
    words: frozenset[str]


def changes(
    before: Definitions, after: Definitions, old: str | None, new: str | None
) -> tuple[Sequence[Changed], Sequence[FunctionChange]]:
    """How the functions and macros of a file differ, in the order of the file after, and how
    everything else does; ``old`` and ``new`` are its paths."""
    found: list[Changed] = []
    others: list[FunctionChange] = []
    for key in dict.fromkeys((*after, *before)):
        one, two = before.get(key, ()), after.get(key, ())
        if {(v.text, v.mask) for v in one} == {(v.text, v.mask) for v in two}:
            continue
        change = _change(key, one, two, old, new)
        if change is not None and key[0] is Sort.OTHER:
            others.append(change)
        elif change is not None:
            words = (word for version in (*one, *two) for word in version.text.split())
            found.append(Changed(change, frozenset(filter(str.isidentifier, words))))
    return found, others


def _change(
    key: Key, one: Sequence[Version], two: Sequence[Version], old: str | None, new: str | None
) -> FunctionChange | None:
    changed = 0
    here = there = 0
    for first in one:
        here |= first.mask
        for second in two:
            if first.text != second.text:
                changed |= first.mask & second.mask
    for second in two:
        there |= second.mask
    texts_before, texts_after = {v.text for v in one}, {v.text for v in two}
    if not changed and here == there and texts_before == texts_after:
        return None
    before, after = _telling(one, texts_after), _telling(two, texts_before)
    return FunctionChange(
        name=key[1],
        macro=key[0] is Sort.MACRO,
        before=None if before is None or old is None else Location(old, before.line),
        after=None if after is None or new is None else Location(new, after.line),
        changed=changed,
        added=there & ~here,
        removed=here & ~there,
    )


def _telling(versions: Sequence[Version], others: set[str]) -> Version | None:
    """The version to point at: the first that ``others`` lack, one that is compiled if any is."""
    ordered = sorted(versions, key=lambda one: (one.text in others, not one.mask))
    return ordered[0] if ordered else None

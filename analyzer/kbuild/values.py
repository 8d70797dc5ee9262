"""Text that differs between configurations, and its words.

A :data:`Value` is what a make expression expands to, over all configurations at once.
It is a plain ``str`` where the text is the same everywhere, else a tuple of
**fragments** ``(mask, text)``: in one configuration the text is the concatenation of
the fragments whose mask has its bit. ``obj-$(CONFIG_A) += a.o`` repeated for a
thousand symbols is then a thousand fragments, not two to the power of a thousand texts.

Every operation takes a context mask ``within``: the configurations that matter.
Nothing is said about the others. A **word** list is ``[(mask, word), …]`` in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.configset.configset import Mask
from analyzer.errors import BadInput

Fragment = tuple[Mask, str]
Value = str | tuple[Fragment, ...]
Words = list[tuple[Mask, str]]

MAX_VARIANTS = 1 << 16
"""More distinct texts of one expression than this are refused, not enumerated."""

MAX_TEXT = 16 << 20
"""Characters that one expression may expand to, in all configurations together."""


def concat(parts: Sequence[tuple[Mask, Value]], within: Mask) -> Value:
    """The concatenation of ``parts``, each where its mask holds."""
    fragments: list[Fragment] = []
    uniform = True
    size = 0
    for mask, value in parts:
        mask &= within
        if not mask:
            continue
        if isinstance(value, str):
            if value:
                size += len(value)
                fragments.append((mask, value))
                uniform = uniform and mask == within
        else:
            for inner, text in value:
                inner &= mask
                if inner:
                    size += len(text)
                    fragments.append((inner, text))
                    uniform = uniform and inner == within
    if size > MAX_TEXT:
        raise BadInput(f"an expression of a makefile expands to more than {MAX_TEXT} characters")
    if uniform:
        return "".join([text for _, text in fragments])
    return tuple(_merged(fragments))


def _merged(fragments: Iterable[Fragment]) -> list[Fragment]:
    result: list[Fragment] = []
    for mask, text in fragments:
        if result and result[-1][0] == mask:
            result[-1] = (mask, result[-1][1] + text)
        else:
            result.append((mask, text))
    return result


def nonempty(value: Value, within: Mask) -> Mask:
    """Where ``value`` is not the empty string."""
    if isinstance(value, str):
        return within if value else 0
    result = 0
    for mask, text in value:
        if text:
            result |= mask
    return result & within


def variants(value: Value, within: Mask) -> list[Fragment]:
    """The distinct texts of ``value`` with disjoint masks that cover ``within``."""
    if isinstance(value, str):
        return [(within, value)] if within else []
    if not within:
        return []
    known: list[Fragment] = [(within, "")]
    for mask, text in value:
        mask &= within
        if not mask:
            continue
        split: dict[str, Mask] = {}
        for have, prefix in known:
            inside = have & mask
            if inside:
                longer = prefix + text
                split[longer] = split.get(longer, 0) | inside
            outside = have & ~mask
            if outside:
                split[prefix] = split.get(prefix, 0) | outside
        if len(split) > MAX_VARIANTS:
            raise BadInput(f"an expression of a makefile has over {MAX_VARIANTS} distinct texts")
        known = [(have, prefix) for prefix, have in split.items()]
    return known


def words(value: Value, within: Mask) -> Words:
    """The blank-separated words of ``value``, each with the mask where it stands.

    A word glued together from fragments of different masks comes out once per
    distinct spelling.
    """
    if isinstance(value, str):
        return [(within, word) for word in value.split()]
    result: Words = []
    pending: Words = []
    for mask, text in value:
        mask &= within
        if not mask or not text:
            continue
        tokens = text.split()
        if text[0].isspace():
            pending = _close(pending, mask, result)
        elif pending:
            head = tokens.pop(0)
            glued = _glue(pending, mask, head)
            pending = glued if not tokens else _close(glued, mask, result)
        if tokens:
            last = tokens.pop()
            result.extend([(mask, token) for token in tokens])
            pending.append((mask, last))
        if text[-1].isspace():
            pending = _close(pending, mask, result)
    result.extend(pending)
    return result


def _close(pending: Words, mask: Mask, result: Words) -> Words:
    """Words still open in ``mask`` end there; what stays open elsewhere is returned."""
    remaining: Words = []
    for have, word in pending:
        if have & mask:
            result.append((have & mask, word))
        if have & ~mask:
            remaining.append((have & ~mask, word))
    return remaining


def _glue(pending: Words, mask: Mask, head: str) -> Words:
    glued: Words = []
    fresh = mask
    for have, word in pending:
        if have & mask:
            glued.append((have & mask, word + head))
            fresh &= ~have
        if have & ~mask:
            glued.append((have & ~mask, word))
    if fresh:
        glued.append((fresh, head))
    return glued


def joined(items: Iterable[tuple[Mask, str]], within: Mask) -> Value:
    """The words of ``items`` with single blanks between those present together."""
    listed = [(mask & within, word) for mask, word in items if mask & within]
    if all(mask == within for mask, _ in listed):
        return " ".join([word for _, word in listed])
    fragments: list[Fragment] = []
    before = 0
    for mask, word in listed:
        if mask & before:
            fragments.append((mask & before, " " + word))
        if mask & ~before:
            fragments.append((mask & ~before, word))
        before |= mask
    return tuple(_merged(fragments))


def equal(left: Value, right: Value, within: Mask) -> Mask:
    """Where the two texts are identical."""
    if isinstance(left, str) and isinstance(right, str):
        return within if left == right else 0
    if left == "":
        return within & ~nonempty(right, within)
    if right == "":
        return within & ~nonempty(left, within)
    other = variants(right, within)
    result = 0
    for mask, text in variants(left, within):
        for where, candidate in other:
            if candidate == text:
                result |= mask & where
    return result


def selected(value: Value, within: Mask) -> Value:
    """``value`` seen only in ``within``: simpler where it is the same all over it."""
    if isinstance(value, str):
        return value
    return concat([(within, value)], within)
